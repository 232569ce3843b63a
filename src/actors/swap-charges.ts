/**
 * Swap of the nights that positions are held. It is owed in the symbol's quote currency from the roll-over on, and
 * charged once a rate is known: mostly in the same turn, after a restart with the first quote that brings one.
 */
import { Decimal } from '../domain/decimal.ts';
import type { EventBody } from '../domain/events.ts';
import type { Instrument } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import type { EquityTracker } from '../ledger/equity.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Rate } from '../ledger/money.ts';
import { averagePrice } from '../ledger/position.ts';
import { nightsOf, swapOf } from '../ledger/swap.ts';
import { nextRollover, weekdayAt, type Rollover } from '../risk/trading-day.ts';

interface SwapOptions {
  readonly ledger: Ledger;
  readonly equity: EquityTracker;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly rollover: Rollover;
  /** Of a symbol's quote currency now; undefined while it is not known. */
  readonly rate: (symbol: string) => Rate | undefined;
  readonly record: (body: EventBody) => void;
}

export class SwapCharges {
  readonly #options: SwapOptions;

  constructor(options: SwapOptions) {
    this.#options = options;
  }

  /** For every roll-over after `from`, up to `to`: the nights that the open positions were held. */
  charge(from: EpochMs, to: EpochMs): void {
    const { ledger, equity, instruments, rollover } = this.#options;
    let nights = 0;
    for (let at = nextRollover(rollover, from); at <= to; at = nextRollover(rollover, at))
      nights += nightsOf(weekdayAt(at - 1, rollover.zone));
    for (const position of ledger.positions()) {
      const native = swapOf(position, instruments.get(position.symbol)!, nights);
      if (native !== undefined) ledger.owe(position.symbol, native);
    }
    this.settle();
    equity.rebase();
  }

  /** Charges what is owed and can be converted now, each once. */
  settle(): void {
    const { ledger, equity, rate, record } = this.#options;
    for (const symbol of ledger.owing) {
      const swap = ledger.pay(symbol, rate(symbol));
      if (swap === undefined) continue;
      equity.chargedLate(swap);
      const position = ledger.positions().find((held) => held.symbol === symbol);
      const qty = position?.qty ?? Decimal.ZERO;
      const avgPrice = position === undefined ? null : averagePrice(position);
      record({ type: 'position', symbol, qty, avgPrice, fillId: null, swap });
    }
  }
}
