/** `qkt daemon stop`: an orderly end, and the wait until the process is gone. */
import { toJson } from '../domain/json.ts';
import { QktError } from '../errors.ts';
import { clientOf } from './client.ts';
import { confirm } from './confirm.ts';
import { describeFleet } from './exposure.ts';
import type { CommonOptions } from './options.ts';
import { print } from './output.ts';
import { progressWhile } from './progress.ts';

export interface StopOptions extends CommonOptions {
  readonly timeout: number;
  readonly yes?: boolean;
}

const LOOK_EVERY_MS = 100;

/** @throws QktError QKT_E_TIMEOUT when it still runs after `timeout` seconds. */
export async function stopDaemon(options: StopOptions): Promise<void> {
  const client = clientOf(options);
  const { pid } = JSON.parse((await client.ask('/daemon/health')).text) as { pid: number };
  const agreed = await confirm(options.yes === true, async () => [
    'This stops the daemon and every strategy; open positions stay open.',
    ...(await describeFleet(client)),
  ]);
  if (!agreed) return;
  await client.command('POST', '/daemon/shutdown');
  await progressWhile('stopping the daemon', gone(pid, options.timeout));
  if (options.json === true) print(toJson({ pid, stopped: true }));
  else print(`daemon stopped: process ${pid} has ended`);
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
