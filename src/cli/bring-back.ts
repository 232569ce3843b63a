/** What `start` and `restart` have in common. */
import { clientOf, strategyPath } from './client.ts';
import { outcomeOf } from './operation.ts';
import type { CommonOptions } from './options.ts';
import { print, printable, printExactly } from './output.ts';
import { progressWhile } from './progress.ts';

const PATIENCE_MS = 120_000;

/** Asks for the strategy to run again and says what came of it. */
export async function bringBack(verb: 'start' | 'restart', name: string, options: CommonOptions): Promise<void> {
  const { text } = await progressWhile(
    `${verb} of ${name}`,
    outcomeOf(clientOf(options), strategyPath(name, verb), { deadlineMs: PATIENCE_MS }),
  );
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const { state, port } = JSON.parse(text) as { state: string; port: number };
  print(`${name} is ${printable(state)} on port ${port}`);
}
