import { afterAll, describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { alertMachine, RESOLVED_FOR_MS, type AlertEvent } from '../../src/actors/alerts/alert-machine.ts';
import { faultTolerant } from '../../src/actors/fault-tolerant.ts';
import { VirtualClock } from '../../src/clock.ts';
import { TransitionCoverage } from '../actors/transition-coverage.ts';

const FAULT = { type: 'FAULT', error: { code: 'QKT_E_INTERNAL', message: 'broken' } } as const;
const coverage = new TransitionCoverage();

afterAll(() => {
  expect(coverage.missing(alertMachine)).toEqual([]);
});

function alert(terms: { forS?: number; keepS?: number } = {}) {
  const { forS = 0, keepS = 0 } = terms;
  const clock = new VirtualClock(1_000_000);
  const actor = createActor(
    faultTolerant(alertMachine, () => undefined),
    {
      input: { clock },
      clock: clock.xstate,
      inspect: coverage.inspect,
    },
  ).start();
  const send = (event: AlertEvent): void => actor.send(event);
  const look = (type: 'HOLDS' | 'CLEARS') => (measured: number) =>
    send({
      type,
      at: clock.now(),
      severity: 'P1',
      forMs: forS * 1000,
      keepFiringMs: keepS * 1000,
      reading: { summary: 'it is wrong', measured, limit: 5, inputs: {} },
    });
  const [holds, clears] = [look('HOLDS'), look('CLEARS')];
  const seconds = (n: number): void => clock.advanceBy(n * 1000);
  /** Looks each second for so long, the last at its end. */
  const every = (n: number, what: (measured: number) => void): void => {
    for (let i = 0; i < n; i++) {
      seconds(1);
      what(i);
    }
  };
  return {
    clock,
    holds,
    clears,
    every,
    seconds,
    send,
    state: () => actor.getSnapshot().value,
    context: () => actor.getSnapshot().context,
  };
}

const HOLDING = { firing: 'holding' };
const KEEPING = { firing: 'keeping' };

describe('an alert', () => {
  it('fires at the first look where its rule waits for nothing', () => {
    const { holds, state, context } = alert();
    holds(6);
    expect(state()).toEqual(HOLDING);
    expect(context()).toMatchObject({ since: 1_000_000, firingSince: 1_000_000, reading: { measured: 6 } });
  });

  it('does not fire after 29 s of 30, and does after 31', () => {
    const short = alert({ forS: 30 });
    short.holds(6);
    short.every(29, short.holds);
    expect(short.state()).toBe('pending');
    short.seconds(1);
    short.clears(1);
    expect(short.state()).toBe('inactive');

    const long = alert({ forS: 30 });
    long.holds(6);
    long.every(31, long.holds);
    expect(long.state()).toEqual(HOLDING);
    expect(long.context()).toMatchObject({ since: 1_000_000, firingSince: 1_030_000 });
  });

  it('counts from the beginning again once the condition was gone', () => {
    const { holds, clears, every, state } = alert({ forS: 30 });
    holds(6);
    every(29, holds);
    clears(1);
    every(29, holds);
    expect(state()).toBe('pending');
  });

  it('is never due without a look that sees the condition', () => {
    const { holds, seconds, state } = alert({ forS: 30 });
    holds(6);
    seconds(3600);
    expect(state()).toBe('pending');
  });

  it('is resolved at the first look where its rule keeps nothing, and shown for a quarter of an hour', () => {
    const { holds, clears, every, seconds, state, context } = alert();
    holds(6);
    seconds(5);
    clears(1);
    expect(state()).toBe('resolved');
    expect(context().resolvedAt).toBe(1_005_000);
    every(RESOLVED_FOR_MS / 1000 - 1, clears);
    expect(state()).toBe('resolved');
    every(1, clears);
    expect(state()).toBe('inactive');
  });

  it('is shown as long when its target is gone, and leaves no timer behind', () => {
    const { holds, send, seconds, clock, state } = alert();
    holds(6);
    send({ type: 'GONE', at: clock.now() });
    expect(state()).toBe('resolved');
    expect(clock.nextDue()).toBe(Infinity);
    seconds(RESOLVED_FOR_MS / 1000 - 1);
    send({ type: 'GONE', at: clock.now() });
    expect(state()).toBe('resolved');
    seconds(1);
    send({ type: 'GONE', at: clock.now() });
    expect(state()).toBe('inactive');
  });

  it('fires on over a condition that flaps, and ends when that has been gone for long enough', () => {
    const { holds, clears, every, state, context } = alert({ keepS: 30 });
    holds(6);
    every(1, clears);
    expect(state()).toEqual(KEEPING);
    every(29, clears);
    expect(state()).toEqual(KEEPING);
    every(1, holds);
    expect(state()).toEqual(HOLDING);
    expect(context().clearedAt).toBeNull();
    every(30, clears);
    expect(state()).toEqual(KEEPING);
    every(1, clears);
    expect(state()).toBe('resolved');
  });

  it('ends with its target: at once, and untold where it never fired', () => {
    const pending = alert({ forS: 30 });
    pending.holds(6);
    pending.send({ type: 'GONE', at: pending.clock.now() });
    expect(pending.state()).toBe('inactive');

    const firing = alert({ keepS: 30 });
    firing.holds(6);
    firing.send({ type: 'GONE', at: firing.clock.now() });
    expect(firing.state()).toBe('resolved');
  });

  it('keeps who acknowledged it and when it was told, until it is another incident', () => {
    const { holds, clears, send, clock, state, context } = alert();
    holds(6);
    send({ type: 'TOLD', at: clock.now() });
    send({ type: 'ACK', at: clock.now(), by: 'owner', comment: 'I look at it' });
    expect(context()).toMatchObject({ toldAt: 1_000_000, ack: { by: 'owner', comment: 'I look at it' } });
    clears(1);
    send({ type: 'TOLD', at: clock.now() });
    expect(context().toldResolved).toBe(true);
    holds(7);
    expect(state()).toEqual(HOLDING);
    expect(context()).toMatchObject({ toldAt: null, ack: null, toldResolved: false });
  });

  it('waits again where its rule waits, when it comes back after it was resolved', () => {
    const { holds, every, clears, state } = alert({ forS: 2 });
    holds(6);
    every(2, holds);
    expect(state()).toEqual(HOLDING);
    every(1, clears);
    expect(state()).toBe('resolved');
    every(1, holds);
    expect(state()).toBe('pending');
  });

  it('changes no state by a fault', () => {
    const steps: ((a: ReturnType<typeof alert>) => void)[] = [
      () => {},
      (a) => a.holds(1),
      (a) => a.every(2, a.holds),
      (a) => a.clears(1),
    ];
    for (let count = 1; count <= steps.length; count++) {
      const a = alert({ forS: 2 });
      for (const step of steps.slice(0, count)) step(a);
      const before = a.state();
      a.send(FAULT);
      expect(a.state()).toEqual(before);
    }
  });
});
