import { afterAll, describe, expect, it } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { channelMachine, SendFailure, type Job, type SendInput } from '../../src/actors/alerts/channel-machine.ts';
import { faultTolerant } from '../../src/actors/fault-tolerant.ts';
import { VirtualClock } from '../../src/clock.ts';
import { TransitionCoverage } from '../actors/transition-coverage.ts';
import { settled } from './scene.ts';

const FAULT = { type: 'FAULT', error: { code: 'QKT_E_INTERNAL', message: 'broken' } } as const;
const coverage = new TransitionCoverage();

afterAll(() => {
  expect(coverage.missing(channelMachine)).toEqual([]);
});

const job: Job = {
  notification: {
    id: 'n1',
    alert: 'strategy_halted',
    severity: 'P1',
    status: 'firing',
    isRepeat: false,
    at: '2026-11-22T07:28:33.123Z',
    alerts: [],
  },
  settled: () => undefined,
};

/** A channel whose every sending is settled by hand. */
function channel() {
  const clock = new VirtualClock(1_000_000);
  const outcomes: string[] = [];
  const aborted: boolean[] = [];
  let settle: { arrive: () => void; fail: (error: Error) => void } | undefined;
  const machine = channelMachine.provide({
    actors: {
      send: fromPromise<void, SendInput>(
        ({ signal }) =>
          new Promise((resolve, reject) => {
            const at = aborted.push(false) - 1;
            signal.addEventListener('abort', () => (aborted[at] = true));
            settle = { arrive: () => resolve(), fail: reject };
          }),
      ),
    },
    actions: {
      delivered: () => void outcomes.push('delivered'),
      failed: ({ context }) => void outcomes.push(`failed: ${context.lastError}`),
    },
  });
  const actor = createActor(
    faultTolerant(machine, () => undefined),
    {
      input: { name: 'phone', clock },
      clock: clock.xstate,
      inspect: coverage.inspect,
    },
  ).start();
  return {
    clock,
    outcomes,
    aborted,
    actor,
    state: () => actor.getSnapshot().value,
    send: () => actor.send({ type: 'SEND', job }),
    async arrive() {
      settle!.arrive();
      await settled();
    },
    async fail(error: Error = new SendFailure('it answered 500')) {
      settle!.fail(error);
      await settled();
    },
  };
}

describe('a channel', () => {
  it('carries one message after the other', async () => {
    const c = channel();
    for (const _ of [1, 2]) {
      c.send();
      expect(c.state()).toBe('sending');
      await c.arrive();
      expect(c.state()).toBe('ready');
    }
    expect(c.outcomes).toEqual(['delivered', 'delivered']);
  });

  it('waits after a failure, twice as long after each, and five minutes at most', async () => {
    const c = channel();
    for (const pause of [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
      c.send();
      await c.fail();
      c.clock.advanceBy(pause * 1000 - 1);
      expect(c.state()).toBe('waiting');
      c.clock.advanceBy(1);
      expect(c.state()).toBe('ready');
    }
    c.send();
    await c.arrive();
    c.send();
    await c.fail();
    c.clock.advanceBy(2000);
    expect(c.state()).toBe('ready');
  });

  it('comes again when the receiver says, within bounds', async () => {
    for (const [asked, waited] of [
      [30_000, 30_000],
      [0, 2000],
      [86_400_000, 3_600_000],
    ] as const) {
      const c = channel();
      c.send();
      await c.fail(new SendFailure('it answered 429', asked));
      c.clock.advanceBy(waited - 1);
      expect(c.state()).toBe('waiting');
      c.clock.advanceBy(1);
      expect(c.state()).toBe('ready');
    }
  });

  it('gives up what takes longer than ten seconds, and lets go of it', () => {
    const c = channel();
    c.send();
    c.clock.advanceBy(10_000);
    expect(c.state()).toBe('waiting');
    expect(c.aborted).toEqual([true]);
    expect(c.outcomes).toEqual(['failed: no answer within 10 s']);
  });

  it('sends no more than its rate, and goes on a minute after the first', async () => {
    const c = channel();
    for (let i = 0; i < 20; i++) {
      c.send();
      await c.arrive();
      c.clock.advanceBy(1000);
    }
    expect(c.state()).toBe('limited');
    c.clock.advanceBy(39_999);
    expect(c.state()).toBe('limited');
    c.clock.advanceBy(1);
    expect(c.state()).toBe('ready');
  });

  it('takes a test by hand in whatever it waits for', async () => {
    const c = channel();
    c.actor.send({ type: 'TRY', job });
    await c.fail();
    c.actor.send({ type: 'TRY', job });
    expect(c.state()).toBe('sending');
    await c.arrive();
    for (let i = 0; i < 18; i++) {
      c.send();
      await c.arrive();
    }
    expect(c.state()).toBe('limited');
    c.actor.send({ type: 'TRY', job });
    expect(c.state()).toBe('sending');
  });

  it('closes in every state, and lets go of what is under way', async () => {
    const steps: ((c: ReturnType<typeof channel>) => unknown)[] = [
      () => undefined,
      (c) => c.send(),
      async (c) => {
        c.send();
        await c.fail();
      },
      async (c) => {
        for (let i = 0; i < 20; i++) {
          c.send();
          await c.arrive();
        }
      },
    ];
    for (const step of steps) {
      const c = channel();
      await step(c);
      c.actor.send({ type: 'CLOSE' });
      expect(c.state()).toBe('closed');
      c.actor.send(FAULT);
      c.send();
      expect(c.state()).toBe('closed');
      expect(c.aborted.at(-1) ?? true).toBe(c.outcomes.length === 0);
    }
  });

  it('takes a fault of its own as a failure of what is under way, and as nothing else', async () => {
    const c = channel();
    c.actor.send(FAULT);
    expect(c.state()).toBe('ready');
    c.send();
    c.actor.send(FAULT);
    expect(c.state()).toBe('waiting');
    expect(c.outcomes).toEqual(['failed: broken']);
    c.actor.send(FAULT);
    expect(c.state()).toBe('waiting');
    c.clock.advanceBy(2000);
    for (let i = 0; i < 19; i++) {
      c.send();
      await c.arrive();
    }
    c.actor.send(FAULT);
    expect(c.state()).toBe('limited');
  });
});
