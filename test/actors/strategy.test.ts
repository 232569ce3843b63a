import { describe, expect, it } from 'vitest';
import { cause, createHarness, EVENTS, settle } from './strategy-harness.ts';

describe('the strategy machine, starting', () => {
  it('goes from stopped through starting, recovering and warming to trading, and opens the gate only there', async () => {
    const h = createHarness();
    expect(h.actor.state()).toBe('stopped');
    await h.send(EVENTS.START);
    expect(h.actor.state()).toBe('starting');
    await h.done('launch');
    expect(h.actor.state()).toBe('recovering');
    await h.done('recover');
    expect(h.actor.state()).toBe('warming');
    expect(h.gate.open).toBe(false);
    await h.send(EVENTS.WARMED);
    expect(h.actor.state()).toBe('trading');
    expect(h.gate.open).toBe(true);
  });

  it('fails at once when the first start fails, and is retried when it has run before', async () => {
    const first = createHarness();
    await first.send(EVENTS.START);
    await first.fail('launch');
    expect(first.actor.state()).toBe('failed');
    expect(first.actor.snapshot().context.lastError?.message).toBe('launch failed');

    const known = createHarness({ ran: true });
    await known.send(EVENTS.START);
    await known.fail('launch');
    expect(known.actor.state()).toBe('crashed');
  });

  it('gives a launch its deadline as an absolute time and goes on without it when that is over', async () => {
    const h = createHarness({ settings: { launchTimeoutMs: 5000 } });
    await h.send(EVENTS.START);
    expect(h.pending('launch')?.input).toEqual({ deadline: h.clock.now() + 5000 });
    const { signal } = h.pending('launch')!;
    h.clock.advanceBy(4999);
    expect(h.actor.state()).toBe('starting');
    h.clock.advanceBy(1);
    expect(h.actor.state()).toBe('failed');
    expect(signal.aborted).toBe(true);
    expect(h.actor.snapshot().context.lastError?.code).toBe('QKT_E_DEPLOY_TIMEOUT');
  });

  it('starts as failed when it was restored so', () => {
    expect(createHarness({ latched: 'its code was lost 4 times' }).actor.state()).toBe('failed');
  });

  it('exchanges the guest on REPLACE and keeps the halt in force', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HALT);
    await h.done('cancelEntries');
    await h.send(EVENTS.REPLACE);
    await h.done('launch');
    await h.done('recover');
    await h.done('cancelEntries');
    expect(h.actor.state()).toBe('halted');
  });
});

describe('the strategy machine, halting', () => {
  it('closes the gate, cancels entries and is halted; RESUME with a reason leads back to trading', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HALT);
    expect(h.actor.state()).toBe('halting');
    expect(h.gate.open).toBe(false);
    await h.done('cancelEntries');
    expect(h.actor.state()).toBe('halted');
    await h.send({ ...EVENTS.RESUME, reason: '  ' });
    expect(h.actor.state()).toBe('halted');
    await h.send(EVENTS.RESUME);
    expect(h.actor.state()).toBe('trading');
    expect(h.gate.open).toBe(true);
    expect(h.actor.snapshot().context.haltCauses).toEqual([]);
  });

  it('names the entries that would not cancel, and says when it does not know', async () => {
    const left = createHarness();
    await left.toTrading();
    await left.send(EVENTS.HALT);
    await left.done('cancelEntries', { cancelled: 0, left: ['a-1-1'] });
    expect(left.actor.snapshot().context.haltLeft).toEqual(['a-1-1']);

    const late = createHarness({ settings: { haltTimeoutMs: 2000 } });
    await late.toTrading();
    await late.send(EVENTS.HALT);
    late.clock.advanceBy(2000);
    expect(late.actor.state()).toBe('halted');
    expect(late.actor.snapshot().context.haltLeft).toEqual(['working entries: not confirmed in time']);
  });

  it('stays halted while any cause is active, and a strategy resume does not lift a book halt', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HALT, { type: 'HALT', cause: cause('c2', 'book') });
    await h.done('cancelEntries');
    await h.send(EVENTS.RESUME);
    expect(h.actor.state()).toBe('halted');
    expect(h.actor.snapshot().context.haltCauses.map((one) => one.causeId)).toEqual(['c2']);
    await h.send({ ...EVENTS.RESUME, scope: 'book' });
    expect(h.actor.state()).toBe('trading');
  });

  it('remembers a halt in every state that is not running and ends halted after the next start', async () => {
    const h = createHarness();
    await h.send(EVENTS.HALT, EVENTS.START);
    await h.done('launch');
    await h.done('recover');
    expect(h.actor.state()).toBe('halting');
    await h.done('cancelEntries');
    expect(h.actor.state()).toBe('halted');
    await h.send(EVENTS.RESUME);
    expect(h.actor.state()).toBe('warming');
  });

  it.each(['stopped', 'failed'] as const)('lifts the halt of the book, and no other, in %s', async (state) => {
    const h = createHarness();
    await h.toTrading();
    if (state === 'stopped') {
      await h.send(EVENTS.STOP);
      await h.done('cancelEntries');
      await h.done('drain');
    } else await h.send(EVENTS.CRASHED, EVENTS.FAULT);
    await h.send({ type: 'HALT', cause: cause('c1', 'book') }, { type: 'HALT', cause: cause('c2') });
    if (state === 'failed') await h.done('cancelEntries');
    const causes = (): readonly string[] => h.actor.snapshot().context.haltCauses.map(({ causeId }) => causeId);
    await h.send(EVENTS.RESUME, { ...EVENTS.RESUME, scope: 'book', reason: ' ' });
    expect([h.actor.state(), causes()]).toEqual([state, ['c1', 'c2']]);
    await h.send({ ...EVENTS.RESUME, scope: 'book' });
    expect([h.actor.state(), h.gate.open, causes()]).toEqual([state, false, ['c2']]);
  });

  it.each([
    ['was under way', null, ['flattening was cut off by the end of the daemon']],
    ['had failed', 900_000, []],
  ] as const)('restores a stop with flatten that %s as not verified, and runs it again', async (_, endedAt, left) => {
    const at = { requestedAt: 890_000, cancelBy: 0, flattenBy: 0, deadline: 0, endedAt };
    const stop = { by: 'tester', flatten: true, ...at, cancelled: 0, flattened: false, verified: false, left: [] };
    const h = createHarness({ ran: true, stop });
    const restored = h.actor.snapshot().context.stop;
    expect([h.actor.state(), restored]).toMatchObject(['stopped', { verified: false, flattened: false, left }]);
    expect(restored?.endedAt).toBe(endedAt ?? h.clock.now());
    await h.send(EVENTS.STOP_FLAT);
    await h.done('cancelEntries');
    await h.done('flatten');
    await h.done('drain');
    expect(h.actor.snapshot().context.stop).toMatchObject({ flattened: true, verified: true, left: [] });
  });

  it('restores the halts that recovery brings back', async () => {
    const h = createHarness();
    await h.send(EVENTS.START);
    await h.done('launch');
    await h.done('recover', { haltCauses: [cause('old')] });
    await h.done('cancelEntries');
    expect(h.actor.state()).toBe('halted');
    expect(h.actor.snapshot().context.haltCauses.map((one) => one.causeId)).toEqual(['old']);
  });

  it('cancels entries while the guest hangs, is gone, or has failed, and returns to where it was', async () => {
    const hung = createHarness();
    await hung.toTrading();
    await hung.send(EVENTS.HUNG, EVENTS.HALT);
    expect(hung.actor.state()).toBe('halting');
    await hung.done('cancelEntries');
    expect(hung.actor.state()).toBe('unresponsive');
    await hung.send(EVENTS.ANSWERED);
    expect(hung.actor.state()).toBe('halted');

    const dead = createHarness();
    await dead.toTrading();
    await dead.send(EVENTS.CRASHED, EVENTS.HALT);
    await dead.done('cancelEntries');
    expect(dead.actor.state()).toBe('crashed');

    const failed = createHarness({ settings: { restartBudget: 0 } });
    await failed.toTrading();
    await failed.send(EVENTS.CRASHED, EVENTS.HALT);
    await failed.done('cancelEntries');
    expect(failed.actor.state()).toBe('failed');
  });
});

describe('the strategy machine, losing its guest', () => {
  it('is unresponsive while the guest hangs and goes back to where it was when it answers', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HUNG);
    expect(h.actor.state()).toBe('unresponsive');
    expect(h.gate.open).toBe(false);
    await h.send(EVENTS.ANSWERED);
    expect(h.actor.state()).toBe('trading');

    const warming = createHarness();
    await warming.send(EVENTS.START);
    await warming.done('launch');
    await warming.done('recover');
    await warming.send(EVENTS.HUNG, EVENTS.ANSWERED);
    expect(warming.actor.state()).toBe('warming');
  });

  it('has no last error of a hang that is over: that of the loss before it is the last one again', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HUNG);
    expect(h.actor.snapshot().context.lastError?.code).toBe('QKT_E_UNRESPONSIVE');
    await h.send(EVENTS.ANSWERED);
    expect(h.actor.snapshot().context.lastError).toBeNull();

    await h.send(EVENTS.CRASHED);
    const lost = h.actor.snapshot().context.lastError;
    h.clock.advanceBy(1000);
    await h.done('launch');
    await h.done('recover');
    await h.send(EVENTS.WARMED, EVENTS.HUNG, EVENTS.ANSWERED);
    expect(h.actor.snapshot().context.lastError).toEqual(lost);
  });

  it('ends a guest that hangs for longer than its grace, and says that it hung', async () => {
    const h = createHarness({ settings: { hangGraceMs: 3000 } });
    await h.toTrading();
    await h.send(EVENTS.HUNG);
    h.actions.length = 0;
    h.clock.advanceBy(3000);
    expect(h.actor.state()).toBe('crashed');
    expect(h.actions).toContain('terminateGuest');
    expect(h.actor.snapshot().context.lastError).toEqual({
      code: 'QKT_E_UNRESPONSIVE',
      message: 'spinning: no answer for 1500 ms',
    });
  });

  it('restarts with a pause that doubles, until the budget is spent', async () => {
    const h = createHarness({ settings: { restartBudget: 3, backOffMs: 1000 } });
    await h.toTrading();
    for (const pause of [1000, 2000, 4000]) {
      await h.send(EVENTS.CRASHED);
      expect(h.actor.state()).toBe('crashed');
      h.clock.advanceBy(pause - 1);
      expect(h.actor.state()).toBe('crashed');
      h.clock.advanceBy(1);
      expect(h.actor.state()).toBe('starting');
      await h.done('launch');
      await h.done('recover');
      await h.send(EVENTS.WARMED);
    }
    expect(h.actor.snapshot().context.restarts).toBe(3);
    await h.send(EVENTS.CRASHED);
    expect(h.actor.state()).toBe('failed');
    h.clock.advanceBy(86_400_000);
    expect(h.actor.state()).toBe('failed');
    await h.send(EVENTS.START);
    expect(h.actor.state()).toBe('starting');
  });

  it('forgets crashes that are older than the window', async () => {
    const h = createHarness({ settings: { restartBudget: 1, restartWindowMs: 60_000, backOffMs: 10 } });
    await h.toTrading();
    for (let round = 0; round < 4; round += 1) {
      await h.send(EVENTS.CRASHED);
      expect(h.actor.state()).toBe('crashed');
      h.clock.advanceBy(10);
      await h.done('launch');
      await h.done('recover');
      await h.send(EVENTS.WARMED);
      h.clock.advanceBy(60_000);
    }
  });

  it('does not put a restart off when a halt passes through halting', async () => {
    const h = createHarness({ settings: { backOffMs: 5000 } });
    await h.toTrading();
    await h.send(EVENTS.CRASHED);
    h.clock.advanceBy(3000);
    await h.send(EVENTS.HALT);
    await h.done('cancelEntries');
    expect(h.actor.state()).toBe('crashed');
    h.clock.advanceBy(2000);
    expect(h.actor.state()).toBe('starting');
  });
});

describe('the strategy machine, stopping', () => {
  it('cancels, flattens, drains and is stopped with the outcome stated', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP_FLAT);
    expect(h.actor.state()).toBe('cancelling');
    await h.done('cancelEntries', { cancelled: 2, left: [] });
    expect(h.actor.state()).toBe('flattening');
    h.clock.advanceBy(40);
    await h.done('flatten');
    expect(h.actor.state()).toBe('draining');
    await h.done('drain');
    expect(h.actor.state()).toBe('stopped');
    const { stop } = h.actor.snapshot().context;
    expect(stop).toMatchObject({ cancelled: 2, flattened: true, verified: true, left: [] });
    expect(stop!.endedAt! - stop!.requestedAt).toBe(40);
    expect(h.transitions.map((one) => one.to).slice(-4)).toEqual(['cancelling', 'flattening', 'draining', 'stopped']);
  });

  it('skips flattening when it was not asked for', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP);
    await h.done('cancelEntries');
    expect(h.actor.state()).toBe('draining');
  });

  it('joins a stop under way, and a verified stop keeps its first result', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP);
    await h.send({ ...EVENTS.STOP, by: 'other' });
    await h.done('cancelEntries');
    await h.done('drain');
    const first = h.actor.snapshot().context.stop;
    await h.send({ ...EVENTS.STOP, by: 'other' });
    expect(h.actor.state()).toBe('stopped');
    expect(h.actor.snapshot().context.stop).toBe(first);
    expect(first?.by).toBe('tester');
  });

  it.each(['cancelling', 'draining'] as const)(
    'begins anew, with the later one’s time, when a stop that flattens comes while one without it is %s',
    async (state) => {
      const h = createHarness();
      await h.toTrading();
      await h.send({ ...EVENTS.STOP, timeoutMs: 1000 });
      if (state === 'draining') await h.done('cancelEntries', { cancelled: 2, left: [] });
      expect(h.actor.state()).toBe(state);
      h.clock.advanceBy(200);
      await h.send(EVENTS.STOP_FLAT);
      expect(h.actor.state()).toBe('cancelling');
      h.clock.advanceBy(1000);
      await h.done('cancelEntries', { cancelled: 1, left: [] });
      expect(h.actor.state()).toBe('flattening');
      await h.done('flatten');
      await h.done('drain');
      const { stop } = h.actor.snapshot().context;
      expect(stop).toMatchObject({ cancelled: state === 'draining' ? 3 : 1, flattened: true, verified: true });
      expect(stop!.endedAt! - stop!.requestedAt).toBe(1200);
    },
  );

  it('joins a stop that flattens already', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP_FLAT);
    await h.done('cancelEntries');
    await h.send(EVENTS.STOP_FLAT);
    await h.send(EVENTS.STOP);
    expect(h.actor.state()).toBe('flattening');
  });

  it('ends stopped within its deadline when nothing answers, and names what is left', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP_FLAT);
    h.clock.advanceBy(30_000);
    expect(h.actor.state()).toBe('stopped');
    expect(h.actor.snapshot().context.stop).toMatchObject({
      verified: false,
      flattened: false,
      left: [
        'working entries: not confirmed in time',
        'positions: not confirmed flat in time',
        'draining: out of time',
      ],
    });
  });

  it('names an order once, as closing has found it, however often it was looked at', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP_FLAT);
    await h.done('cancelEntries', { cancelled: 0, left: ['order a is still working', 'order b is still working'] });
    await h.done('flatten', { flat: false, left: ['position XAUUSD 1', 'order b is unknown'] });
    await h.done('drain');
    expect(h.actor.snapshot().context.stop).toMatchObject({
      verified: false,
      left: ['position XAUUSD 1', 'order b is unknown'],
    });
  });

  it('is verified where what would not cancel is gone once everything is closed', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP_FLAT);
    await h.done('cancelEntries', { cancelled: 0, left: ['order a is still working'] });
    await h.done('flatten', { flat: true, left: [] });
    await h.done('drain');
    expect(h.actor.snapshot().context.stop).toMatchObject({ verified: true, flattened: true, left: [] });
  });

  it('runs again after a stop that could not be verified, and to flatten what a plain stop kept', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP);
    await h.fail('cancelEntries');
    await h.done('drain');
    expect(h.actor.snapshot().context.stop?.verified).toBe(false);
    await h.send(EVENTS.STOP);
    expect(h.actor.state()).toBe('cancelling');
    await h.done('cancelEntries');
    await h.done('drain');
    expect(h.actor.snapshot().context.stop?.verified).toBe(true);
    await h.send(EVENTS.STOP_FLAT);
    expect(h.actor.state()).toBe('cancelling');
  });

  it('tells the drain whether the guest can answer', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HUNG, EVENTS.STOP);
    await h.done('cancelEntries');
    expect(h.pending('drain')?.input).toMatchObject({ guest: 'hung' });
  });

  it('ends stopped, not failed, when the guest crashes during the stop', async () => {
    const h = createHarness({ settings: { restartBudget: 0 } });
    await h.toTrading();
    await h.send(EVENTS.STOP, EVENTS.CRASHED);
    await h.done('cancelEntries');
    await h.done('drain');
    expect(h.actor.state()).toBe('stopped');
    await settle();
    expect(h.actor.state()).toBe('stopped');
  });
});

describe('the strategy actor', () => {
  it('keeps the last 50 transitions, and progress does not flood them', async () => {
    const h = createHarness();
    await h.toTrading();
    for (let seq = 0; seq < 200; seq += 1) h.actor.send({ type: 'PROGRESS', view: { seq } });
    expect(h.actor.snapshot().context.view).toEqual({ seq: 199 });
    const { history, since } = h.actor.view();
    expect(history.map((one) => `${one.from} → ${one.to} by ${one.event}`)).toEqual([
      'stopped → starting by START',
      'starting → recovering by launch done',
      'recovering → warming by recover done',
      'warming → trading by WARMED',
    ]);
    expect(since).toBe('1970-01-01T00:16:40.000Z');
    for (let round = 0; round < 40; round += 1) await h.send(EVENTS.HUNG, EVENTS.ANSWERED);
    expect(h.actor.view().history).toHaveLength(50);
  });

  it('shows state, tags and commands as /machine wants them', async () => {
    const h = createHarness();
    await h.toTrading();
    expect(h.actor.view()).toMatchObject({
      machine: 'strategy',
      value: 'trading',
      tags: ['live', 'gateOpen'],
      allowed: ['HALT', 'STOP'],
    });
    await h.send(EVENTS.STOP);
    expect(h.actor.view().value).toEqual({ stopping: 'cancelling' });
  });

  it('resolves reached() when the state is there', async () => {
    const h = createHarness();
    const trading = h.actor.reached('trading', 'failed');
    await h.toTrading();
    expect((await trading).value).toBe('trading');
    expect((await h.actor.reached('trading')).value).toBe('trading');
  });
});
