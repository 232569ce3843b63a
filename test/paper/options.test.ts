import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { Engine, instrument, START } from '../doubles/engine.ts';

describe('commission', () => {
  it('is charged per unit of quantity: PNL-12', () => {
    const engine = new Engine({
      instruments: [instrument('X', { volumeStep: '0.01' })],
      paper: { commissionPerLot: dec('3.50') },
    });
    engine.quote(100);
    engine.place('BUY', '0.25');
    engine.place('BUY', '2.0');
    expect(engine.of('fill').map(({ commission }) => commission.toString())).toEqual(['0.875', '7']);
    expect(engine.ledger.realized.toString()).toBe('-7.875');
  });
});

describe('slippage', () => {
  it('is adverse, in tick sizes, on market and stop fills and never on limits', () => {
    const engine = new Engine({ paper: { slippagePoints: 3 } });
    engine.quote(100, 100.1);
    engine.place('BUY', 1);
    engine.place('SELL', 1);
    engine.place('BUY', 1, { type: 'limit', price: 99 });
    engine.place('SELL', 1, { type: 'stop', price: 98 });
    engine.quote(98.9, 99);
    engine.quote(97.5, 97.6);
    expect(engine.fills()).toEqual([
      's-1-1 BUY 1@100.13',
      's-1-2 SELL 1@99.97',
      's-1-3 BUY 1@99',
      's-1-4 SELL 1@97.47',
    ]);
  });
});

describe('latency', () => {
  const slow = (latencyMs = 100): Engine => {
    const engine = new Engine({ paper: { latencyMs } });
    engine.quote(100, 100, { ts: START + 1 });
    return engine;
  };

  it('fills at the quote in force when the order arrives', () => {
    const engine = slow();
    const id = engine.place('BUY', 1);
    engine.quote(101, 101, { ts: START + 50 });
    expect([engine.order(id)?.status, engine.fills()]).toEqual(['submitted', []]);
    engine.quote(102, 102, { ts: START + 101 });
    expect(engine.fills()).toEqual([`${id} BUY 1@101`]);
    expect(engine.trades[0]?.booking.fill.ts).toBe(START + 101);
    expect(engine.trades[0]?.order.signalPrice?.toNumber()).toBe(100);
  });

  it('brings nothing to an account that is closed meanwhile', () => {
    const engine = slow();
    const working = engine.place('BUY', 1, { type: 'limit', price: 95 });
    engine.quote(100, 100, { ts: START + 200 });
    engine.place('BUY', 1);
    engine.cancel(working);
    const told = engine.reports.length;
    engine.account.close();
    engine.quote(100, 100, { ts: START + 400 });
    expect(engine.reports.slice(told)).toEqual([]);
    expect(engine.clock.nextDue()).toBe(Infinity);
  });

  it('lets an order fill that the cancel is too late for', () => {
    const engine = slow();
    const id = engine.place('BUY', 1, { type: 'limit', price: 95 });
    engine.quote(100, 100, { ts: START + 200 });
    engine.cancel(id);
    engine.quote(94, 94, { ts: START + 250 });
    engine.quote(100, 100, { ts: START + 400 });
    expect(engine.fills()).toEqual([`${id} BUY 1@94`]);
    expect(engine.of('cancel')).toEqual([]);
  });

  it('cancels an order that had not arrived when the cancel was sent', () => {
    const engine = slow();
    const id = engine.place('BUY', 1, { type: 'limit', price: 95 });
    engine.cancel(id);
    engine.quote(100, 100, { ts: START + 500 });
    expect(engine.statuses(id)).toEqual(['created', 'submitted', 'working', 'cancelled']);
  });

  it('protects no more than is open, also while the protective orders are on their way', () => {
    const engine = slow();
    engine.place('BUY', 2, { stopLoss: { by: 5 }, takeProfit: { by: 5 } });
    engine.quote(100, 100, { ts: START + 150 });
    expect(engine.qty()).toBe(2);
    engine.close();
    engine.quote(94, 94, { ts: START + 202 });
    engine.quote(100, 100, { ts: START + 400 });
    expect([engine.qty(), engine.working()]).toEqual([0, []]);
    engine.quotes(80, 120);
    expect([engine.qty(), engine.fills().length]).toEqual([0, 2]);
  });

  it('never lets two exits that cross on their way turn the position over', () => {
    const engine = slow();
    engine.place('BUY', 1, { stopLoss: { by: 5 } });
    engine.quote(100, 100, { ts: START + 300 });
    engine.close();
    engine.quote(90, 90, { ts: START + 350 });
    expect(engine.qty()).toBe(0);
    engine.quote(91, 91, { ts: START + 500 });
    expect([engine.qty(), engine.working()]).toEqual([0, []]);
    expect(engine.of('cancel').at(-1)?.reason).toBe('nothing is left to close');
  });
});

describe('rejections', () => {
  it('are drawn from the seed: the same orders every time', () => {
    const rejected = (seed: number): readonly number[] => {
      const engine = new Engine({ paper: { rejectionRate: 0.3 }, seed });
      engine.quote(100);
      return Array.from({ length: 200 }, () => {
        engine.place('BUY', 1);
        return engine.refusals.length;
      });
    };
    expect(rejected(7)).toEqual(rejected(7));
    expect(rejected(7)).not.toEqual(rejected(8));
    expect(rejected(7).at(-1)).toBeGreaterThan(30);
    expect(rejected(7).at(-1)).toBeLessThan(90);
  });

  it('are told apart from denials by our gate', () => {
    const engine = new Engine({ paper: { rejectionRate: 1 } });
    engine.quote(100);
    engine.place('BUY', 1);
    engine.desk.closeGate('halted');
    engine.place('BUY', 1);
    expect(engine.of('rejection').map(({ status, code }) => [status, code])).toEqual([
      ['rejected', 'VENUE_REJECTED'],
      ['denied', 'HALTED'],
    ]);
  });
});

describe('partial fills', () => {
  it('fill what is left at the quotes that follow, and add up to the order', () => {
    const engine = new Engine({ paper: { partialFillRate: 1 }, seed: 3 });
    engine.quote(100);
    const id = engine.place('BUY', 10);
    expect(engine.order(id)?.status).toBe('partiallyFilled');
    for (let price = 101; engine.order(id) !== undefined; price++) engine.quote(price);
    expect(engine.qty()).toBe(10);
    expect(engine.statuses(id).at(-1)).toBe('filled');
    expect(new Set(engine.of('fill').map(({ price }) => price.toString())).size).toBe(engine.trades.length);
  });

  it('leave a triggered stop a market order: the rest is filled wherever the market is', () => {
    const engine = new Engine({ paper: { partialFillRate: 1 }, seed: 3 });
    engine.quote(100);
    const id = engine.place('SELL', 10, { type: 'stop', price: 95 });
    engine.quote(94);
    expect(engine.order(id)?.status).toBe('partiallyFilled');
    for (let i = 0; i < 200 && engine.order(id) !== undefined; i++) engine.quote(99);
    expect(engine.qty()).toBe(-10);
  });

  it('leave the rest of a limit waiting for its price', () => {
    const engine = new Engine({ paper: { partialFillRate: 1 }, seed: 3 });
    engine.quote(100);
    const id = engine.place('BUY', 10, { type: 'limit', price: 95 });
    engine.quote(94);
    const filled = engine.qty();
    engine.quotes(96, 97, 98);
    expect([engine.qty(), engine.order(id)?.status]).toEqual([filled, 'partiallyFilled']);
  });
});
