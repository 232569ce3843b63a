/** A swap whose rate is not known yet: it waits in the journal, and is charged once. */
import { describe, expect, it } from 'vitest';
import { StrategyBook } from '../../src/actors/strategy-book.ts';
import type { BookState } from '../../src/actors/book-types.ts';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { QktEvent } from '../../src/domain/events.ts';
import { createPrng } from '../../src/domain/prng.ts';
import { runSummary } from '../../src/observe/run-summary.ts';
import { parseRollover } from '../../src/risk/trading-day.ts';
import { fromStored, toStored } from '../../src/store/stored.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { PaperAccount } from '../../src/venues/paper.ts';
import { instrument } from '../doubles/engine.ts';
import { ScriptedMarket } from '../recovery/scripted-market.ts';

const HOUR = 3_600_000;
/** A Tuesday, so that no night counts three times in two. */
const EVENING = Date.UTC(2024, 0, 8, 20);
const JPY = { tickSize: '0.01', contractSize: 1000, quote: 'JPY' };
const EURJPY = { ...instrument('EURJPY', { ...JPY, base: 'EUR' }), swapLong: dec(-2) };
const instruments = new Map([
  ['EURJPY', EURJPY],
  ['USDJPY', instrument('USDJPY', { ...JPY, base: 'USD' })],
]);
const HELD = { venue: 'paper', symbol: 'EURJPY', qty: dec(1), cost: dec(160_000), contractSize: dec(1000) };
const OPTIONS = { latencyMs: 0, slippagePoints: 0, rejectionRate: 0, partialFillRate: 0, commissionPerLot: dec(0) };

/** A book in USD, as a start of the daemon makes it. */
class Life {
  readonly clock: VirtualClock;
  readonly book: StrategyBook;
  /** What the journal was given. */
  readonly events: QktEvent[] = [];
  readonly #market: ScriptedMarket;

  constructor(now: number, recalled?: unknown) {
    this.clock = new VirtualClock(now);
    const clock = this.clock;
    this.#market = new ScriptedMarket(clock, instruments, []);
    const market = this.#market;
    this.book = new StrategyBook({
      name: 'a',
      venue: 'paper',
      market,
      currency: 'USD',
      startingBalance: dec(10_000),
      instruments,
      rates: new Map(),
      rollover: parseRollover('00:00 UTC')!,
      events: new EventRings({ strategy: 'a', clock }),
      store: { commit: ({ events }) => void this.events.push(...events) },
      openAccount: ({ report }) =>
        new PaperAccount(OPTIONS, {
          clock,
          prng: createPrng(1),
          instrument: (symbol) => instruments.get(symbol),
          quote: (symbol) => market.quote(symbol),
          account: 'a',
          report,
        }),
      gatewayReady: () => true,
      takesExits: () => true,
      remembered: 1,
    });
    market.ticks$('EURJPY').subscribe((tick) => this.book.onTick(tick));
    if (recalled !== undefined) this.book.restore(fromStored(recalled) as BookState);
  }

  /** Holds one EURJPY from the start. */
  static holder(): unknown {
    const { book } = new Life(EVENING);
    const state = book.save();
    const position = { ...HELD, basis: HELD.cost, openedAt: EVENING };
    return toStored({ ...state, ledger: { ...state.ledger, fills: 1, positions: [position] } });
  }

  quote(symbol: string, price: number): void {
    this.#market.give({ symbol, ts: this.clock.now(), bid: price, ask: price });
  }

  /** As it comes back from the journal. */
  get saved(): unknown {
    return toStored(this.book.save());
  }

  get realized(): string {
    return this.book.ledger.realized.toString();
  }

  get summary(): readonly unknown[] {
    const { realized, balance, equity } = runSummary('a', this.book, [], {});
    return [realized, balance, equity];
  }
}

describe('a swap that no rate can convert', () => {
  it('is charged at the first rate, once', () => {
    const life = new Life(EVENING + 6 * HOUR, Life.holder());
    life.quote('EURJPY', 160);
    expect([life.realized, life.summary]).toEqual(['0', [null, null, null]]);
    expect(life.book.equity.equity()).toBeUndefined();
    life.quote('USDJPY', 150);
    life.quote('EURJPY', 160);
    life.quote('EURJPY', 160);
    expect(life.realized).toBe('-0.13333333');
    expect(life.book.equity.equity()?.toString()).toBe('9999.86666667');
    life.book.commits.end();
    const swaps = life.events.filter((event) => 'swap' in event);
    expect(swaps).toMatchObject([{ type: 'position', symbol: 'EURJPY', qty: dec(1), swap: dec('-0.13333333') }]);
  });

  it('waits through restarts, and further nights come on top', () => {
    const first = new Life(EVENING + 6 * HOUR, Life.holder());
    const second = new Life(EVENING + 30 * HOUR, first.saved);
    const third = new Life(EVENING + 31 * HOUR, second.saved);
    third.quote('USDJPY', 150);
    third.quote('EURJPY', 160);
    expect(third.realized).toBe('-0.26666667');
    const fourth = new Life(EVENING + 32 * HOUR, third.saved);
    fourth.quote('USDJPY', 150);
    fourth.quote('EURJPY', 160);
    expect(fourth.realized).toBe('-0.26666667');
  });

  it('is no loss of the day that it is charged in', () => {
    const life = new Life(EVENING + 6 * HOUR, Life.holder());
    life.quote('USDJPY', 150);
    life.quote('EURJPY', 160);
    const { balance, realized, equity } = life.book.equity.day;
    expect([balance, realized, equity].map(String)).toEqual(['9999.86666667', '-0.13333333', '9999.86666667']);
  });

  it('leaves a journal that owes nothing as it was', () => {
    const life = new Life(EVENING + 1 * HOUR, Life.holder());
    expect(Object.keys(life.book.save().ledger)).not.toContain('owed');
  });
});
