/**
 * What is told of a gateway, to the daemon's stream and to every strategy on it: that it was lost,
 * that it answers again, and what it takes from then on. Each once, however often it is tried.
 */
import type { GatewayEvent as GatewayNotice } from '../domain/events.ts';
import type { GatewayState } from './gateway.ts';

/** States in which the venue is followed. */
const USABLE: ReadonlySet<GatewayState> = new Set(['ready', 'degraded', 'killed']);

export class GatewayNotices {
  readonly #gateway: string;
  /** What was told last. */
  #told: GatewayState = 'offline';

  constructor(gateway: string) {
    this.#gateway = gateway;
  }

  /** What there is to tell of a state that has been entered; `cause` and `link` are those of the trouble, if any. */
  entered(to: GatewayState, cause: string | null, link: string | null): GatewayNotice | undefined {
    const from = this.#told;
    if (!isNews(from, to)) return undefined;
    this.#told = to;
    return {
      type: 'gateway',
      gateway: this.#gateway,
      from,
      to,
      cause: wordsOf(from, to) ?? cause ?? '',
      ...(link !== null && to !== 'ready' && { link }),
    };
  }
}

/** A return is told once in an outage: one that fails on its way back is the same outage still. */
function isNews(from: GatewayState, to: GatewayState): boolean {
  if (USABLE.has(to)) return to !== from;
  if (to === 'down') return from !== 'down' && from !== 'reconciling';
  return to === 'reconciling' && from === 'down';
}

function wordsOf(from: GatewayState, to: GatewayState): string | undefined {
  if (to === 'reconciling') return 'it answers again; book and venue are being compared';
  if (to !== 'ready') return undefined;
  return from === 'degraded' ? 'it is in order again' : 'book and venue have been compared';
}
