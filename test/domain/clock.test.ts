import fc from 'fast-check';
import { concatMap, delay, interval, of, take, timer } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { VirtualClock, WallClock } from '../../src/clock.ts';

describe('the virtual clock', () => {
  it('stands still until it is advanced', () => {
    const clock = new VirtualClock(1000);
    const seen: number[] = [];
    clock.at(1500, () => seen.push(clock.now()));
    expect([clock.now(), clock.monotonic(), clock.nextDue()]).toEqual([1000, 1000, 1500]);
    clock.advanceTo(1499);
    expect(seen).toEqual([]);
    clock.advanceBy(1);
    expect(seen).toEqual([1500]);
    expect(clock.nextDue()).toBe(Infinity);
  });

  it('runs timers in order of time, those of one time in the order they were set, whatever that was', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }), (times) => {
        const clock = new VirtualClock();
        const ran: (readonly [number, number])[] = [];
        times.forEach((time, index) => clock.at(time, () => ran.push([time, index])));
        clock.advanceTo(20);
        const expected = times.map((time, index) => [time, index] as const).toSorted((a, b) => a[0] - b[0]);
        expect(ran).toEqual(expected);
      }),
    );
  });

  it('runs a timer that a timer sets in the same advance', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.at(10, () => {
      seen.push(`a@${clock.now()}`);
      clock.at(10, () => seen.push(`b@${clock.now()}`));
      clock.at(15, () => seen.push(`c@${clock.now()}`));
    });
    clock.at(12, () => seen.push(`d@${clock.now()}`));
    clock.advanceTo(20);
    expect(seen).toEqual(['a@10', 'b@10', 'd@12', 'c@15']);
    expect(clock.now()).toBe(20);
  });

  it('runs what is past due at once, without going back', () => {
    const clock = new VirtualClock(100);
    const seen: number[] = [];
    clock.at(50, () => seen.push(clock.now()));
    clock.advanceTo(100);
    expect(seen).toEqual([100]);
    clock.setNow(60);
    expect(clock.now()).toBe(100);
  });

  it('forgets a timer that is cancelled, also from within another of the same time', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const first = clock.at(5, () => seen.push('never'));
    clock.at(10, () => cancelLater());
    const cancelLater = clock.at(10, () => seen.push('never'));
    first();
    expect(clock.nextDue()).toBe(10);
    clock.advanceTo(20);
    expect(seen).toEqual([]);
    cancelLater();
  });

  it('repeats until it is cancelled, also from within', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const cancel = clock.every(10, () => {
      seen.push(clock.now());
      if (seen.length === 3) cancel();
    });
    clock.advanceTo(100);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('passes on what a timer throws and goes on with the next', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.at(1, () => {
      throw new Error('boom');
    });
    clock.at(2, () => seen.push('next'));
    expect(() => clock.advanceTo(5)).toThrow('boom');
    clock.advanceTo(5);
    expect(seen).toEqual(['next']);
  });

  it('drives the time operators of RxJS', () => {
    const clock = new VirtualClock(1000);
    const seen: string[] = [];
    const stamp = (what: string): void => void seen.push(`${what}@${clock.now()}`);
    timer(30, clock.scheduler).subscribe(() => stamp('timer'));
    interval(10, clock.scheduler)
      .pipe(take(2))
      .subscribe((n) => stamp(`tick${n}`));
    of('a', 'b')
      .pipe(concatMap((item) => of(item).pipe(delay(20, clock.scheduler))))
      .subscribe(stamp);
    clock.advanceTo(1100);
    expect(seen).toEqual(['tick0@1010', 'a@1020', 'tick1@1020', 'timer@1030', 'b@1040']);
  });

  it('drives the delays of XState, one after the other in a single advance', () => {
    const clock = new VirtualClock();
    const machine = createMachine({
      initial: 'a',
      states: { a: { after: { 100: 'b' } }, b: { after: { 50: 'c' } }, c: {} },
    });
    const actor = createActor(machine, { clock: clock.xstate });
    const seen: string[] = [];
    actor.subscribe(({ value }) => seen.push(`${value as string}@${clock.now()}`));
    actor.start();
    clock.advanceTo(99);
    expect(actor.getSnapshot().value).toBe('a');
    clock.advanceTo(500);
    expect(seen).toEqual(['a@0', 'b@100', 'c@150']);
  });

  it('cancels the delay of a state that is left', () => {
    const clock = new VirtualClock();
    const machine = createMachine({
      initial: 'a',
      states: { a: { after: { 100: 'late' }, on: { GO: 'b' } }, b: {}, late: {} },
    });
    const actor = createActor(machine, { clock: clock.xstate }).start();
    actor.send({ type: 'GO' });
    clock.advanceTo(500);
    expect([actor.getSnapshot().value, clock.nextDue()]).toEqual(['b', Infinity]);
  });
});

describe("the machine's clock", () => {
  const HOUR = 3_600_000;
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  /** A time of day, an hour ahead, and a delay of an hour. */
  function waiting() {
    const clock = new WallClock();
    const ran: string[] = [];
    clock.at(HOUR, () => ran.push('time'));
    clock.xstate.setTimeout(() => ran.push('delay'), HOUR);
    return ran;
  }

  it('runs what is for a time at that time', () => {
    const ran = waiting();
    vi.advanceTimersByTime(HOUR - 1);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ran.toSorted()).toEqual(['delay', 'time']);
  });

  it('runs it within a minute where the clock is set forward, and leaves delays as long as they are', () => {
    const ran = waiting();
    vi.advanceTimersByTime(600_000);
    vi.setSystemTime(2 * HOUR);
    vi.advanceTimersByTime(60_000);
    expect(ran).toEqual(['time']);
    vi.advanceTimersByTime(HOUR - 660_000);
    expect(ran).toEqual(['time', 'delay']);
  });

  it('runs it no earlier where the clock is set back, and delays no later', () => {
    const ran = waiting();
    vi.advanceTimersByTime(600_000);
    vi.setSystemTime(0);
    vi.advanceTimersByTime(HOUR - 600_000);
    expect(ran).toEqual(['delay']);
    vi.advanceTimersByTime(600_000);
    expect(ran).toEqual(['delay', 'time']);
  });

  it('waits longer than a timer of Node can, and can be called off at any time', () => {
    const clock = new WallClock();
    const ran: string[] = [];
    const DAYS = 30 * 24 * HOUR;
    clock.xstate.setTimeout(() => ran.push('delay'), DAYS);
    const cancel = clock.at(2 * HOUR, () => ran.push('never'));
    vi.advanceTimersByTime(HOUR);
    cancel();
    vi.advanceTimersByTime(DAYS - HOUR - 1);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['delay']);
  });
});
