/** Random trading on a scripted gateway: whatever is lost, late or done by hand, the book is the broker's in the end. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import type { Mishap } from '../doubles/mt5-gateway.ts';
import { GOLD_THERE, TradingScene } from './trading-scene.ts';

const VERBS = ['place', 'cancel', 'close', 'closePart', 'setStops'] as const;
const MISHAPS: readonly Mishap[] = ['lost', 'never', 'refused', 'bare', 'partial'];

const side = fc.constantFrom('BUY' as const, 'SELL' as const);
const lots = fc.integer({ min: 1, max: 5 }).map((hundredths) => dec(hundredths).times(dec('0.01')));
const which = fc.nat(5);
const bracket = fc.record({ stopLoss: fc.boolean(), takeProfit: fc.boolean(), by: fc.integer({ min: 2, max: 15 }) });

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('market' as const), side, lots, bracket }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('limit' as const, 'stop' as const, 'trailingStop' as const),
      side,
      lots,
      bracket,
      away: fc.integer({ min: -2, max: 8 }),
    }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('quote' as const), by: fc.integer({ min: -40, max: 40 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(10, 300, 1500, 6000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('cancel' as const, 'flatten' as const), which }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('mishap' as const),
      verb: fc.constantFrom(...VERBS),
      mishap: fc.constantFrom(...MISHAPS),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('down' as const, 'unreadable' as const, 'empty' as const, 'hidden' as const),
      on: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lag' as const), on: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('closedByHand' as const, 'halvedByHand' as const, 'stopsByHand' as const),
      which,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cancelledByHand' as const, 'restart' as const), which }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const AFTER_MS = 120_000;

async function take(scene: TradingScene, one: Step): Promise<void> {
  const { broker, engine } = scene;
  const { terminal } = broker;
  const positions = terminal.positions.all();
  switch (one.kind) {
    case 'market':
    case 'limit':
    case 'stop':
    case 'trailingStop': {
      const { by, stopLoss, takeProfit } = one.bracket;
      const quote = terminal.quoteOf(GOLD_THERE)!;
      const sign = (one.side === 'BUY') === (one.kind === 'limit') ? -1 : 1;
      await scene.placed(one.side, one.lots, {
        type: one.kind,
        ...('away' in one && (one.kind === 'trailingStop' ? { trail: 3 } : { price: quote.bid + sign * one.away })),
        ...(stopLoss && { stopLoss: { by } }),
        ...(takeProfit && { takeProfit: { by } }),
      });
      return;
    }
    case 'quote':
      return scene.quote(Math.round((terminal.quoteOf(GOLD_THERE)!.bid + one.by / 4) * 100) / 100);
    case 'pass':
      return scene.pass(one.ms);
    case 'cancel': {
      const order = engine.desk.orders().at(one.which);
      if (order !== undefined) engine.cancel(order.id);
      return scene.settle();
    }
    case 'flatten':
      engine.desk.flatten();
      return scene.settle();
    case 'mishap':
      broker.next(one.verb, one.mishap);
      return undefined;
    case 'down':
      broker.down = one.on;
      return undefined;
    case 'unreadable':
      broker.unreadable = one.on;
      return undefined;
    case 'empty':
      broker.emptyPositions = one.on;
      return undefined;
    case 'hidden':
      broker.hiddenPositions = new Set(one.on ? positions.slice(0, 1).map(({ ticket }) => ticket) : []);
      return undefined;
    case 'lag':
      broker.dealsShown = one.on ? Math.min(broker.dealsShown, broker.shownDeals()) : Infinity;
      return undefined;
    case 'closedByHand':
    case 'halvedByHand': {
      const position = positions.at(one.which);
      const half = position?.volume.dividedBy(dec(2)).flooredTo(dec('0.01'));
      if (position === undefined) return undefined;
      if (one.kind === 'closedByHand') terminal.closeByHand(position.ticket);
      else if (!half!.isZero()) terminal.closeByHand(position.ticket, half);
      return undefined;
    }
    case 'stopsByHand': {
      const position = positions.at(one.which);
      if (position !== undefined) terminal.setStopsByHand(position.ticket, { sl: Decimal.ZERO });
      return undefined;
    }
    case 'cancelledByHand': {
      const order = terminal.pendings().at(one.which);
      if (order !== undefined) terminal.cancelByHand(order.ticket);
      return undefined;
    }
    default:
      await scene.restart();
      if (!broker.down && !broker.unreadable) await scene.connect();
  }
}

/** Everything works again, and there is time to find out what has happened. */
async function recover(scene: TradingScene): Promise<void> {
  const { broker } = scene;
  broker.down = broker.unreadable = broker.emptyPositions = false;
  broker.hiddenPositions = new Set();
  broker.dealsShown = Infinity;
  broker.forgetMishaps();
  await scene.connect();
  await scene.pass(AFTER_MS);
}

const total = (amounts: readonly Decimal[]): string =>
  amounts
    .reduce((sum, one) => sum.plus(one), Decimal.ZERO)
    .trimmed()
    .toString();

/** Σ of a fold over all deals that are trades, at the broker. */
function check(scene: TradingScene): void {
  const { broker, engine } = scene;
  const deals = broker.terminal.history.deals.filter(({ type }) => type !== 'balance');
  const fills = engine.trades.map(({ booking }) => booking.fill);
  expect(scene.qty).toBe(broker.held());
  expect(scene.trading.differences().filter(({ kind }) => kind === 'position' || kind === 'foreign')).toEqual([]);
  // Each deal has been booked once, at its price and with its costs.
  expect(total(fills.map(({ qty }) => qty))).toBe(total(deals.map(({ volume }) => volume)));
  expect(total(fills.map(({ qty, price }) => qty.times(price)))).toBe(
    total(deals.map(({ volume, price }) => volume.times(price))),
  );
  expect(total(fills.map(({ commission }) => commission.negated()))).toBe(
    total(deals.flatMap(({ commission, swap, fee }) => [commission, swap, fee])),
  );
  expect(fills.every(({ price }) => price.sign() > 0)).toBe(true);
  expect(new Set(fills.map(({ fillId }) => fillId)).size).toBe(fills.length);
  // Nothing was sent twice.
  const tags = broker.placements.map(({ comment }) => comment);
  expect(new Set(tags).size).toBe(tags.length);
  // What the desk calls working is there, and nothing else is.
  expect(engine.desk.orders().filter(({ status }) => status === 'unknown' || status === 'submitted')).toEqual([]);
  const entries = engine.desk.orders().filter(({ role }) => role === 'entry');
  const waiting = entries.filter(({ id }) => broker.placements.some(({ comment }) => comment === scene.tagOf(id)));
  expect(
    broker.terminal
      .pendings()
      .map(({ comment }) => comment)
      .toSorted(),
  ).toEqual(waiting.map(({ id }) => scene.tagOf(id)).toSorted());
}

describe.each(['hedging', 'netting'] as const)('a strategy on a %s account', (mode) => {
  it('has the broker’s book, each deal once, whatever was lost on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const scene = await TradingScene.ready({ mode, commissionPerLot: '3.5' });
        for (const one of steps) {
          const blind = scene.broker.down || scene.broker.unreadable;
          const before = scene.engine.trades.length;
          await take(scene, one);
          // Nothing is booked, closed or opened that could not be read.
          if (blind && (scene.broker.down || scene.broker.unreadable)) expect(scene.engine.trades).toHaveLength(before);
        }
        await recover(scene);
        check(scene);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
