/** What a strategy's process gets of the daemon's environment: what programs need to run, and no secrets. */

/** Native code finds its libraries and certificates by some of these. */
const PASSED: ReadonlySet<string> = new Set(
  (
    'PATH HOME USER LOGNAME SHELL LANG TZ TMPDIR TMP TEMP NODE_ENV ' +
    'LD_LIBRARY_PATH DYLD_LIBRARY_PATH NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR ' +
    'SystemRoot ComSpec PATHEXT APPDATA LOCALAPPDATA USERPROFILE'
  ).split(' '),
);

export function processEnvironment(daemon: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const passed = Object.entries(daemon).filter(([name]) => PASSED.has(name) || name.startsWith('LC_'));
  return Object.fromEntries(passed);
}
