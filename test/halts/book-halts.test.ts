import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { DeskScene, rule, type DeskSceneOptions } from './desk-scene.ts';

const RESUME = { by: 'test', reason: 'looked at it', rebase: 'none' } as const;
const DRAWDOWN = rule('maxDrawdown', '0.05', { basis: 'peak' });

/** Two strategies under a rule of the book that the first one's loss has tripped; the price has come back since. */
async function halted(options: DeskSceneOptions = {}): Promise<DeskScene> {
  const scene = await DeskScene.open({ strategies: ['a', 'b'], book: [DRAWDOWN], ...options });
  scene.quote(1000);
  scene.strategies.get('a')!.trade('BUY', 1);
  scene.quote(-100);
  await scene.rest();
  scene.quote(1000);
  await scene.rest();
  expect(scene.strategies.get('b')!.causes).toMatchObject([{ rule: 'book.maxDrawdown' }]);
  return scene;
}

describe('a resume of the book', () => {
  it('that the process dies in leaves no rule of the book unjudged', async () => {
    const scene = await halted({ syncMs: 5 });
    void scene.book.resume(RESUME);
    await scene.restart();
    const [a, b] = [scene.strategies.get('a')!, scene.strategies.get('b')!];
    expect([a.state, b.state]).toEqual(['trading', 'trading']);
    scene.quote(1000);
    scene.quote(-100);
    expect([a.trade('BUY', 0.1), b.trade('BUY', 0.1)]).toEqual(['HALTED', 'HALTED']);
  });

  it('judges while it goes to disk: a breach meanwhile halts all anew', async () => {
    const scene = await halted({ syncMs: 5 });
    const resuming = scene.book.resume(RESUME);
    scene.quote(-100);
    await scene.rest();
    const results = await resuming;
    expect(Object.values(results).map((result) => result.halted)).toEqual([true, true]);
    for (const strategy of scene.strategies.values()) {
      expect([strategy.state, strategy.trade('BUY', 0.1)]).toEqual(['halted', 'HALTED']);
      const { haltCauses } = strategy.runtime.actor.snapshot().context;
      expect(haltCauses).toHaveLength(strategy.causes.length);
    }
  });

  it('is previewed by the rules of the book, with what stays and what works', async () => {
    const scene = await halted({ halt: [rule('maxDailyLoss', 500)] });
    const preview = scene.book.preview('none');
    expect(preview).toMatchObject({
      wouldResume: true,
      wouldTrip: [],
      remains: [{ causeId: 'a-h1', scope: 'strategy' }],
      headroom: [{ rule: 'book.maxDrawdown', limit: dec('0.05') }],
      rebase: 'none',
    });
    scene.quote(-100);
    const refused = scene.book.preview('none');
    expect(refused).toMatchObject({ wouldResume: false, wouldTrip: [{ rule: 'book.maxDrawdown' }] });
    await expect(scene.book.resume(RESUME)).rejects.toMatchObject({ code: 'QKT_E_WOULD_TRIP' });
    expect(scene.book.preview('peak')).toMatchObject({ wouldResume: true, rebase: 'peak' });
    expect(scene.strategies.get('b')!.state).toBe('halted');
  });

  it('is previewed as one that would not come about where no halt of the book is in force', async () => {
    const scene = await DeskScene.open({ strategies: ['a'], book: [DRAWDOWN] });
    expect(scene.book.preview('none')).toMatchObject({ wouldResume: false, wouldTrip: [], remains: [] });
    await expect(scene.book.resume(RESUME)).rejects.toMatchObject({ code: 'QKT_E_STATE' });
  });
});

describe('a resume of the book, where strategies do not run', () => {
  const STOP = { type: 'STOP', by: 'test', flatten: true, timeoutMs: 1000 } as const;
  const CRASHED = { type: 'CRASHED', cause: 'threw', error: { code: 'QKT_E_CALLBACK', message: 'boom' } } as const;
  const FAULT = { type: 'FAULT', error: { code: 'QKT_E_INTERNAL', message: 'fault' } } as const;

  it('lifts its causes in all that are stopped, as its preview says; a start trades then', async () => {
    const scene = await halted();
    const [a, b] = [scene.strategies.get('a')!, scene.strategies.get('b')!];
    for (const { runtime } of [a, b]) runtime.actor.send(STOP);
    await scene.rest();
    expect(scene.book.preview('peak')).toMatchObject({ wouldResume: true });
    const results = await scene.book.resume({ ...RESUME, rebase: 'peak' });
    const lifted = { state: 'stopped', halted: false, lifted: [{ rule: 'book.maxDrawdown' }] };
    expect(results).toMatchObject({ a: lifted, b: lifted });
    expect([a, b].map(({ runtime }) => runtime.actor.snapshot().context.haltCauses)).toEqual([[], []]);
    await expect(scene.book.resume(RESUME)).rejects.toMatchObject({ code: 'QKT_E_STATE' });
    await scene.restart();
    expect([...scene.strategies.values()].map(({ state }) => state)).toEqual(['trading', 'trading']);
  });

  it('leaves no halt to the next one that is deployed, whether the others run, are stopped or have failed', async () => {
    const scene = await DeskScene.open({ strategies: ['runs', 'stopped', 'failed'], book: [DRAWDOWN] });
    await scene.book.halt({ by: 'test', reason: 'exchange trouble' });
    scene.strategies.get('stopped')!.runtime.actor.send(STOP);
    for (const event of [CRASHED, FAULT]) scene.strategies.get('failed')!.runtime.actor.send(event);
    await scene.rest();
    const results = await scene.book.resume(RESUME);
    expect(Object.values(results).map(({ state, halted: is }) => [state, is])).toEqual([
      ['trading', false],
      ['stopped', false],
      ['failed', false],
    ]);
    const next = await scene.deploy('next');
    expect([next.state, next.causes]).toEqual(['trading', []]);
  });

  it("leaves a stopped strategy's own halt in force", async () => {
    const scene = await DeskScene.open({ strategies: ['a'] });
    const { runtime } = scene.strategies.get('a')!;
    await runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'its own', by: 'test' });
    await scene.book.halt({ by: 'test', reason: 'exchange trouble' });
    runtime.actor.send(STOP);
    await scene.rest();
    expect(await scene.book.resume(RESUME)).toMatchObject({ a: { state: 'stopped', halted: true, lifted: [{}] } });
    await expect(runtime.halts.resume(RESUME)).rejects.toMatchObject({ code: 'QKT_E_STATE' });
    expect(runtime.actor.snapshot().context.haltCauses).toMatchObject([{ reason: 'its own' }]);
  });

  it('is refused, in its preview as well, while each of them is between two states', async () => {
    const scene = await DeskScene.open({ strategies: ['a'], book: [DRAWDOWN] });
    await scene.book.halt({ by: 'test', reason: 'exchange trouble' });
    const { runtime } = scene.strategies.get('a')!;
    runtime.actor.send(CRASHED);
    expect(scene.book.preview('none')).toMatchObject({ wouldResume: false });
    await expect(scene.book.resume(RESUME)).rejects.toMatchObject({
      code: 'QKT_E_STATE',
      message: expect.stringContaining('a is crashed') as string,
    });
    expect(runtime.halts.causes).toHaveLength(1);
  });

  it('does not free one that is started while it goes to disk', async () => {
    const scene = await DeskScene.open({ strategies: ['a'], syncMs: 5 });
    const { runtime } = scene.strategies.get('a')!;
    const halting = scene.book.halt({ by: 'test', reason: 'exchange trouble' });
    await scene.rest();
    await halting;
    runtime.actor.send(STOP);
    await scene.rest();
    const resuming = scene.book.resume(RESUME);
    runtime.actor.send({ type: 'START', by: 'test' });
    await scene.rest();
    expect(await resuming).toMatchObject({ a: { halted: true, lifted: [] } });
    const { haltCauses } = runtime.actor.snapshot().context;
    expect([runtime.actor.state(), haltCauses.length, runtime.halts.causes.length]).toEqual(['halted', 1, 1]);
  });
});

describe('a rule of the book that has tripped', () => {
  it('is judged again when every strategy has been removed', async () => {
    const scene = await halted();
    const { runtime } = scene.strategies.get('a')!;
    runtime.actor.send({ type: 'STOP', by: 'test', flatten: true, timeoutMs: 1000 });
    await scene.rest();
    for (const name of ['a', 'b']) scene.remove(name);
    const c = await scene.deploy('c');
    expect([c.state, c.causes]).toEqual(['trading', []]);
    expect(c.trade('BUY', 1)).toBe('order');
    scene.quote(400);
    expect(c.trade('BUY', 0.1)).toBe('HALTED');
    expect(c.causes).toMatchObject([{ rule: 'book.maxDrawdown' }]);
  });

  it('is not evaded by removing every strategy: what was lost counts for the next one', async () => {
    const scene = await DeskScene.open({ strategies: ['a'], book: [DRAWDOWN] });
    const a = scene.strategies.get('a')!;
    scene.quote(1000);
    a.trade('BUY', 2);
    scene.quote(400);
    await scene.rest();
    expect(a.state).toBe('halted');
    a.runtime.actor.send({ type: 'STOP', by: 'test', flatten: true, timeoutMs: 1000 });
    await scene.rest();
    scene.remove('a');
    const c = await scene.deploy('c');
    expect([c.state, c.trade('BUY', 0.1)]).toEqual(['halted', 'HALTED']);
    expect(c.causes).toMatchObject([{ rule: 'book.maxDrawdown', by: null }]);
  });

  it('is a halt of its own for one that is deployed after a restart, of the same rule', async () => {
    const scene = await halted();
    await scene.restart();
    const [before] = scene.strategies.get('a')!.causes;
    const c = await scene.deploy('c');
    const [shared] = c.causes;
    const { rule: name, ruleId, scope, reason, by, measured, limit } = before!;
    expect(shared).toMatchObject({ rule: name, ruleId, scope, reason, by, measured, limit, causeId: 'c-h1' });
    expect([before!.restored, shared!.restored]).toEqual([true, undefined]);
    expect(Date.parse(shared!.since)).toBeGreaterThan(Date.parse(before!.since));
    // What one was told of the disk is nothing about another.
    expect(shared).not.toHaveProperty('durable');
    expect(c.runtime.actor.snapshot().context.haltCauses).toMatchObject([{ causeId: 'c-h1', durable: true }]);
  });

  it('by the account that comes back last halts that one as well', async () => {
    const scene = await DeskScene.open({ strategies: ['a', 'b'], book: [DRAWDOWN] });
    const b = scene.strategies.get('b')!;
    scene.quote(1000);
    b.trade('BUY', 4);
    const before = scene.bookState;
    scene.quote(600);
    b.close();
    await scene.rest();
    // The loss was kept, the halt of it was not.
    for (const { disk } of scene.strategies.values()) {
      const { parts } = disk.state as { parts: { halts: { causes: unknown[] } } };
      parts.halts.causes = [];
    }
    scene.bookState = before;
    await scene.restart();
    for (const { state, causes } of scene.strategies.values())
      expect([state, causes.map(({ rule: name }) => name)]).toEqual(['halted', ['book.maxDrawdown']]);
  });
});
