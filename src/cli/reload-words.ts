/** What a reload of the configuration came to, in words. */
import type { ReloadResult } from '../domain/ports.ts';

/** One line for each kind of change; one that says so when there is none. */
export function tellReload(result: ReloadResult, say: (line: string) => void): void {
  const { file, applied, atNextDeploy, needsRestart } = result;
  const from = file === undefined ? 'the configuration' : file;
  if (applied.length + atNextDeploy.length + needsRestart.length === 0)
    say(`${from} is as it was; the logs are open anew`);
  if (applied.length > 0) say(`in force now: ${applied.join(', ')}`);
  if (atNextDeploy.length > 0) say(`in force when deployed anew: ${atNextDeploy.join(', ')}`);
  if (needsRestart.length > 0) say(`in force after a restart of the daemon: ${needsRestart.join(', ')}`);
}
