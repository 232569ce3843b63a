/** Where a state directory's daemon listens, and whether what answers there is that daemon. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QktError } from '../errors.ts';
import { send, textOf } from './http-call.ts';

/** How long what answers on a port may take to say who it is. */
const PROBE_MS = 5000;

/** Connection options of node:http. */
export type Endpoint = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/**
 * The unix socket when there is one, else the TCP port of `control.port`; undefined when the state
 * directory names neither. A damaged `control.port` reads as absent.
 */
export function endpointOf(stateDir: string): Endpoint | undefined {
  const socketPath = join(stateDir, 'control.sock');
  if (existsSync(socketPath)) return { socketPath };
  const port = readPort(stateDir);
  return port === undefined ? undefined : { host: '127.0.0.1', port };
}

/** The port in `<state>/control.port`; undefined when there is none or the content is no port. */
export function readPort(stateDir: string): number | undefined {
  const text = readShort(join(stateDir, 'control.port'));
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function readShort(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/**
 * Whether this state directory's own daemon answers at `endpoint`. The socket lies inside the
 * directory; a port that a crash left behind may be another program's by now, or another daemon's.
 */
export async function isOurDaemon(endpoint: Endpoint, stateDir: string): Promise<boolean> {
  if ('socketPath' in endpoint) return true;
  const holder = lockHolder(stateDir);
  if (holder === undefined) return false;
  try {
    const message = await send({ ...endpoint, path: '/daemon/health', timeout: PROBE_MS });
    const { pid } = JSON.parse(await textOf(message)) as { pid?: unknown };
    return pid === holder;
  } catch (error) {
    if (error instanceof QktError && error.code === 'QKT_E_TIMEOUT') throw error;
    return false;
  }
}

/** What to say when nothing leads to a daemon: one may run all the same, and a second cannot be started then. */
export async function noDaemon(stateDir: string): Promise<QktError> {
  const { runningHolder } = await import('../maintenance.ts');
  const pid = runningHolder(stateDir);
  if (pid === undefined) return new QktError('QKT_E_NO_DAEMON', `no daemon runs on the state directory ${stateDir}`);
  const hint = `Unless it is just starting: look with qkt doctor; kill -TERM ${pid} ends it in order, then qkt daemon start.`;
  return new QktError(
    'QKT_E_NO_DAEMON',
    `process ${pid} holds the state directory ${stateDir}, but no control.sock or control.port there leads to it`,
    { members: { hint } },
  );
}

/** The process that has the directory's lock, whether it still runs or not. */
export function lockHolder(stateDir: string): number | undefined {
  try {
    const { pid } = JSON.parse(readShort(join(stateDir, 'daemon.lock'))) as { pid?: unknown };
    return typeof pid === 'number' ? pid : undefined;
  } catch {
    return undefined;
  }
}
