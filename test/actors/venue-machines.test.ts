import { afterAll, describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { VirtualClock } from '../../src/clock.ts';
import { faultTolerant } from '../../src/actors/fault-tolerant.ts';
import { feedMachine, type FeedEvent } from '../../src/actors/feed.ts';
import { logSinkMachine, type LogSinkEvent } from '../../src/actors/log-sink-machine.ts';
import { TransitionCoverage } from './transition-coverage.ts';

const ERROR = { code: 'QKT_E_INTERNAL', message: 'broken' };
const FAULT = { type: 'FAULT', error: ERROR } as const;

const feedCoverage = new TransitionCoverage();
function startFeed(limitMs?: number) {
  const clock = new VirtualClock(50_000);
  const input = { venue: 'paper', clock, ...(limitMs !== undefined && { limitMs }) };
  const actor = createActor(
    faultTolerant(feedMachine, () => undefined),
    {
      input,
      clock: clock.xstate,
      inspect: feedCoverage.inspect,
    },
  ).start();
  const send = (...events: readonly FeedEvent[]): void => events.forEach((event) => actor.send(event));
  const tick = (more: object = {}): void => send({ type: 'LAST_TICK', at: clock.now(), ...more });
  return { actor, clock, send, tick, state: () => actor.getSnapshot().value };
}

describe('the feed machine', () => {
  afterAll(() => {
    expect(feedCoverage.missing(feedMachine)).toEqual([]);
  });

  it('is live while quotes come and stale exactly when they have been silent for the limit', () => {
    const { clock, tick, state, actor } = startFeed(10_000);
    expect(state()).toBe('waiting');
    tick();
    expect(state()).toBe('live');
    clock.advanceBy(9_999);
    expect(state()).toBe('live');
    tick();
    clock.advanceBy(9_999);
    expect(actor.getSnapshot().hasTag('fresh')).toBe(true);
    clock.advanceBy(1);
    expect(state()).toBe('stale');
    tick();
    expect(state()).toBe('live');
  });

  it('counts silence from the tick itself, not from when it heard of it, and takes a new limit', () => {
    const { clock, send, state } = startFeed();
    send({ type: 'LAST_TICK', at: clock.now() - 400, limitMs: 1000 });
    clock.advanceBy(599);
    expect(state()).toBe('live');
    clock.advanceBy(1);
    expect(state()).toBe('stale');
  });

  it('ends, fails with its cause, and begins again when it is restarted', () => {
    for (const prepare of [() => {}, (f: ReturnType<typeof startFeed>) => f.tick()]) {
      for (const event of [{ type: 'ENDED' }, { type: 'FAILED', error: ERROR }, FAULT] as const) {
        const feed = startFeed();
        prepare(feed);
        feed.send(event);
        expect(feed.state()).toBe(event.type === 'ENDED' ? 'ended' : 'failed');
        feed.send(FAULT);
        expect(feed.actor.getSnapshot().context.lastError).toEqual(ERROR);
        feed.send({ type: 'RESTARTED' });
        expect(feed.state()).toBe(event.type === 'ENDED' ? 'ended' : 'waiting');
      }
    }
    for (const event of [{ type: 'ENDED' }, { type: 'FAILED', error: ERROR }, FAULT] as const) {
      const feed = startFeed();
      feed.tick();
      feed.clock.advanceBy(10_000);
      feed.send(event);
      expect(feed.state()).toBe(event.type === 'ENDED' ? 'ended' : 'failed');
    }
  });
});

const sinkCoverage = new TransitionCoverage();
function startSink() {
  const clock = new VirtualClock();
  const reopened: number[] = [];
  const machine = logSinkMachine.provide({ actions: { reopen: () => void reopened.push(clock.now()) } });
  const actor = createActor(
    faultTolerant(machine, () => undefined),
    { clock: clock.xstate, inspect: sinkCoverage.inspect },
  ).start();
  const send = (...events: readonly LogSinkEvent[]): void => events.forEach((event) => actor.send(event));
  return { actor, clock, reopened, send, state: () => actor.getSnapshot().value };
}
const FAILED = { type: 'WRITE_FAILED', error: ERROR } as const;

describe('the log sink machine', () => {
  afterAll(() => {
    expect(sinkCoverage.missing(logSinkMachine)).toEqual([]);
  });

  it('is backlogged while bytes wait, and open again when they are gone', () => {
    const { actor, send, state } = startSink();
    send({ type: 'BACKLOG', bytes: 10 }, { type: 'BACKLOG', bytes: 20 });
    expect(state()).toBe('backlogged');
    expect(actor.getSnapshot().context.waitingBytes).toBe(20);
    send({ type: 'DRAINED' });
    expect(state()).toBe('open');
    expect(actor.getSnapshot().context.waitingBytes).toBe(0);
  });

  it('tries again with a pause that doubles, is lost at the fifth failure, and still comes back', () => {
    const { clock, reopened, send, state } = startSink();
    send(FAILED);
    expect(state()).toBe('degraded');
    for (const pause of [1000, 2000, 4000]) {
      clock.advanceBy(pause);
      send(FAILED);
    }
    expect(reopened).toEqual([1000, 3000, 7000]);
    clock.advanceBy(8000);
    send(FAILED);
    expect(state()).toBe('lost');
    clock.advanceBy(30_000);
    send(FAILED);
    expect(reopened.at(-1)).toBe(45_000);
    send({ type: 'RECOVERED' });
    expect(state()).toBe('open');
    send(FAILED, { type: 'RECOVERED' });
    expect(state()).toBe('open');
  });

  it('reopens when it is told to, survives faults, and closes from everywhere for good', () => {
    const ways: readonly (readonly LogSinkEvent[])[] = [
      [],
      [{ type: 'BACKLOG', bytes: 1 }],
      [FAILED],
      [FAILED, FAULT],
      [{ type: 'BACKLOG', bytes: 1 }, FAILED],
      [{ type: 'BACKLOG', bytes: 1 }, FAULT],
      [FAULT, FAULT, FAULT],
    ];
    for (const way of ways) {
      const { reopened, send, state } = startSink();
      send(...way, { type: 'REOPEN' });
      expect(reopened).toHaveLength(1);
      send({ type: 'CLOSE' }, FAILED, FAULT, { type: 'REOPEN' });
      expect(state()).toBe('closed');
      expect(reopened).toHaveLength(1);
    }
  });
});
