/** What the strategy machine makes of a loss of the author's code, on the real actor and the virtual clock. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestFailure } from '../../src/worker/guest-failure.ts';
import { QktError } from '../../src/errors.ts';
import { causeOf, KEPT_LOSSES } from '../../src/actors/losses.ts';
import type { StrategySettings } from '../../src/actors/strategy-events.ts';
import { createHarness, EVENTS, settle, type Harness } from './strategy-harness.ts';

const context = (h: Harness) => h.actor.snapshot().context;
const causes = (h: Harness): readonly string[] => context(h).losses.map(({ cause }) => cause);

/** Brings a guest that is starting to trading. */
async function comeUp(h: Harness): Promise<void> {
  await h.done('launch');
  await h.done('recover');
  await h.send(EVENTS.WARMED);
}

describe('a loss of the code', () => {
  it('is kept with its time, cause, words and the restart that answered it', async () => {
    const h = createHarness({ settings: { backOffMs: 1000 } });
    await h.toTrading();
    await h.send({
      ...EVENTS.CRASHED,
      cause: 'outOfMemory',
      error: { code: 'QKT_E_WORKER_EXIT', message: 'no memory' },
    });
    const loss = {
      ts: '1970-01-01T00:16:40.000Z',
      cause: 'outOfMemory',
      detail: 'no memory',
      error: { code: 'QKT_E_WORKER_EXIT', message: 'no memory' },
    };
    expect(context(h).losses).toEqual([{ ...loss, restartedAt: null }]);
    h.clock.advanceBy(1000);
    expect(context(h).losses).toEqual([{ ...loss, restartedAt: '1970-01-01T00:16:41.000Z' }]);
  });

  it('is named by what ended it: a hang, a failed launch, a fault of ours, what the guest says', async () => {
    const hung = createHarness({ settings: { hangGraceMs: 3000 } });
    await hung.toTrading();
    await hung.send({ type: 'HUNG', hang: { cause: 'idle', detail: 'no turn finished' } });
    hung.clock.advanceBy(3000);
    expect(context(hung).losses).toMatchObject([{ cause: 'idle', detail: 'idle: no turn finished' }]);

    const late = createHarness({ ran: true });
    await late.send(EVENTS.START);
    late.clock.advanceBy(30_000);
    expect(context(late).losses).toMatchObject([{ cause: 'launchFailed', error: { code: 'QKT_E_DEPLOY_TIMEOUT' } }]);

    const broken = createHarness({ ran: true });
    await broken.send(EVENTS.START);
    await broken.fail('launch');
    expect(causes(broken)).toEqual(['launchFailed']);

    const faulty = createHarness();
    await faulty.toTrading();
    await faulty.send(EVENTS.FAULT);
    expect(causes(faulty)).toEqual(['fault']);
  });

  it('is named by the failure inside the error that a launch ends with', () => {
    const error = { code: 'QKT_E_CALLBACK', message: 'gone', stack: '' };
    const failure = new GuestFailure({ during: 'create', cause: 'exited', error, logs: [] });
    expect(causeOf(failure, 'launchFailed')).toBe('exited');
    expect(causeOf(new QktError('QKT_E_CALLBACK', 'gone', { cause: failure }), 'launchFailed')).toBe('exited');
    expect(causeOf(new Error('other', { cause: 'toString' }), 'launchFailed')).toBe('launchFailed');
    expect(causeOf(null, 'launchFailed')).toBe('launchFailed');
  });

  it('is kept twenty times at most, through stops and starts of a person', async () => {
    const h = createHarness({ settings: { restartBudget: 0 } });
    await h.toTrading();
    for (let round = 0; round < KEPT_LOSSES + 5; round += 1) {
      await h.send({ ...EVENTS.CRASHED, error: { code: 'QKT_E_CALLBACK', message: String(round) } }, EVENTS.START);
      await comeUp(h);
    }
    await h.send(EVENTS.STOP);
    await h.done('cancelEntries');
    await h.done('drain');
    await h.send(EVENTS.START);
    expect(context(h).losses).toHaveLength(KEPT_LOSSES);
    expect(context(h).losses[0]).toMatchObject({ detail: '5' });
    expect(context(h).losses.every(({ restartedAt }) => restartedAt !== null)).toBe(true);
  });

  it('during a stop is told and not restarted', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.STOP, { ...EVENTS.CRASHED, cause: 'exited' });
    await h.done('cancelEntries');
    await h.done('drain');
    expect(h.actor.state()).toBe('stopped');
    expect(context(h).losses).toMatchObject([{ cause: 'exited', restartedAt: null }]);
  });

  it('is named in the transitions of /machine, and a hang that ends well is no loss', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HUNG, EVENTS.ANSWERED, { ...EVENTS.CRASHED, cause: 'rejected' });
    const told = h.actor.view().history.slice(-3);
    expect(told.map(({ to, loss }) => [to, loss])).toEqual([
      ['unresponsive', 'spinning'],
      ['trading', undefined],
      ['crashed', 'rejected'],
    ]);
    expect(h.actor.view().losses).toMatchObject([{ cause: 'rejected' }]);
    expect(h.actor.view()).not.toHaveProperty('latched');
  });
});

describe('a strategy that has failed', () => {
  const failed = async (): Promise<Harness> => {
    const h = createHarness({ settings: { restartBudget: 1, backOffMs: 10 } });
    await h.toTrading();
    await h.send(EVENTS.CRASHED);
    h.clock.advanceBy(10);
    await comeUp(h);
    await h.send({ ...EVENTS.CRASHED, cause: 'exited' });
    return h;
  };

  it('says why it is latched and shows its history', async () => {
    const h = await failed();
    expect(h.actor.state()).toBe('failed');
    expect(h.actor.view()).toMatchObject({
      latched: 'its code was lost 2 times within 10 min: 1 restarts are allowed',
      losses: [{ cause: 'threw' }, { cause: 'exited', restartedAt: null }],
    });
    const first = createHarness();
    await first.send(EVENTS.START);
    await first.fail('launch');
    expect(context(first).latched).toBe('its first start failed');
    const fault = createHarness();
    await fault.toTrading();
    await fault.send(EVENTS.CRASHED, EVENTS.FAULT);
    expect([fault.actor.state(), context(fault).latched]).toEqual([
      'failed',
      'a fault in the daemon while a restart was due: fault',
    ]);
    expect(causes(fault)).toEqual(['threw', 'fault']);
  });

  it('has what it left working dealt with, and names what would not go', async () => {
    const h = await failed();
    expect(h.pending('abandon')?.input).toEqual({ deadline: h.clock.now() + 30_000 });
    await h.done('abandon', { cancelled: 0, left: ['order a is still working'] });
    expect([h.actor.state(), context(h).haltLeft]).toEqual(['failed', ['order a is still working']]);

    const unknown = await failed();
    await unknown.fail('abandon');
    expect([unknown.actor.state(), context(unknown).haltLeft]).toEqual([
      'failed',
      ['working entries: cancelling failed'],
    ]);
  });

  it('is left by a start, which does not wait for that', async () => {
    const h = await failed();
    const { signal } = h.pending('abandon')!;
    await h.send(EVENTS.START);
    expect([h.actor.state(), signal.aborted, context(h).latched]).toEqual(['starting', true, null]);
  });

  it('comes back as failed, with its history and its reason, and a start of the daemon leaves it so', async () => {
    const { latched, losses, crashes } = context(await failed());
    const h = createHarness({ ran: true, latched, losses, crashes });
    expect(h.actor.state()).toBe('failed');
    expect(context(h)).toMatchObject({ latched, losses, lastError: { message: 'boom' } });
    expect(h.pending('abandon')).toBeDefined();
    await h.send(EVENTS.START);
    expect(h.actor.state()).toBe('starting');
  });
});

describe('the restart budget', () => {
  it('goes on where it was when the daemon comes back, and begins anew when a person starts it', async () => {
    const settings = { restartBudget: 1, backOffMs: 10 };
    const before = createHarness({ settings });
    await before.toTrading();
    await before.send(EVENTS.CRASHED);
    const { crashes } = context(before);

    const again = createHarness({ settings, ran: true, crashes });
    await again.send({ ...EVENTS.START, by: 'daemon', again: true });
    await comeUp(again);
    await again.send(EVENTS.CRASHED);
    expect(again.actor.state()).toBe('failed');

    const person = createHarness({ settings, ran: true, crashes });
    await person.send(EVENTS.START);
    await comeUp(person);
    await person.send(EVENTS.CRASHED);
    expect(person.actor.state()).toBe('crashed');
  });

  interface Life {
    readonly settings: Pick<StrategySettings, 'restartBudget' | 'restartWindowMs' | 'backOffMs' | 'longestBackOffMs'>;
    /** How long each run lasts. */
    readonly runs: readonly number[];
  }

  /** Crashes it after each of these times, until it has failed. */
  async function live({ settings, runs }: Life) {
    const h = createHarness({ ran: true, settings });
    await h.send(EVENTS.START);
    const launches = [h.clock.now()];
    const crashes: number[] = [];
    const pauses: number[] = [];
    for (const run of runs) {
      await comeUp(h);
      h.clock.advanceBy(run);
      await h.send(EVENTS.CRASHED);
      crashes.push(h.clock.now());
      if (h.actor.state() === 'failed') break;
      h.clock.runNext();
      await settle();
      expect(h.actor.state()).toBe('starting');
      pauses.push(h.clock.now() - crashes.at(-1)!);
      launches.push(h.clock.now());
    }
    return { h, launches, crashes, pauses };
  }

  const lives: fc.Arbitrary<Life> = fc.record({
    settings: fc.record({
      restartBudget: fc.nat(5),
      restartWindowMs: fc.integer({ min: 1, max: 100_000 }),
      backOffMs: fc.integer({ min: 1, max: 5000 }),
      longestBackOffMs: fc.integer({ min: 1, max: 20_000 }),
    }),
    runs: fc.array(fc.oneof(fc.nat(100), fc.nat(30_000), fc.nat(200_000)), { maxLength: 25 }),
  });

  it('never lets more than budget + 1 launches into a window, whatever the code does', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { launches } = await live(life);
        const { restartBudget, restartWindowMs } = life.settings;
        for (const from of launches) {
          const within = launches.filter((at) => at >= from && at < from + restartWindowMs);
          expect(within.length).toBeLessThanOrEqual(restartBudget + 1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has failed when more than the budget was lost within a window, and not before', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { h, crashes } = await live(life);
        const { restartBudget, restartWindowMs } = life.settings;
        const counted = (at: number): number =>
          crashes.filter((other) => other <= at && other > at - restartWindowMs).length;
        const spent = crashes.map((at) => counted(at) > restartBudget);
        expect(spent.slice(0, -1)).not.toContain(true);
        expect(h.actor.state() === 'failed').toBe(spent.at(-1) ?? false);
      }),
      { numRuns: 100 },
    );
  });

  it('doubles its pause up to the longest, and begins with the shortest after a quiet window', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { crashes, pauses } = await live(life);
        const { restartWindowMs, backOffMs, longestBackOffMs } = life.settings;
        const expected = pauses.map((_, n) => {
          const recent = crashes.slice(0, n).filter((at) => at > crashes[n]! - restartWindowMs).length;
          return Math.min(longestBackOffMs, backOffMs * 2 ** recent);
        });
        expect(pauses).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});
