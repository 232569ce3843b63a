import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { Engine, instrument } from '../doubles/engine.ts';

/** A long of 1 at 100 with a stop at 95 and a target at 110. */
function bracketed(): Engine {
  const engine = new Engine();
  engine.quote(100);
  engine.place('BUY', 1, { stopLoss: { by: 5 }, takeProfit: { by: 10 } });
  return engine;
}

describe('a bracket', () => {
  it('sends the entry alone first, and its legs after the fill: BR-1', () => {
    const engine = new Engine();
    engine.quote(105);
    const id = engine.place('BUY', 1, {
      type: 'limit',
      price: 100,
      takeProfit: { at: 110 },
      stopLoss: { at: 95 },
    });
    expect(engine.working()).toEqual([`${id} BUY limit 1@100`]);
    engine.quote(100);
    expect(engine.working()).toEqual([`${id}.sl SELL stop 1@95`, `${id}.tp SELL limit 1@110`]);
  });

  it('cancels the stop when the target fills: BR-4', () => {
    const engine = bracketed();
    engine.quote(110);
    expect([engine.qty(), engine.working()]).toEqual([0, []]);
    expect(engine.fills().at(-1)).toBe('s-1-1.tp SELL 1@110');
    expect(engine.statuses('s-1-1.sl').at(-1)).toBe('cancelled');
    expect(engine.of('cancel').map(({ reason }) => reason)).toEqual(['the other leg has filled']);
  });

  it('cancels the target when the stop fills', () => {
    const engine = bracketed();
    engine.quote(94);
    expect([engine.qty(), engine.working(), engine.fills().at(-1)]).toEqual([0, [], 's-1-1.sl SELL 1@94']);
  });

  it('stands the other way round for a SELL', () => {
    const engine = new Engine();
    engine.quote(100, 100.2);
    engine.place('SELL', 1, { stopLoss: { by: 5 }, takeProfit: { by: 10 } });
    expect(engine.working()).toEqual(['s-1-1.sl BUY stop 1@105', 's-1-1.tp BUY limit 1@90']);
    engine.quote(89.8, 90);
    expect([engine.qty(), engine.fills().at(-1)]).toEqual([0, 's-1-1.tp BUY 1@90']);
  });

  it('anchors its distances to the actual fill, on the grid of the tick size', () => {
    const engine = new Engine({ instruments: [instrument('X', { tickSize: '0.05' })] });
    engine.quote(100.02, 100.08);
    engine.place('BUY', 1, { stopLoss: { by: 1 }, takeProfit: { by: 2 } });
    expect(engine.working()).toEqual(['s-1-1.sl SELL stop 1@99.1', 's-1-1.tp SELL limit 1@102.1']);
  });

  it('may have one leg only', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1, { stopLoss: { by: 5 } });
    engine.place('BUY', 1, { takeProfit: { by: 5 } });
    expect(engine.working()).toEqual(['s-1-1.sl SELL stop 1@95', 's-1-2.tp SELL limit 1@105']);
  });

  it('chains its legs to the signal and the entry', () => {
    const engine = bracketed();
    const leg = engine.of('order').find(({ orderId }) => orderId === 's-1-1.sl');
    expect(leg).toMatchObject({ role: 'stopLoss', parentId: 's-1-1', signalId: 's-1-s1' });
  });

  it('follows partial fills: quantity grows, distances are anchored to the average', () => {
    const engine = new Engine({ paper: { partialFillRate: 1 }, seed: 5 });
    engine.quote(100);
    engine.place('BUY', 10, { stopLoss: { by: 5 }, takeProfit: { by: 50 } });
    for (let price = 100.5; engine.order('s-1-1') !== undefined; price += 0.5) {
      const { qty, cost } = engine.ledger.position('paper', 'X')!;
      const average = cost.dividedBy(qty, 2);
      const legs = engine.desk.orders().filter(({ parentId }) => parentId === 's-1-1');
      expect(legs.map((leg) => [leg.qty.toString(), leg.price?.toString()])).toEqual([
        [qty.toString(), average.minus(dec(5)).toString()],
        [qty.toString(), average.plus(dec(50)).toString()],
      ]);
      engine.quote(price);
    }
    expect(engine.trades.length).toBeGreaterThan(2);
    expect(
      engine.of('order').filter(({ orderId, status }) => orderId === 's-1-1.sl' && status === 'working').length,
    ).toBe(1);
  });

  it('gives a protective order that is needed again an id of its own', () => {
    const engine = new Engine({ paper: { partialFillRate: 1 }, seed: 3 });
    engine.quote(100);
    const id = engine.place('BUY', 10, { type: 'limit', price: 95, stopLoss: { by: 1 } });
    engine.quote(94);
    expect(engine.order(id)?.status).toBe('partiallyFilled');
    for (let i = 0; i < 50 && engine.order(`${id}.sl`) !== undefined; i++) engine.quote(92, 99);
    expect(engine.qty()).toBe(0);
    engine.quote(94);
    expect(engine.order(`${id}.sl.2`)).toMatchObject({ status: 'working', qty: engine.ledger.positions()[0]?.qty });
  });

  it('is filled at once where the market has gapped beyond the stop before it could be placed', () => {
    const engine = new Engine({ paper: { latencyMs: 100 } });
    engine.quote(100);
    engine.place('BUY', 1, { stopLoss: { by: 5 }, takeProfit: { by: 5 } });
    engine.clock.advanceBy(150);
    engine.quote(90);
    engine.clock.advanceBy(1000);
    expect([engine.qty(), engine.working(), engine.fills().at(-1)]).toEqual([0, [], 's-1-1.sl SELL 1@90']);
  });
});

describe('the rest of the position', () => {
  it('takes its legs with it when it is closed', () => {
    const engine = bracketed();
    engine.close();
    expect([engine.qty(), engine.working()]).toEqual([0, []]);
    expect(engine.of('cancel').map(({ orderId, reason }) => [orderId, reason])).toEqual([
      ['s-1-1.sl', 'what it protected is closed'],
      ['s-1-1.tp', 'what it protected is closed'],
    ]);
  });

  it('takes its legs with it when it is turned over', () => {
    const engine = bracketed();
    engine.place('SELL', 3, { stopLoss: { by: 5 } });
    expect([engine.qty(), engine.working()]).toEqual([-2, ['s-1-2.sl BUY stop 2@105']]);
  });

  it('shrinks the legs of the oldest lots when a part is closed', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 2, { stopLoss: { by: 5 }, takeProfit: { by: 10 } });
    engine.place('BUY', 3, { stopLoss: { by: 6 } });
    engine.place('SELL', 1);
    expect(engine.working()).toEqual([
      's-1-1.sl SELL stop 1@95',
      's-1-1.tp SELL limit 1@110',
      's-1-2.sl SELL stop 3@94',
    ]);
    engine.place('SELL', 2);
    expect(engine.working()).toEqual(['s-1-2.sl SELL stop 2@94']);
  });

  it('keeps what is protected as it is while something unprotected can be closed', () => {
    const engine = bracketed();
    engine.place('BUY', 2);
    engine.place('SELL', 2);
    expect([engine.qty(), engine.working().length]).toEqual([1, 2]);
    engine.place('SELL', '0.4');
    expect(engine.working()).toEqual(['s-1-1.sl SELL stop 0.6@95', 's-1-1.tp SELL limit 0.6@110']);
  });

  it('has legs of its own for each entry: a stop closes its own lot alone', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1, { stopLoss: { by: 5 } });
    engine.place('BUY', 1, { stopLoss: { by: 8 } });
    engine.quote(95);
    expect([engine.qty(), engine.working()]).toEqual([1, ['s-1-2.sl SELL stop 1@92']]);
  });

  it('keeps its legs when entries are cancelled', () => {
    const engine = bracketed();
    engine.place('BUY', 1, { type: 'limit', price: 90 });
    engine.handle({ kind: 'cancelAll' });
    expect(engine.working()).toEqual(['s-1-1.sl SELL stop 1@95', 's-1-1.tp SELL limit 1@110']);
    expect(engine.desk.cancelEntries('stopping')).toEqual([]);
    expect(engine.working().length).toBe(2);
  });
});
