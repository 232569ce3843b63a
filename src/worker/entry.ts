/** Where the built files lie that a thread or an author's file loads. */

/** Tests run from `src`; threads and authors' files need compiled JavaScript, which is in `dist` then. */
const BUILT = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/worker/', import.meta.url)
  : new URL('./', import.meta.url);

/** Entry of a strategy's thread. */
export const guestUrl = (): URL => new URL('guest.js', BUILT);

/** Entry of a strategy's process. */
export const guestProcessUrl = (): URL => new URL('guest-process.js', BUILT);

/** Runs beside the author's code in such a process. */
export const processWatchdogUrl = (): URL => new URL('process-watchdog.js', BUILT);

/** What `'qkt'` means in a strategy file. */
export const apiUrl = (): URL => new URL('api.js', BUILT);
