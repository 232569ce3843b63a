import { describe, expect, it } from 'vitest';
import { Engine, instrument } from '../doubles/engine.ts';

describe('the record of an order', () => {
  it('goes from created to filled, with the ids that chain signal, order and fill', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1, { tag: 'why' });
    expect(engine.statuses('s-1-1')).toEqual(['created', 'submitted', 'working', 'filled']);
    expect(engine.events.map(({ type }) => type)).toEqual([
      'signal',
      'order',
      'order',
      'order',
      'order',
      'fill',
      'position',
    ]);
    expect(engine.of('signal')[0]).toMatchObject({ signalId: 's-1-s1', action: 'buy', symbol: 'X', tag: 'why' });
    expect(engine.of('order').at(-1)).toMatchObject({ signalId: 's-1-s1', orderId: 's-1-1', tag: 'why' });
    expect(engine.of('fill')[0]).toMatchObject({ signalId: 's-1-s1', orderId: 's-1-1', fillId: 's-f1' });
    expect(engine.of('position')[0]).toMatchObject({ fillId: 's-f1' });
  });

  it('is complete before the venue is told: an intent is recorded before it is sent', () => {
    const engine = new Engine({ paper: { latencyMs: 100 } });
    engine.quote(100);
    engine.place('BUY', 1);
    expect(engine.statuses('s-1-1')).toEqual(['created', 'submitted']);
  });

  it('ends with the denial of our gate or the rejection of the venue', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.warm = false;
    engine.place('BUY', 1);
    engine.warm = true;
    engine.place('BUY', '0.01');
    expect([engine.statuses('s-1-1'), engine.statuses('s-1-2')]).toEqual([
      ['created', 'denied'],
      ['created', 'submitted', 'rejected'],
    ]);
    expect(
      engine.of('rejection').map(({ orderId, status, code, signalId }) => [orderId, status, code, signalId]),
    ).toEqual([
      ['s-1-1', 'denied', 'WARMUP', 's-1-s1'],
      ['s-1-2', 'rejected', 'VOLUME', 's-1-s2'],
    ]);
  });

  it('tells the price at which the strategy decided', () => {
    const engine = new Engine({ paper: { latencyMs: 10 } });
    engine.quote(99, 101);
    engine.place('BUY', 1);
    engine.place('SELL', 1);
    engine.quote(109, 111);
    engine.clock.advanceBy(100);
    expect(engine.trades.map(({ order }) => order.signalPrice?.toNumber())).toEqual([101, 99]);
  });
});

describe('the gate', () => {
  it('says of a gateway that is not ready why that is, where it is known', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.gatewayReady = false;
    expect(engine.offer('BUY', 1)).toMatchObject({ code: 'GATEWAY_DOWN', reason: 'the gateway is not ready' });
    engine.gatewayCause = 'gateway exness: it is down: MT5 terminal is not connected';
    expect(engine.offer('BUY', 1)).toMatchObject({ code: 'GATEWAY_DOWN', reason: engine.gatewayCause });
  });

  it('gives the first refusal in the order of its stages', () => {
    const engine = new Engine();
    engine.warm = false;
    engine.gatewayReady = false;
    engine.desk.closeGate('halted by a test');
    const code = (): unknown => {
      const outcome = engine.offer('BUY', 1);
      return typeof outcome === 'object' ? outcome.code : outcome;
    };
    const seen = [code()];
    engine.desk.openGate();
    seen.push(code());
    engine.gatewayReady = true;
    seen.push(code());
    engine.warm = true;
    seen.push(code());
    engine.quote(100);
    seen.push(code());
    expect(seen).toEqual(['HALTED', 'GATEWAY_DOWN', 'WARMUP', 'UNPRICEABLE', 'order']);
  });

  it('lets only what reduces pass while halted: H-16, R-8', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1);
    engine.desk.closeGate('halted');
    expect(engine.offer('BUY', 1)).toMatchObject({ code: 'HALTED', reason: 'halted' });
    expect(engine.offer('SELL', 2)).toMatchObject({ code: 'HALTED' });
    expect(engine.offer('SELL', 1)).toBe('order');
    expect(engine.qty()).toBe(0);
    expect(engine.offer('SELL', 1)).toMatchObject({ code: 'HALTED' });
  });

  it('lets a close pass while halted', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('SELL', 1);
    engine.desk.closeGate('halted');
    expect([engine.close(), engine.qty(), engine.close()]).toEqual(['order', 0, 'nothing']);
  });

  it('counts other reducing orders that are working: two exits cannot flip a position', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1);
    engine.desk.closeGate('halted');
    expect(engine.offer('SELL', '0.6', { type: 'limit', price: 110 })).toBe('order');
    expect(engine.offer('SELL', '0.6', { type: 'limit', price: 120 })).toMatchObject({ code: 'HALTED' });
    expect(engine.offer('SELL', '0.4', { type: 'limit', price: 120 })).toBe('order');
  });

  it('does not count protective orders: they follow the position', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1, { stopLoss: { by: 5 }, takeProfit: { by: 5 } });
    engine.desk.closeGate('halted');
    expect([engine.offer('SELL', 1), engine.qty(), engine.working()]).toEqual(['order', 0, []]);
  });

  it('holds exits back only while nothing can be sent or priced', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1);
    engine.warm = false;
    engine.gatewayReady = false;
    expect(engine.close()).toMatchObject({ code: 'GATEWAY_DOWN' });
    engine.gatewayReady = true;
    expect(engine.close()).toBe('order');
  });

  it('denies an order whose currency has no rate', () => {
    const engine = new Engine({ instruments: [instrument('EURGBP', { base: 'EUR', quote: 'GBP' })] });
    engine.quote(0.86, 0.86, { symbol: 'EURGBP' });
    expect(engine.offer('BUY', 1, { symbol: 'EURGBP' })).toMatchObject({ code: 'UNPRICEABLE' });
    const configured = new Engine({
      instruments: [instrument('EURGBP', { base: 'EUR', quote: 'GBP' })],
      rates: { GBPUSD: '1.25' },
    });
    configured.quote(0.86, 0.86, { symbol: 'EURGBP' });
    configured.place('BUY', 100, { symbol: 'EURGBP' });
    configured.quote(0.87, 0.87, { symbol: 'EURGBP' });
    configured.close('EURGBP');
    expect(configured.ledger.realized.toString()).toBe('1.25');
  });
});

describe('closing', () => {
  it('does nothing when flat, or when a close is on its way', () => {
    const engine = new Engine({ paper: { latencyMs: 100 } });
    engine.quote(100);
    expect(engine.close()).toBe('nothing');
    engine.place('BUY', 1);
    engine.clock.advanceBy(100);
    expect([engine.close(), engine.close()]).toEqual(['order', 'nothing']);
    engine.desk.flatten();
    engine.clock.advanceBy(100);
    expect([engine.qty(), engine.trades.length]).toEqual([0, 2]);
  });

  it('splits what is over the largest volume of an order, on the step', () => {
    const engine = new Engine({ instruments: [instrument('X', { volumeMax: '2.05' })] });
    engine.quote(100);
    for (let i = 0; i < 3; i++) engine.place('BUY', 2);
    engine.place('BUY', '0.5');
    engine.desk.flatten();
    expect([engine.qty(), engine.fills().slice(4)]).toEqual([
      0,
      ['s-flatten-1 SELL 2@100', 's-flatten-1.2 SELL 2@100', 's-flatten-1.3 SELL 2@100', 's-flatten-1.4 SELL 0.5@100'],
    ]);
  });

  it('flattens every symbol, protective orders included, while the gate is closed', () => {
    const engine = new Engine({ instruments: [instrument('X'), instrument('Y')] });
    engine.quote(100);
    engine.quote(200, 200, { symbol: 'Y' });
    engine.place('BUY', 1, { stopLoss: { by: 5 } });
    engine.place('SELL', 2, { symbol: 'Y', takeProfit: { by: 5 } });
    engine.desk.closeGate('halted');
    engine.desk.flatten();
    expect([engine.ledger.positions(), engine.working()]).toEqual([[], []]);
  });

  it('sends what a rejected closing order has left when it is asked again, under a new id', () => {
    const engine = new Engine({
      instruments: [instrument('X'), instrument('Y')],
      paper: { rejectionRate: 0.5 },
      seed: 2,
    });
    engine.quote(100);
    while (engine.qty() === 0) engine.place('BUY', 1);
    for (let i = 0; i < 50 && engine.qty() !== 0; i++) engine.desk.flatten();
    expect(engine.qty()).toBe(0);
    const ids = engine.of('order').flatMap(({ orderId, status }) => (status === 'created' ? [orderId] : []));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('cancelling', () => {
  it('cancels the entries of one stream, or of all', () => {
    const engine = new Engine({ instruments: [instrument('X'), instrument('Y')] });
    engine.quote(100);
    engine.quote(100, 100, { symbol: 'Y' });
    const [x, y] = [
      engine.place('BUY', 1, { type: 'limit', price: 90 }),
      engine.place('BUY', 1, { type: 'limit', price: 90, symbol: 'Y' }),
    ];
    engine.handle({ kind: 'cancelAll', stream: 'X' });
    expect([engine.statuses(x).at(-1), engine.statuses(y).at(-1)]).toEqual(['cancelled', 'working']);
    engine.handle({ kind: 'cancelAll' });
    expect(engine.statuses(y).at(-1)).toBe('cancelled');
  });

  it('ignores an id that is not working', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.cancel('nobody');
    engine.cancel(engine.place('BUY', 1));
    expect(engine.of('cancel')).toEqual([]);
  });
});

describe('what has been taken back', () => {
  it('is each entry and layer that was cancelled, not the one that filled before its cancel arrived', () => {
    const engine = new Engine({ paper: { latencyMs: 100 } });
    engine.quote(100);
    engine.place('BUY', 1, {
      stack: {
        layers: [
          [0, 1],
          [5, 1],
          [6, 1],
        ],
        withinMs: 60_000,
      },
    });
    engine.place('BUY', 1, { type: 'limit', price: 99 });
    engine.place('BUY', 1, { type: 'limit', price: 90 });
    engine.clock.advanceBy(200);
    engine.desk.handle({ kind: 'cancelAll' });
    expect(engine.desk.takenBack).toBe(2);
    engine.quote(98.5);
    engine.clock.advanceBy(200);
    expect(engine.desk.orders()).toEqual([]);
    expect(engine.statuses('s-1-2')).toContain('filled');
    expect(engine.desk.takenBack).toBe(3);
  });
});
