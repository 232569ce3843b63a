/** What goes wrong in a session: faults of the gateway, and what other people do at the broker. */
import type { Prng } from '../../../src/domain/prng.ts';
import { dec, Decimal } from '../../../src/domain/decimal.ts';
import type { Mt5Simulator } from '../../../src/mt5-sim/simulator.ts';
import type { FaultRequest } from '../../../src/venues/mt5-sim/fault-board.ts';
import type { FaultName } from '../../../src/venues/mt5-sim/faults.ts';
import type { AccountMode } from '../../../src/venues/mt5-sim/types.ts';

/** Faults that hit a number of requests. */
const HITS: readonly FaultName[] = [
  'unavailable',
  'internal-error',
  'connection-error',
  'empty-positions',
  'ticket-flicker',
  'slow-reply',
  'unknown-executed',
  'unknown-not-executed',
  'in-progress-executed',
  'in-progress-not-executed',
  'reset-executed',
  'reset-not-executed',
  'requote',
  'retcode',
  'zero-price',
  'partial-fill',
  'partial-without-volume',
  'ignore-position-filter',
  'bare-arrays',
  'sl-removed',
  'manual-close',
  'pending-cancelled',
];
/** Faults that last. */
const STATES: readonly FaultName[] = [
  'mt5-down',
  'mt5-reconnecting',
  'health-degraded',
  'history-lag',
  'forget-idempotency',
  'wrong-login',
  'trade-not-allowed',
  'kill-switch',
  'frozen-quotes',
];
const RETCODES = [10_004, 10_006, 10_012, 10_013, 10_018, 10_019, 10_027, 10_031, 10_036, 10_099];
const LONGEST_MS = 25_000;

export class Chaos {
  readonly #prng: Prng;
  readonly #mode: AccountMode;

  constructor(prng: Prng, mode: AccountMode) {
    this.#prng = prng;
    this.#mode = mode;
  }

  /** Something to go wrong from now on. */
  fault(): FaultRequest {
    // On a netting account another client's trades become part of our position: nobody can tell them apart.
    if (this.#mode === 'hedging' && this.#below(20) === 0) return { name: 'foreign-magic', value: 500, times: 1 };
    if (this.#below(3) === 0) return { name: this.#pick(STATES), for: 500 + this.#below(LONGEST_MS) };
    const name = this.#pick(HITS);
    return { name, times: 1 + this.#below(4), for: LONGEST_MS, ...this.#valueOf(name) };
  }

  #valueOf(name: FaultName): Pick<FaultRequest, 'value' | 'route'> {
    if (name === 'retcode') return { value: this.#pick(RETCODES) };
    if (name === 'slow-reply') return { value: 100 + this.#below(9000) };
    if (['zero-price', 'sl-removed', 'manual-close', 'pending-cancelled'].includes(name))
      return { value: this.#below(9000) };
    // Everywhere, or where nothing is asked of the trade server.
    if (name.startsWith('reset-') && this.#below(2) === 0)
      return { route: this.#pick(['GET /reconcile', 'GET /get_positions', 'GET /orders', 'GET /account']) };
    return {};
  }

  /** Somebody does something at the broker. */
  act({ terminal }: Mt5Simulator): void {
    const position = this.#pickOf(terminal.positions.all());
    const order = this.#pickOf(terminal.pendings());
    const draw = this.#below(5);
    if (draw === 0 && order !== undefined) terminal.cancelByHand(order.ticket);
    if (position === undefined) return;
    const { volumeStep, tickSize } = terminal.symbols.get(position.symbol)!;
    const { bid } = terminal.quoteOf(position.symbol)!;
    if (draw === 1) terminal.closeByHand(position.ticket);
    if (draw === 2 && position.volume.greaterThan(volumeStep)) terminal.closeByHand(position.ticket, volumeStep);
    if (draw === 3) terminal.setStopsByHand(position.ticket, { sl: Decimal.ZERO });
    const away = dec(bid).times(dec('0.004')).flooredTo(tickSize);
    const level = position.side === 'buy' ? dec(bid).minus(away) : dec(bid).plus(away);
    if (draw === 4) terminal.setStopsByHand(position.ticket, { sl: level });
  }

  #pickOf<T>(from: readonly T[]): T | undefined {
    return from.length === 0 ? undefined : this.#pick(from);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!;
  }

  #below(n: number): number {
    return Math.floor(this.#prng.next() * n);
  }
}
