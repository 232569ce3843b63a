/** What one of our own throws says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A throw of ours as the reason of what it has kept from being known. */
export const faultWords = (error: unknown): string => `fault: ${messageOf(error)}`;
