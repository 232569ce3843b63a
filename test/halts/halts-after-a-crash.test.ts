import { describe, expect, it } from 'vitest';
import { EventLog } from '../../src/streams/event-log.ts';
import { DeskScene, rule, settled, type DeskSceneOptions } from './desk-scene.ts';

const RESUME = { by: 'test', reason: 'looked at it', rebase: 'none' } as const;
const DRAWDOWN = rule('maxDrawdown', '0.05', { basis: 'peak' });
const MIDNIGHT = Date.UTC(2024, 0, 11);

/** Long one lot at 1000, halted by its drawdown; the price has come back since. */
async function halted(options: DeskSceneOptions = {}): Promise<DeskScene> {
  const scene = await DeskScene.open({ halt: [DRAWDOWN], ...options });
  scene.quote(1000);
  scene.s.trade('BUY', 1);
  scene.quote(400);
  await scene.rest();
  scene.quote(1000);
  await scene.rest();
  expect([scene.s.state, scene.s.causes.length]).toEqual(['halted', 1]);
  return scene;
}

describe('a resume that the process dies in', () => {
  it('leaves no rule unjudged: what it has lifted trips again', async () => {
    const scene = await halted({ syncMs: 5 });
    void scene.s.runtime.halts.resume(RESUME);
    // Written, but nothing that was to follow has happened.
    await scene.restart();
    expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
    expect(scene.s.runtime.risk.save().tripped).toEqual({});
    scene.quote(1000);
    expect(scene.s.trade('BUY', 0.1)).toBe('order');
    scene.quote(400);
    expect(scene.s.trade('BUY', 0.1)).toBe('HALTED');
    expect(scene.s.causes).toMatchObject([{ rule: 'maxDrawdown', by: null }]);
  });

  it('mends a store that holds a trip without its halt, as an earlier version has left it', async () => {
    const scene = await halted();
    await scene.s.runtime.halts.resume(RESUME);
    await scene.rest();
    const state = scene.s.disk.state as { parts: { risk: { tripped: Record<string, string> } } };
    state.parts.risk.tripped['maxDrawdown:peak'] = 'breach';
    await scene.restart();
    scene.quote(1000);
    scene.quote(400);
    expect(scene.s.trade('BUY', 0.1)).toBe('HALTED');
  });
});

describe('a resume', () => {
  it('judges every rule while it goes to disk, and does not come about when one trips', async () => {
    const scene = await halted({ syncMs: 5 });
    const resuming = scene.s.runtime.halts.resume(RESUME);
    await settled();
    scene.quote(400);
    expect(scene.s.causes).toHaveLength(1);
    await scene.rest();
    expect(await resuming).toMatchObject({ halted: true, lifted: [] });
    await scene.rest();
    expect([scene.s.state, scene.s.trade('BUY', 0.1)]).toEqual(['halted', 'HALTED']);
    const { haltCauses } = scene.s.runtime.actor.snapshot().context;
    expect(haltCauses.map(({ causeId }) => causeId).toSorted()).toEqual(['s-h1', 's-h2']);
    expect(scene.s.causes.map(({ causeId }) => causeId).toSorted()).toEqual(['s-h1', 's-h2']);
    // Whoever reads the record comes to the same: the halt that was lifted is in force again.
    const record = scene.s.disk.events.filter(({ type }) => type === 'halt' || type === 'resume');
    expect(record.map((event) => ('causeId' in event ? event.causeId : event.type))).toEqual([
      's-h1',
      'resume',
      's-h2',
      's-h1',
    ]);
  });

  it('does not lift a halt that nobody has been told of yet', async () => {
    const scene = await halted({ syncMs: 5 });
    const { halts } = scene.s.runtime;
    const halting = halts.halt({ rule: 'manual', scope: 'strategy', reason: 'stay there', by: 'other' });
    const refused = expect(halts.resume(RESUME)).rejects.toMatchObject({ code: 'QKT_E_STATE' });
    await scene.rest();
    await refused;
    expect(await halting).toMatchObject({ halted: true });
    expect(scene.s.causes.map(({ causeId }) => causeId)).toEqual(['s-h1', 's-h2']);
  });

  it('comes about once when two ask for it at the same time', async () => {
    const scene = await halted({ syncMs: 5 });
    const { halts } = scene.s.runtime;
    const first = halts.resume(RESUME);
    const second = expect(halts.resume(RESUME)).rejects.toMatchObject({ code: 'QKT_E_STATE' });
    await scene.rest();
    await second;
    expect(await first).toMatchObject({ state: 'trading', halted: false, lifted: [{ causeId: 's-h1' }] });
    expect(scene.s.disk.events.filter(({ type }) => type === 'resume')).toHaveLength(1);
  });

  it('is refused where it cannot be written, and the halt stays in force', async () => {
    const scene = await halted();
    scene.s.disk.full = true;
    await expect(scene.s.runtime.halts.resume(RESUME)).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_FAILED' });
    await scene.rest();
    expect([scene.s.state, scene.s.causes.length, scene.s.trade('BUY', 0.1)]).toEqual(['halted', 1, 'HALTED']);
    scene.s.disk.full = false;
    expect(await scene.s.runtime.halts.resume(RESUME)).toMatchObject({ state: 'trading', halted: false });
  });
});

describe('a rule that is breached by what a restart brings back', () => {
  it('halts before anything else happens, and is told once, not as a halt of before', async () => {
    const scene = await DeskScene.open({ halt: [rule('maxLosingStreak', 1)] });
    scene.quote(1000);
    scene.s.trade('BUY', 1);
    scene.quote(990);
    scene.s.trade('SELL', 0.5);
    await scene.rest();
    expect(scene.s.causes).toHaveLength(1);
    // The fill was kept, its halt was not.
    const { parts } = scene.s.disk.state as { parts: Record<string, { causes: unknown[]; tripped: unknown }> };
    parts['halts']!.causes = [];
    parts['risk']!.tripped = {};
    await scene.restart();
    expect([scene.s.state, scene.s.causes.map(({ restored }) => restored)]).toEqual(['halted', [undefined]]);
    const told = new EventLog(scene.s.book.options.events).read(undefined, {
      types: new Set(['halt']),
      limit: 10,
    }).items;
    expect(told).toMatchObject([{ causeId: 's-h2', rule: 'maxLosingStreak' }]);
    expect(told[0]).not.toHaveProperty('restored');
    await scene.restart();
    expect(scene.s.causes).toMatchObject([{ causeId: 's-h2', restored: true }]);
  });
});

describe('a halt that ends with the day', () => {
  const DAILY = rule('maxDailyLoss', 100, { autoResume: 'nextDay' });

  it('is lifted by a restart on the next day, and its rule is judged by the new reference', async () => {
    const scene = await halted({ halt: [DAILY], start: MIDNIGHT - 3_600_000 });
    await scene.restart(2 * 3_600_000);
    expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
    scene.quote(1000);
    await scene.rest();
    scene.quote(899.99);
    expect(scene.s.trade('BUY', 0.1)).toBe('HALTED');
  });

  it('stays where it was when the process dies before its lifting is on disk, and is lifted by the next start', async () => {
    const scene = await halted({ halt: [DAILY], start: MIDNIGHT - 3_600_000, syncMs: 5 });
    const before = scene.s.disk.state;
    scene.jumpTo(MIDNIGHT);
    scene.s.disk.state = before;
    await scene.restart();
    await scene.rest();
    expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
    scene.quote(1000);
    await scene.rest();
    scene.quote(899.99);
    expect(scene.s.trade('BUY', 0.1)).toBe('HALTED');
  });

  it('stays in force where its lifting cannot be written, until the next day or a person lifts it', async () => {
    for (const lift of ['day', 'person'] as const) {
      const scene = await halted({ halt: [DAILY], start: MIDNIGHT - 3_600_000 });
      const [cause] = scene.s.causes;
      scene.s.disk.full = true;
      scene.jumpTo(MIDNIGHT);
      await scene.rest();
      expect([scene.s.state, scene.s.causes, scene.s.trade('BUY', 0.1)]).toEqual(['halted', [cause], 'HALTED']);
      expect(scene.s.runtime.actor.snapshot().context.haltCauses).toHaveLength(1);
      scene.s.disk.full = false;
      if (lift === 'day') scene.jumpTo(MIDNIGHT + 24 * 3_600_000);
      else await scene.s.runtime.halts.resume(RESUME);
      await scene.rest();
      expect([scene.s.state, scene.s.causes]).toEqual(['trading', []]);
    }
  });

  it('of the book is lifted in every strategy, machine and record alike', async () => {
    const scene = await halted({
      halt: [],
      book: [DAILY],
      strategies: ['s', 't'],
      start: MIDNIGHT - 3_600_000,
    });
    scene.jumpTo(MIDNIGHT);
    await scene.rest();
    for (const { state, causes, runtime } of scene.strategies.values())
      expect([state, causes, runtime.actor.snapshot().context.haltCauses]).toEqual(['trading', [], []]);
    scene.quote(1000);
    await scene.rest();
    scene.quote(899.99);
    expect(scene.s.trade('BUY', 0.1)).toBe('HALTED');
    expect(scene.strategies.get('t')!.trade('BUY', 0.1)).toBe('HALTED');
  });
});
