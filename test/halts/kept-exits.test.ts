import { describe, expect, it } from 'vitest';
import { DeskScene, type Asked, type DeskSceneOptions } from './desk-scene.ts';

const by = { rule: 'manual', scope: 'strategy', reason: 'look', by: 'test' } as const;

/** Long 2 at 100, with what the author asks for around it. */
async function holding(orders: readonly Asked[], options: DeskSceneOptions = {}): Promise<DeskScene> {
  const scene = await DeskScene.open(options);
  scene.quote(100);
  expect(scene.s.trade('BUY', 2)).toBe('order');
  scene.clock.advanceBy(100);
  for (const order of orders) expect(scene.s.ask(order)).toBe('order');
  scene.clock.advanceBy(100);
  return scene;
}

const working = ({ s }: DeskScene): readonly string[] =>
  s.book.desk.orders().map(({ side, type, qty }) => `${side} ${type} ${qty.toString()}`);

const ended = ({ s }: DeskScene): readonly unknown[] =>
  s.disk.events.flatMap((event) => (event.type === 'cancel' ? [event.reason] : []));

const TRAILING: Asked = { side: 'SELL', type: 'trailingStop', qty: '2', trail: '1' };
const STOP: Asked = { side: 'SELL', type: 'stop', qty: '2', price: '95' };
const TARGET: Asked = { side: 'SELL', type: 'limit', qty: '2', price: '110' };

describe("the author's own stops and targets under a halt", () => {
  it.each([
    ['a stop', STOP, 94],
    ['a trailing stop', TRAILING, 98],
    ['a target', TARGET, 111],
  ])('stay where they only reduce: %s', async (_, order, price) => {
    const scene = await holding([order, { side: 'BUY', type: 'limit', qty: '1', price: '90' }]);
    const result = await scene.s.runtime.halts.halt(by);
    expect(result).toMatchObject({ state: 'halted', cancelled: 1, left: [] });
    expect(working(scene)).toEqual([`SELL ${order.type} 2`]);
    scene.quote(price);
    await scene.rest();
    expect([scene.s.qty(), working(scene)]).toEqual([0, []]);
  });

  it('never turn the position round together, and go with it', async () => {
    const scene = await holding([STOP, TARGET, TRAILING]);
    await scene.s.runtime.halts.halt(by);
    expect(working(scene)).toHaveLength(3);
    // Both stops are touched at once.
    scene.quote(94);
    await scene.rest();
    expect([scene.s.qty(), working(scene)]).toEqual([0, []]);
    expect(ended(scene)).toEqual(Array.from({ length: 2 }, () => 'what it was to close is closed'));
  });

  it('count with the exits of a bracket', async () => {
    const scene = await DeskScene.open();
    scene.quote(100);
    scene.s.ask({ side: 'BUY', type: 'market', qty: '2', bracket: { stopLoss: { at: '96' } } });
    scene.s.ask(STOP);
    await scene.s.runtime.halts.halt(by);
    expect(working(scene)).toEqual(['SELL stop 2', 'SELL stop 2']);
    scene.quote(94);
    await scene.rest();
    expect([scene.s.qty(), working(scene)]).toEqual([0, []]);
  });

  it('do not stay where they could open: more than is open, or with levels of their own', async () => {
    const bracket = { stopLoss: { by: '1' } };
    const scene = await holding([
      { ...STOP, qty: '2.5' },
      { ...TARGET, bracket },
    ]);
    const result = await scene.s.runtime.halts.halt(by);
    expect([result.cancelled, working(scene)]).toEqual([2, []]);
  });

  it('are reduce-only from then on, over a resume and a restart, and let the author out', async () => {
    const scene = await holding([STOP]);
    await scene.s.runtime.halts.halt(by);
    await scene.restart();
    scene.quote(100);
    expect(scene.s.state).toBe('halted');
    expect(scene.s.trade('SELL', 1)).toBe('order');
    await scene.s.runtime.halts.resume({ by: 'test', reason: 'go on', rebase: 'none' });
    scene.quote(94);
    await scene.rest();
    expect([scene.s.qty(), working(scene)]).toEqual([0, []]);
  });

  it('go with the position where the author closes it, also while they are on their way', async () => {
    const scene = await holding([], { paper: { latencyMs: 50 } });
    expect(scene.s.ask(STOP)).toBe('order');
    await scene.s.runtime.halts.halt(by);
    await scene.rest();
    expect(working(scene)).toEqual(['SELL stop 2']);
    expect(scene.s.close()).toBe('order');
    await scene.rest();
    expect([scene.s.qty(), working(scene)]).toEqual([0, []]);
  });

  it('are cancelled by the author as before', async () => {
    const scene = await holding([STOP]);
    await scene.s.runtime.halts.halt(by);
    scene.s.book.desk.handle({ kind: 'cancelAll' });
    expect(working(scene)).toEqual([]);
  });
});

describe("the author's own stops and targets in a stop", () => {
  const stop = (flatten: boolean) => ({ type: 'STOP', by: 'test', flatten, timeoutMs: 30_000 }) as const;

  it('stay with what stays open, and so do those that come while entries are taken back', async () => {
    const scene = await holding([STOP]);
    const { s } = scene;
    s.runtime.actor.send(stop(false));
    expect(s.ask({ ...TARGET, qty: '1' })).toBe('order');
    await scene.rest();
    expect([s.state, working(scene)]).toEqual(['stopped', ['SELL stop 2', 'SELL limit 1']]);
    scene.quote(94);
    await scene.rest();
    expect([s.qty(), working(scene)]).toEqual([0, []]);
  });

  it('go with what is closed', async () => {
    const scene = await holding([STOP, TARGET]);
    scene.s.runtime.actor.send(stop(true));
    await scene.rest();
    expect([scene.s.state, scene.s.qty(), working(scene)]).toEqual(['stopped', 0, []]);
  });
});
