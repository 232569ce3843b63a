import { expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { DeskScene, rule, type Strategy } from './desk-scene.ts';

/** A part of the working entry, as the venue reports it. */
function fillPart(s: Strategy, id: string, qty: string, remaining: string, ts: number): void {
  s.book.desk.onReport({
    kind: 'fill',
    remaining: dec(remaining),
    fill: {
      fillId: `${id}-${remaining}`,
      orderId: id,
      ts,
      symbol: 'X',
      side: 'BUY',
      qty: dec(qty),
      price: dec(99),
      commission: dec(0),
    },
  });
}

it('gives a stop-loss an id of its own where the fill that it protects has halted the strategy, and ended its entry', async () => {
  const scene = await DeskScene.open({ halt: [rule('maxClosesPerWindow', 2)] });
  const { s } = scene;
  scene.quote(100);
  const bracket = { stopLoss: { by: '5' }, takeProfit: { by: '5' } };
  s.ask({ side: 'BUY', type: 'limit', qty: '2', price: '99', bracket });
  const { id } = s.book.desk.orders()[0]!;
  fillPart(s, id, '0.7', '1.3', scene.clock.now());
  // Its lot is flat, and the entry may still fill.
  s.trade('SELL', 1);
  expect(s.qty()).toBe(-0.3);
  fillPart(s, id, '0.4', '0.9', scene.clock.now());
  await scene.rest();
  expect([s.state, s.qty(), s.causes.map((cause) => cause.rule)]).toEqual(['halted', 0.1, ['maxClosesPerWindow']]);
  const sent = s.disk.events.flatMap((event) =>
    event.type === 'order' && event.status === 'submitted' ? event.orderId : [],
  );
  expect(new Set(sent).size).toBe(sent.length);
  expect(s.book.desk.orders().map((order) => order.id)).toEqual([`${id}.sl.2`, `${id}.tp.2`]);
});
