/** Who holds a control port that is taken: another daemon says so itself. */
import type { Config } from '../config/types.ts';
import { QktError } from '../errors.ts';
import { send, textOf } from './http-call.ts';

const PATIENCE_MS = 1000;

/** The same error, naming the daemon that holds the port; any other error as it is. */
export async function namingHolder(error: unknown, { bind, controlPort }: Config['http']): Promise<unknown> {
  if (!(error instanceof QktError) || error.code !== 'QKT_E_PORT_BUSY') return error;
  const pid = await daemonAt(bind === '0.0.0.0' || bind === '::' ? 'localhost' : bind, controlPort);
  if (pid === undefined) return error;
  const hint = 'Stop it with qkt daemon stop and its --state-dir, or choose another port with --control-port.';
  return new QktError(error.code, `a qkt daemon, process ${pid}, holds the control port ${controlPort}`, {
    members: { hint },
    cause: error,
  });
}

/** @returns its process; undefined when what answers there, if anything, is no daemon */
async function daemonAt(host: string, port: number): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const health: unknown = JSON.parse(await textOf(await send({ host, port, path: '/daemon/health', signal })));
    const { pid, leases } = health as { readonly pid?: unknown; readonly leases?: unknown };
    return typeof pid === 'number' && Array.isArray(leases) ? pid : undefined;
  } catch {
    return undefined;
  }
}
