/** `qkt daemon stop`: an orderly end, the wait until the process is gone, and how it ended. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dec } from '../domain/decimal.ts';
import { toJson } from '../domain/json.ts';
import type { LeftOpen } from '../domain/left-open.ts';
import { parseRunRecord, RUN_FILE, type EndRecord, type RunRecord } from '../domain/last-run.ts';
import { QktError } from '../errors.ts';
import { clientOf, type DaemonClient } from './client.ts';
import { confirm } from './confirm.ts';
import { lockHolder } from './endpoint.ts';
import { parseExact, type Exact } from './exact-json.ts';
import { describeFleet } from './exposure.ts';
import { DONE, REFUSED } from './exit.ts';
import type { CommonOptions } from './options.ts';
import { note, print, printable } from './output.ts';
import { progressWhile } from './progress.ts';
import { leftOpenLines } from './stop-words.ts';

export interface StopOptions extends CommonOptions {
  readonly timeout: number;
  readonly yes?: boolean;
}

const LOOK_EVERY_MS = 100;

/** @throws QktError QKT_E_TIMEOUT when it still runs after `timeout` seconds, with what may be done then. */
export async function stopDaemon(options: StopOptions): Promise<void> {
  const client = clientOf(options);
  const pid = await pidOf(client);
  const agreed = await confirm(options.yes === true, async () => [
    'This stops the daemon and every strategy; open positions stay open.',
    ...(await describeFleet(client)),
  ]);
  if (!agreed) return;
  const { text } = await client.command('POST', '/daemon/shutdown');
  const { positions: before = [] } = parseExact<{ readonly positions?: readonly LeftOpen[] }>(text);
  await progressWhile('stopping the daemon', gone(pid, options.timeout));
  const end = endOf(client.stateDir, pid);
  // One that ended otherwise has said it only as its end began.
  tell(pid, end, end?.positions ?? before, options);
}

async function pidOf(client: DaemonClient): Promise<number> {
  try {
    return (JSON.parse((await client.ask('/daemon/health')).text) as { pid: number }).pid;
  } catch (error) {
    const pid = lockHolder(client.stateDir);
    if (pid === undefined || !runs(pid)) throw error;
    throw new QktError('QKT_E_TIMEOUT', `process ${pid} does not answer; ${escalation(pid)}`, { cause: error });
  }
}

async function gone(pid: number, timeoutSeconds: number): Promise<void> {
  const end = Date.now() + timeoutSeconds * 1000;
  while (runs(pid)) {
    if (Date.now() > end)
      throw new QktError('QKT_E_TIMEOUT', `process ${pid} still runs after ${timeoutSeconds} s; ${escalation(pid)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const escalation = (pid: number): string =>
  `kill -TERM ${pid} asks it once more, kill -KILL ${pid} ends it at once: the next start recovers from the journal`;

interface End extends RunRecord {
  readonly positions?: Exact<readonly LeftOpen[]>;
}

/** What that very process said of its end; undefined when it said nothing. */
function endOf(stateDir: string, pid: number): End | undefined {
  try {
    const text = readFileSync(join(stateDir, RUN_FILE), 'utf8');
    const record = parseRunRecord(text);
    if (record?.pid !== pid || record.ended === null) return undefined;
    const { positions } = parseExact<EndRecord>(text);
    return { ...record, ...(Array.isArray(positions) && { positions }) };
  } catch {
    return undefined;
  }
}

/** An end that was not in order is said to be none. */
function tell(pid: number, end: End | undefined, positions: Exact<readonly LeftOpen[]>, { json }: StopOptions): void {
  const notInOrder = end === undefined ? 'it did not say how' : end.detail;
  process.exitCode = notInOrder === undefined ? DONE : REFUSED;
  if (json === true)
    print(
      toJson({
        pid,
        stopped: true,
        inOrder: notInOrder === undefined,
        positions: positions.map(inFigures),
        ...detailOf(notInOrder),
      }),
    );
  else for (const line of [`daemon stopped: process ${pid} has ended`, ...leftOpenLines(positions)]) print(line);
  if (notInOrder !== undefined) note(`not in order: ${printable(notInOrder)}`);
}

const inFigures = ({ qty, stopLoss, ...position }: Exact<LeftOpen>) => ({
  ...position,
  qty: dec(qty),
  stopLoss: stopLoss === null ? null : dec(stopLoss),
});

const detailOf = (detail: string | undefined) => (detail === undefined ? {} : { detail });

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
