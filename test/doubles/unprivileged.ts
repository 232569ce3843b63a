/** What a user without privileges finds, also where the tests are run by root. */

/** Any user that is not root: 65534 is nobody's on every Linux. */
const NOBODY = 65_534;

/** Runs as root may not: with the file permissions of somebody else. Root again afterwards. */
export async function unprivileged<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return run();
  process.seteuid!(NOBODY);
  try {
    return await run();
  } finally {
    process.seteuid!(0);
  }
}
