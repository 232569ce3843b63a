import { describe, expect, it } from 'vitest';
import type { Side } from '../../src/domain/orders.ts';
import { Engine, START, type PlaceOptions } from '../doubles/engine.ts';

const EVEN = [
  [0, '0.1'],
  [100, '0.1'],
  [200, '0.1'],
] as const;

function stacked(
  layers: NonNullable<PlaceOptions['stack']>['layers'] = EVEN,
  options: PlaceOptions = {},
  side: Side = 'BUY',
) {
  const engine = new Engine();
  engine.quote(50_000);
  engine.place(side, layers[0]![1], { ...options, stack: { layers, withinMs: 60_000, ...options.stack } });
  return engine;
}

const triggers = (engine: Engine) =>
  engine.desk
    .waitingLayers()
    .map(({ layer, side, trigger, qty }) => [layer, side, trigger?.toNumber(), qty.toNumber()]);

describe('a stack', () => {
  it('sends layer 1 at once and holds the others from its fill: ST-1', () => {
    const engine = stacked();
    expect(engine.fills()).toEqual(['s-1-1 BUY 0.1@50000']);
    expect(triggers(engine)).toEqual([
      [2, 'BUY', 50_100, 0.1],
      [3, 'BUY', 50_200, 0.1],
    ]);
  });

  it('shows each layer with its own quantity: ST-11', () => {
    const engine = stacked([
      [0, '0.1'],
      [100, '0.2'],
      [200, '0.3'],
    ]);
    expect(triggers(engine)).toEqual([
      [2, 'BUY', 50_100, 0.2],
      [3, 'BUY', 50_200, 0.3],
    ]);
    expect(engine.desk.waitingLayers()[0]).toMatchObject({ stackId: 's-1-1', expiresAt: START + 1 + 60_000 });
  });

  it('has no triggers until layer 1 has filled', () => {
    const engine = new Engine();
    engine.quote(50_000);
    engine.place('BUY', '0.1', { type: 'limit', price: 49_000, stack: { layers: EVEN } });
    expect(triggers(engine)).toEqual([
      [2, 'BUY', undefined, 0.1],
      [3, 'BUY', undefined, 0.1],
    ]);
    engine.quote(48_990);
    expect(triggers(engine).map((row) => row[2])).toEqual([49_090, 49_190]);
  });

  it('sends a layer once, as a market order, when the executable side touches its trigger', () => {
    const engine = stacked();
    engine.quote(50_050, 50_099.99);
    expect(engine.fills().length).toBe(1);
    engine.quote(50_060, 50_100);
    engine.quotes(50_000, 50_150);
    expect(engine.fills()).toEqual(['s-1-1 BUY 0.1@50000', 's-1-1.L2 BUY 0.1@50100']);
    expect(engine.of('order').find(({ orderId }) => orderId === 's-1-1.L2')).toMatchObject({
      role: 'stackLayer',
      stackId: 's-1-1',
      parentId: 's-1-1',
      layer: 2,
      signalId: 's-1-s1',
    });
  });

  it('sends every layer that a gap jumps over, nearest first', () => {
    const engine = stacked([
      [0, '0.1'],
      [200, '0.3'],
      [100, '0.2'],
    ]);
    engine.quote(50_500);
    expect(engine.fills().slice(1)).toEqual(['s-1-1.L3 BUY 0.2@50500', 's-1-1.L2 BUY 0.3@50500']);
    expect(engine.desk.waitingLayers()).toEqual([]);
  });

  it('builds downwards against the trend', () => {
    const engine = stacked([
      [0, '0.1'],
      [-100, '0.1'],
    ]);
    engine.quote(50_100);
    expect(engine.fills().length).toBe(1);
    engine.quote(49_890);
    expect(engine.fills()[1]).toBe('s-1-1.L2 BUY 0.1@49890');
  });

  it('mirrors all of it for a SELL', () => {
    const engine = stacked(
      [
        [0, '0.1'],
        [100, '0.1'],
        [-100, '0.1'],
      ],
      {},
      'SELL',
    );
    expect(triggers(engine)).toEqual([
      [2, 'SELL', 49_900, 0.1],
      [3, 'SELL', 50_100, 0.1],
    ]);
    engine.quote(49_900, 49_950);
    engine.quote(50_100, 50_150);
    expect(engine.fills().slice(1)).toEqual(['s-1-1.L2 SELL 0.1@49900', 's-1-1.L3 SELL 0.1@50100']);
  });

  it('gives each layer the bracket, anchored to its own fill: ST-4', () => {
    const engine = stacked(EVEN, { stopLoss: { by: 50 }, takeProfit: { by: 200 } });
    expect(engine.working()).toEqual(['s-1-1.sl SELL stop 0.1@49950', 's-1-1.tp SELL limit 0.1@50200']);
    engine.quote(50_103);
    expect(engine.working().slice(2)).toEqual(['s-1-1.L2.sl SELL stop 0.1@50053', 's-1-1.L2.tp SELL limit 0.1@50303']);
  });

  it('lives as long as one of its layers is open: ST-6', () => {
    const engine = stacked(EVEN, { stopLoss: { by: 150 } });
    engine.quote(50_100);
    engine.place('BUY', 1);
    engine.quote(49_849);
    expect([engine.qty(), engine.desk.waitingLayers().length]).toEqual([1, 0]);
    const one = stacked([...EVEN, [300, '0.1']], { stopLoss: { by: 120 } });
    one.quotes(50_100, 50_250);
    expect(one.desk.waitingLayers().length).toBe(1);
    one.quote(50_130);
    expect([one.fills().at(-1), one.desk.waitingLayers().length]).toEqual(['s-1-1.L3.sl SELL 0.1@50130', 1]);
    one.quote(49_000);
    expect([one.qty(), one.desk.waitingLayers(), one.working()]).toEqual([0, [], []]);
    expect(one.of('cancel').at(-1)).toMatchObject({ orderId: 's-1-1.L4', reason: 'its filled layers are closed' });
  });

  it('ends when the position is closed by hand', () => {
    const engine = stacked();
    engine.close();
    expect(engine.desk.waitingLayers()).toEqual([]);
    engine.quote(50_300);
    expect(engine.qty()).toBe(0);
  });

  it('cancels what waits when its time is over: ST-8', () => {
    const engine = stacked();
    engine.clock.advanceTo(START + 1 + 60_000 - 1);
    expect(engine.desk.waitingLayers().length).toBe(2);
    engine.clock.advanceBy(1);
    engine.quote(50_500);
    expect([engine.fills().length, engine.desk.waitingLayers()]).toEqual([1, []]);
    expect(engine.of('cancel').map(({ orderId, status, reason }) => [orderId, status, reason])).toEqual([
      ['s-1-1.L2', 'cancelled', 'the time for its layers is over'],
      ['s-1-1.L3', 'cancelled', 'the time for its layers is over'],
    ]);
    expect(engine.qty()).toBe(0.1);
  });

  it('lets the end of its time win over a touch by the same tick', () => {
    const engine = stacked();
    engine.quote(50_500, 50_500, { ts: START + 1 + 60_000 });
    expect(engine.fills().length).toBe(1);
  });

  it('counts its time from the fill of layer 1', () => {
    const engine = new Engine();
    engine.quote(50_000);
    engine.place('BUY', '0.1', { type: 'limit', price: 49_000, stack: { layers: EVEN, withinMs: 1000 } });
    engine.clock.advanceBy(5000);
    expect(engine.desk.waitingLayers().length).toBe(2);
    engine.quote(49_000);
    engine.clock.advanceBy(999);
    expect(engine.desk.waitingLayers().length).toBe(2);
    engine.clock.advanceBy(1);
    expect(engine.desk.waitingLayers()).toEqual([]);
  });

  it('goes when its first layer is cancelled, expires or is rejected without a fill', () => {
    const options = { type: 'limit', price: 49_000, stack: { layers: EVEN } } as const;
    const cancelled = new Engine();
    cancelled.quote(50_000);
    cancelled.cancel(cancelled.place('BUY', '0.1', options));
    const expired = new Engine();
    expired.quote(50_000);
    expired.place('BUY', '0.1', { ...options, tif: 'GTD', expiresAt: START + 100 });
    expired.clock.advanceBy(1000);
    const rejected = new Engine({ paper: { rejectionRate: 1 } });
    rejected.quote(50_000);
    rejected.place('BUY', '0.1', options);
    for (const engine of [cancelled, expired, rejected]) {
      expect(engine.desk.waitingLayers()).toEqual([]);
      expect(engine.of('cancel').filter(({ orderId }) => orderId.includes('.L')).length).toBe(2);
    }
  });

  it('loses a layer that the gate denies, and only that', () => {
    const engine = stacked();
    engine.desk.closeGate('halted');
    engine.quote(50_110);
    expect(engine.refusals).toMatchObject([{ orderId: 's-1-1.L2', code: 'HALTED' }]);
    engine.desk.openGate();
    engine.quote(50_110);
    expect([engine.fills().length, triggers(engine).length]).toEqual([1, 1]);
    engine.quote(50_200);
    expect(engine.fills()[1]).toBe('s-1-1.L3 BUY 0.1@50200');
  });

  it('goes with the entries when these are cancelled', () => {
    const engine = stacked();
    expect(engine.desk.cancelEntries('stopping')).toEqual(['s-1-1.L2', 's-1-1.L3']);
    expect(engine.desk.waitingLayers()).toEqual([]);
    const byHand = stacked();
    byHand.handle({ kind: 'cancelAll', stream: 'Y' });
    expect(byHand.desk.waitingLayers().length).toBe(2);
    byHand.handle({ kind: 'cancelAll', stream: 'X' });
    expect(byHand.desk.waitingLayers()).toEqual([]);
    const byId = stacked();
    byId.cancel('s-1-1');
    expect([byId.desk.waitingLayers(), byId.qty()]).toEqual([[], 0.1]);
  });
});
