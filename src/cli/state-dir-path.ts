/** Which state directory a verb means. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `--state-dir`, else $QKT_STATE_DIR, else $XDG_STATE_HOME/qkt, else ~/.local/state/qkt; absolute. */
export function stateDirPath(flag: string | undefined, env: NodeJS.ProcessEnv, cwd: string): string {
  const named = flag ?? nonEmpty(env['QKT_STATE_DIR']);
  if (named !== undefined) return resolve(cwd, named);
  const stateHome = nonEmpty(env['XDG_STATE_HOME']) ?? join(nonEmpty(env['HOME']) ?? homedir(), '.local', 'state');
  return join(stateHome, 'qkt');
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
