/** Asks before something destructive is done, when there is a person to ask. */
import { createInterface } from 'node:readline/promises';
import { REFUSED } from './exit.ts';
import { note } from './output.ts';

/**
 * Says what is about to happen and waits for a yes. Programs (no terminal) and `--yes` are not asked.
 * @returns false when the answer is anything but yes; the exit code then says that it was refused.
 */
export async function confirm(yes: boolean, describe: () => Promise<readonly string[]>): Promise<boolean> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  for (const line of await describe()) note(line);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question('Go on? [y/N] ');
    if (/^y(es)?$/i.test(answer.trim())) return true;
  } finally {
    terminal.close();
  }
  note('Nothing was done.');
  process.exitCode = REFUSED;
  return false;
}
