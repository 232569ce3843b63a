/** How long to wait before something is asked again that was not done, by how often that has happened. */
const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

export const retryPause = (failed: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** (failed - 1));
