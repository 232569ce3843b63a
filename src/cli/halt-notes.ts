/** Beside a table of strategies: why those that are halted are. */
import type { StatusView, StrategyRow } from '../domain/status-views.ts';
import { strategyPath, type DaemonClient } from './client.ts';
import { parseExact, type Exact } from './exact-json.ts';
import { DaemonRefusal } from './exit.ts';
import { BLOCKED, causeText } from './halt-words.ts';
import { note, printable } from './output.ts';

/** A line per cause on stderr: stdout is the table alone. */
export async function noteHalts(client: DaemonClient, rows: readonly Exact<StrategyRow>[]): Promise<void> {
  const halted = rows.filter((row) => row.halted);
  for (const { name } of halted) {
    for (const text of await causesOf(client, name)) note(printable(`${name} is halted: ${text}`));
  }
  if (halted.length === 0) return;
  note(`Blocked while halted: ${BLOCKED}.`);
  const name = halted.length === 1 ? halted[0]!.name : '<name>';
  note(
    `qkt status ${name} tells more; qkt resume ${name} --reason "…" lifts a halt, qkt resume --all one of the book.`,
  );
}

async function causesOf(client: DaemonClient, name: string): Promise<readonly string[]> {
  try {
    const { riskState } = parseExact<StatusView>((await client.get(strategyPath(name, 'status'))).text);
    return riskState.causes.map((cause) => causeText(cause, Date.now()));
  } catch (error) {
    // Removed since the table was made.
    if (error instanceof DaemonRefusal) return [];
    throw error;
  }
}
