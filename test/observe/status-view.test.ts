import { describe, expect, it } from 'vitest';
import { Evaluations } from '../../src/actors/evaluations.ts';
import { toJson } from '../../src/domain/json.ts';
import { figures } from '../../src/observe/status-view.ts';
import { COUNTS } from '../doubles/metrics.ts';
import { Engine, instrument, START } from '../doubles/engine.ts';

class Watched extends Engine {
  figures() {
    return figures({
      ledger: this.ledger,
      termsOf: (position) => this.termsOf(position),
      orders: this.desk.orders(),
      waiting: this.desk.waitingLayers(),
      trades: [],
      tradesTotal: this.trades.length,
      evaluations: new Evaluations().view(),
      drawdown: (equity) => this.equity.drawdown(equity),
      dailyLoss: (equity) => this.equity.dailyLoss(equity),
      headroom: () => [],
      counters: COUNTS,
      rejected: {},
      restarts: 0,
      seq: this.events.length,
      asOf: this.clock.now(),
    });
  }

  json(): Record<string, unknown> {
    return JSON.parse(toJson(this.figures())) as Record<string, unknown>;
  }
}

describe('the figures of a status', () => {
  it('hold equity = balance + unrealized and balance = startingBalance + realized, with the mark of each side', () => {
    const engine = new Watched({ instruments: [instrument('X'), instrument('Y')] });
    engine.quote(99.9, 100.1);
    engine.quote(49.9, 50.1, { symbol: 'Y' });
    engine.place('BUY', 2);
    engine.place('SELL', 3, { symbol: 'Y' });
    engine.quote(101.1, 101.3);
    engine.quote(48.1, 48.4, { symbol: 'Y' });
    engine.place('SELL', 1);
    expect(engine.json()).toMatchObject({
      startingBalance: 10_000,
      realized: 1,
      balance: 10_001,
      unrealized: 5.5,
      equity: 10_006.5,
      unknown: [],
      positions: [
        { symbol: 'X', venue: 'paper', qty: 1, avgPrice: 100.1, markPrice: 101.1, unrealized: 1 },
        { symbol: 'Y', venue: 'paper', qty: -3, avgPrice: 49.9, markPrice: 48.4, unrealized: 4.5 },
      ],
    });
  });

  it('show working orders, the nearest protective levels and the waiting layers of a stack', () => {
    const engine = new Watched();
    engine.quote(100);
    engine.place('BUY', 1, { stopLoss: { by: 5 }, takeProfit: { by: 9 }, tag: 'a' });
    engine.place('BUY', 1, { stopLoss: { by: 3 }, takeProfit: { by: 12 } });
    engine.place('BUY', 1, {
      type: 'limit',
      price: 90,
      stack: {
        layers: [
          [0, 1],
          [10, '0.5'],
        ],
        withinMs: 1000,
      },
    });
    const view = engine.json();
    expect(view.positions).toMatchObject([{ qty: 2, stopLoss: 97, takeProfit: 109 }]);
    expect(view.orders).toMatchObject([
      { id: 's-1-1.sl', role: 'stopLoss', type: 'stop', price: 95, parentId: 's-1-1', status: 'working' },
      { id: 's-1-1.tp', role: 'takeProfit', type: 'limit', price: 109 },
      { id: 's-1-2.sl' },
      { id: 's-1-2.tp' },
      { id: 's-1-3', role: 'entry', qty: 1, filledQty: 0, tif: 'GTC', stackId: 's-1-3' },
    ]);
    expect(view.pendingStackLayers).toEqual([
      { stackId: 's-1-3', layer: 2, symbol: 'X', side: 'BUY', triggerPrice: null, qty: 0.5, expiresAt: null },
    ]);
    engine.quote(98, 90);
    expect(engine.json().pendingStackLayers).toEqual([
      {
        stackId: 's-1-3',
        layer: 2,
        symbol: 'X',
        side: 'BUY',
        triggerPrice: 100,
        qty: 0.5,
        expiresAt: new Date(START + 2 + 1000).toISOString(),
      },
    ]);
  });

  it("take the author's own stops for what they are where they cover the whole position", () => {
    const engine = new Watched();
    engine.quote(100);
    engine.place('BUY', 2);
    engine.place('SELL', 1, { type: 'trailingStop', trail: 4 });
    engine.place('SELL', 2, { type: 'limit', price: 110 });
    engine.place('BUY', 5, { type: 'stop', price: 120 });
    expect(engine.json().positions).toMatchObject([{ qty: 2 }]);
    expect(engine.json().positions).not.toMatchObject([{ stopLoss: expect.anything() }]);
    engine.place('SELL', 1, { type: 'stop', price: 95 });
    expect(engine.json().positions).toMatchObject([{ qty: 2, stopLoss: 96 }]);
    engine.quote(102);
    expect(engine.json().positions).toMatchObject([{ qty: 2, stopLoss: 98 }]);
  });

  it('are null and named where they are not known, never zero', () => {
    const cross = instrument('EURJPY', { base: 'EUR', quote: 'JPY' });
    const engine = new Watched({ instruments: [cross], rates: { JPYUSD: '0.0066' } });
    engine.quote(160, 160, { symbol: 'EURJPY' });
    engine.place('BUY', 1, { symbol: 'EURJPY' });
    engine.rate = () => undefined;
    expect(engine.json()).toMatchObject({
      balance: 10_000,
      unrealized: null,
      equity: null,
      drawdown: null,
      unknown: ['equity', 'unrealized', 'riskState.drawdown', 'riskState.dailyLoss'],
      positions: [{ qty: 1, markPrice: 160, unrealized: null }],
    });
  });
});
