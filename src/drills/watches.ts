/** The routes of a twin that are asked again and again while a drill lasts. */
import type { Clock } from '../clock.ts';
import type { Twin, TwinPorts } from './twin.ts';
import type { Drill } from './types.ts';
import { Watch, type WatchOptions } from './watch.ts';

export interface Watches {
  /** Of the target. */
  readonly health: Watch;
  readonly ready: Watch;
  /** `seen`: it is halted. */
  readonly status: Watch;
  /** The one that must tell of the fault; may be one of those above. */
  readonly surface: Watch;
  /** `seen`: the alert that tells of the fault fires. */
  readonly alerts: Watch;
  readonly neighbourHealth: Watch;
}

const OFTEN_MS = 5;
const AT_TIMES_MS = 20;

export function watchTwin(
  { surface, alert }: Drill,
  twin: Twin,
  { target, neighbour }: TwinPorts,
  clock: Clock,
): Watches {
  const ask = (port: number, path: string, everyMs: number, look?: WatchOptions['look']): Watch =>
    new Watch({
      clock,
      asker: twin.asker,
      question: { port, path, often: true },
      everyMs,
      ...(look !== undefined && { look }),
    });
  const health = ask(target, '/health', OFTEN_MS);
  const ready = ask(target, '/health/ready', OFTEN_MS);
  const surfaces = {
    health: () => health,
    ready: () => ready,
    daemon: () => ask(twin.controlPort, '/daemon/health', OFTEN_MS),
  };
  return {
    health,
    ready,
    status: ask(target, '/status', AT_TIMES_MS, isHalted),
    surface: surfaces[surface](),
    alerts: ask(twin.controlPort, '/daemon/alerts', AT_TIMES_MS, (text) => fires(text, alert)),
    neighbourHealth: ask(neighbour, '/health', AT_TIMES_MS),
  };
}

export function stopWatching(watches: Watches): void {
  for (const watch of Object.values(watches) as readonly Watch[]) watch.stop();
}

/** Of an answer of `/daemon/alerts`. */
function fires(text: string, id: string | undefined): boolean {
  const alerts = JSON.parse(text) as readonly { readonly id: string; readonly state: string }[];
  return alerts.some((alert) => alert.id === id && alert.state === 'firing');
}

/** Of an answer of `/status`. */
export const isHalted = (text: string): boolean =>
  (JSON.parse(text) as { readonly riskState: { readonly halted: boolean } }).riskState.halted;
