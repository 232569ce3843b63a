/** `qkt daemon stop`: an orderly end, and the wait until the process is gone. */
import type { StrategyRow } from '../domain/views.ts';
import { toJson } from '../domain/json.ts';
import { QktError } from '../errors.ts';
import { clientOf, type DaemonClient } from './client.ts';
import { confirm } from './confirm.ts';
import { parseExact } from './exact-json.ts';
import type { CommonOptions } from './options.ts';
import { print, printable } from './output.ts';
import { progressWhile } from './progress.ts';
import { orUnknown } from './words.ts';

export interface StopOptions extends CommonOptions {
  readonly timeout: number;
  readonly yes?: boolean;
}

const LOOK_EVERY_MS = 100;

/** @throws QktError QKT_E_TIMEOUT when it still runs after `timeout` seconds. */
export async function stopDaemon(options: StopOptions): Promise<void> {
  const client = clientOf(options);
  const { pid } = JSON.parse((await client.ask('/daemon/health')).text) as { pid: number };
  if (!(await confirm(options.yes === true, () => describe(client)))) return;
  await client.command('POST', '/daemon/shutdown');
  await progressWhile('stopping the daemon', gone(pid, options.timeout));
  if (options.json === true) print(toJson({ pid, stopped: true }));
  else print(`daemon stopped: process ${pid} has ended`);
}

async function describe(client: DaemonClient): Promise<readonly string[]> {
  const rows = parseExact<StrategyRow[]>((await client.get('/daemon/list')).text);
  return [
    'This stops the daemon and every strategy; open positions stay open.',
    ...rows.map(
      (row) =>
        `  ${printable(row.name)} is ${row.state}, equity ${orUnknown(row.equity)}, unrealized ${orUnknown(row.unrealized)}`,
    ),
  ];
}

async function gone(pid: number, timeoutSeconds: number): Promise<void> {
  const end = Date.now() + timeoutSeconds * 1000;
  while (runs(pid)) {
    if (Date.now() > end) throw new QktError('QKT_E_TIMEOUT', `process ${pid} still runs after ${timeoutSeconds} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
