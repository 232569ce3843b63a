import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import type { Tick } from '../../src/domain/market.ts';
import { FINAL_STATUSES } from '../../src/domain/orders.ts';
import { SAME } from '../../src/ledger/money.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { PaperOptions } from '../../src/venues/paper.ts';
import { Engine, instrument, type Level, type PlaceOptions } from '../doubles/engine.ts';

type Act =
  | {
      readonly act: 'quote';
      readonly symbol: string;
      readonly move: number;
      readonly spread: number;
      readonly path: boolean;
    }
  | {
      readonly act: 'place';
      readonly symbol: string;
      readonly side: 'BUY' | 'SELL';
      readonly qty: string;
      readonly type: NonNullable<PlaceOptions['type']>;
      readonly distance: number;
      readonly options: Pick<PlaceOptions, 'stopLoss' | 'takeProfit' | 'stack'>;
      readonly livesMs: number | undefined;
    }
  | { readonly act: 'close'; readonly symbol: string }
  | { readonly act: 'cancel'; readonly back: number }
  | { readonly act: 'cancelAll' }
  | { readonly act: 'gate'; readonly open: boolean }
  | { readonly act: 'flatten' }
  | { readonly act: 'wait'; readonly ms: number };

const SYMBOLS = ['X', 'Y'];
const symbol = fc.constantFrom(...SYMBOLS);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const level: fc.Arbitrary<Level> = fc.integer({ min: 1, max: 400 }).map((cents) => ({ by: cents / 100 }));
const qty = fc.integer({ min: 1, max: 40 }).map((tenths) => (tenths / 10).toFixed(2));

const options = fc
  .record({
    stopLoss: maybe(level),
    takeProfit: maybe(level),
    stack: maybe(
      fc
        .array(
          fc.tuple(
            fc.integer({ min: -300, max: 300 }).map((cents) => cents / 100),
            qty,
          ),
          { minLength: 1, maxLength: 3 },
        )
        .map((layers) => ({ layers: [[0, layers[0]![1]] as const, ...layers.slice(1)], withinMs: 60 })),
    ),
  })
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));

const quote = fc.record({
  act: fc.constant('quote' as const),
  symbol,
  move: fc.integer({ min: -300, max: 300 }),
  spread: fc.integer({ min: 0, max: 30 }),
  path: fc.boolean(),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 10, arbitrary: quote },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('place' as const),
      symbol,
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      qty,
      type: fc.constantFrom(
        'market' as const,
        'market' as const,
        'limit' as const,
        'stop' as const,
        'trailingStop' as const,
      ),
      distance: fc.integer({ min: -300, max: 300 }),
      options,
      livesMs: maybe(fc.integer({ min: 1, max: 40 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('close' as const), symbol }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('cancel' as const), back: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('cancelAll' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('gate' as const), open: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('flatten' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 50 }) }) },
);

const venue = fc.record({
  latencyMs: fc.constantFrom(0, 0, 3, 25),
  partialFillRate: fc.constantFrom(0, 0, 0.5, 1),
  rejectionRate: fc.constantFrom(0, 0, 0.2),
  slippagePoints: fc.constantFrom(0, 2),
  commissionPerLot: fc.constantFrom('0', '0.35').map(dec),
});

interface Run {
  readonly engine: Engine;
  /** The quote in force at each fill. */
  readonly quotes: ReadonlyMap<string, Tick>;
}

/** Plays a sequence and looks at the standing rules after every step. */
function play(acts: readonly Act[], paper: Partial<PaperOptions>, seed: number, restartAt?: number): Run {
  let engine = new Engine({
    instruments: [instrument('X', { volumeMin: '0.2' }), instrument('Y', { contractSize: 10, volumeMax: 6 })],
    paper,
    seed,
  });
  const cents = new Map(SYMBOLS.map((name) => [name, 10_000]));
  const quotes = new Map<string, Tick>();
  engine.onTrade = ({ booking: { fill } }) => void quotes.set(fill.fillId, engine.inForce(fill.symbol)!);
  const ids: string[] = [];
  const tell = (name: string, spread: number, path: boolean): void => {
    const bid = cents.get(name)! / 100;
    const ask = (cents.get(name)! + spread) / 100;
    engine.quote(bid, ask, { symbol: name, path });
  };
  for (const name of SYMBOLS) tell(name, 0, false);
  for (const [index, step] of acts.entries()) {
    if (index === restartAt) engine = engine.restarted();
    switch (step.act) {
      case 'quote':
        cents.set(step.symbol, Math.max(1000, cents.get(step.symbol)! + step.move));
        tell(step.symbol, step.spread, step.path);
        break;
      case 'place': {
        const price = (cents.get(step.symbol)! + step.distance) / 100;
        const limits = step.type === 'limit' || step.type === 'stop' ? { price } : {};
        const trails = step.type === 'trailingStop' ? { trail: (Math.abs(step.distance) + 1) / 100 } : {};
        const life =
          step.livesMs === undefined ? {} : { tif: 'GTD' as const, expiresAt: engine.clock.now() + step.livesMs };
        const { symbol: name, type } = step;
        ids.push(
          engine.place(step.side, step.qty, { symbol: name, type, ...limits, ...trails, ...life, ...step.options }),
        );
        break;
      }
      case 'close':
        engine.close(step.symbol);
        break;
      case 'cancel':
        engine.cancel(ids.at(-1 - step.back) ?? 'none');
        break;
      case 'cancelAll':
        engine.handle({ kind: 'cancelAll' });
        break;
      case 'gate':
        if (step.open) engine.desk.openGate();
        else engine.desk.closeGate('halted');
        break;
      case 'flatten':
        engine.desk.flatten();
        break;
      case 'wait':
        engine.clock.advanceBy(step.ms);
    }
    holdsStandingRules(engine);
  }
  return { engine, quotes };
}

function holdsStandingRules(engine: Engine): void {
  for (const name of SYMBOLS) {
    const held = engine.ledger.position('paper', name)?.qty ?? Decimal.ZERO;
    const signedFills = engine
      .of('fill')
      .filter((fill) => fill.symbol === name)
      .reduce((sum, { side, qty: filled }) => (side === 'BUY' ? sum.plus(filled) : sum.minus(filled)), Decimal.ZERO);
    expect(held.toString()).toBe(signedFills.toString());
    for (const role of ['stopLoss', 'takeProfit'] as const) {
      const protectedBy = engine.desk.orders().filter((order) => order.symbol === name && order.role === role);
      const sum = protectedBy.reduce((total, order) => total.plus(order.qty).minus(order.filledQty), Decimal.ZERO);
      expect(sum.compare(held.abs())).toBeLessThanOrEqual(0);
      for (const leg of protectedBy) expect(leg.side).toBe(held.sign() > 0 ? 'SELL' : 'BUY');
    }
  }
}

const sequences = fc.array(act, { minLength: 1, maxLength: 60 });

const check = (rule: (run: Run) => void, numRuns = 400): void => {
  fc.assert(
    fc.property(sequences, venue, fc.integer({ min: 1, max: 1000 }), (acts, paper, seed) =>
      rule(play(acts, paper, seed)),
    ),
    { numRuns },
  );
};

describe('whatever is asked for and however the market moves', () => {
  it('the ledger is a fold of the recorded fills', () => {
    check(({ engine }) => {
      const again = new Ledger('USD', dec(10_000));
      for (const { fillId, orderId, ts, symbol: name, side, qty: filled, price, commission } of engine.of('fill')) {
        const contractSize = dec(name === 'Y' ? 10 : 1);
        again.book(
          { fillId, orderId, ts, symbol: name, side, qty: filled, price, commission },
          { venue: 'paper', contractSize, rate: SAME },
        );
      }
      expect(again.balance.toString()).toBe(engine.ledger.balance.toString());
      expect(again.positions()).toEqual(engine.ledger.positions());
    });
  });

  it('an order has one life: its id is created once, goes one way, and is silent after its end', () => {
    const forward = ['created', 'submitted', 'working', 'partiallyFilled'];
    check(({ engine }) => {
      const last = new Map<string, string>();
      const total = new Map<string, Decimal>();
      for (const event of engine.events) {
        if (event.type === 'fill') {
          expect(['partiallyFilled', 'filled']).toContain(last.get(event.orderId));
          total.set(event.orderId, (total.get(event.orderId) ?? Decimal.ZERO).plus(event.qty));
        }
        if (event.type !== 'order') continue;
        const before = last.get(event.orderId);
        if (before === undefined) expect(event.status).toBe('created');
        else {
          expect(FINAL_STATUSES.has(before as never)).toBe(false);
          if (forward.includes(event.status))
            expect(forward.indexOf(event.status)).toBeGreaterThanOrEqual(forward.indexOf(before));
        }
        last.set(event.orderId, event.status);
        if (event.status === 'filled') expect(event.filledQty.toString()).toBe(event.qty.toString());
      }
      for (const { id, filledQty } of engine.desk.orders())
        expect(filledQty.toString()).toBe((total.get(id) ?? Decimal.ZERO).toString());
    });
  });

  it('an exit never opens: closing and protective orders only make a position smaller', () => {
    check(({ engine }) => {
      for (const { order, booking } of engine.trades) {
        if (order.role === 'entry' || order.role === 'stackLayer') continue;
        expect(booking.reducing).toBe(true);
        const opposite = order.side === 'BUY' ? -1 : 1;
        expect([0, opposite]).toContain(booking.position?.qty.sign() ?? 0);
      }
    });
  });

  it('a flat symbol has no protective orders, and an ended stack no waiting layers', () => {
    check(({ engine }) => {
      engine.desk.openGate();
      engine.desk.cancelEntries('the end');
      for (let i = 0; i < 400 && (engine.ledger.positions().length > 0 || engine.desk.orders().length > 0); i++) {
        engine.desk.flatten();
        engine.desk.cancelEntries('the end');
        for (const name of SYMBOLS) engine.quote(100, 100, { symbol: name });
      }
      expect([engine.ledger.positions(), engine.working(), engine.desk.waitingLayers()]).toEqual([[], [], []]);
    }, 150);
  });

  it('fills are on the step, at the limit or better, never before the trigger, at most slippage from the quote', () => {
    check(({ engine, quotes }) => {
      for (const { booking, order } of engine.trades) {
        const { fill } = booking;
        expect(fill.qty.flooredTo(dec('0.1')).equals(fill.qty)).toBe(true);
        const inForce = quotes.get(fill.fillId)!;
        const quoted = dec(fill.side === 'BUY' ? inForce.ask : inForce.bid);
        const adverse = fill.side === 'BUY' ? fill.price.minus(quoted) : quoted.minus(fill.price);
        if (order.type === 'limit') {
          const better = fill.side === 'BUY' ? order.price!.minus(fill.price) : fill.price.minus(order.price!);
          expect(better.sign()).toBeGreaterThanOrEqual(0);
        } else expect(['0', '0.02']).toContain(adverse.toString());
        const first = engine.trades.find((trade) => trade.order.id === order.id)!;
        if ((order.type === 'stop' || order.type === 'trailingStop') && first.booking === booking) {
          const beyond = fill.side === 'BUY' ? quoted.minus(order.price!) : order.price!.minus(quoted);
          expect(beyond.sign()).toBeGreaterThanOrEqual(0);
        }
      }
    });
  });

  it('a restart in the middle changes nothing of what follows', () => {
    const still = { latencyMs: 0, slippagePoints: 1, commissionPerLot: dec('0.35') };
    fc.assert(
      fc.property(sequences, fc.nat(60), (given, restartAt) => {
        // Whether the gate is open is the strategy machine's to remember.
        const acts = given.filter(({ act: kind }) => kind !== 'gate');
        const [once, twice] = [play(acts, still, 1), play(acts, still, 1, restartAt)];
        expect(twice.engine.events).toEqual(once.engine.events);
        expect(twice.engine.desk.orders()).toEqual(once.engine.desk.orders());
        expect(twice.engine.desk.waitingLayers()).toEqual(once.engine.desk.waitingLayers());
        expect(twice.engine.equity.save()).toEqual(once.engine.equity.save());
      }),
      { numRuns: 300 },
    );
  });

  it('the same seed and the same quotes give the same events', () => {
    fc.assert(
      fc.property(sequences, venue, fc.integer({ min: 1, max: 1000 }), (acts, paper, seed) => {
        expect(play(acts, paper, seed).engine.events).toEqual(play(acts, paper, seed).engine.events);
      }),
      { numRuns: 50 },
    );
  });
});
