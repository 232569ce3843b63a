import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BacklogLease } from '../../src/actors/backlog-lease.ts';
import { EVENT_LOOP_LIMIT_MS, EventLoopLease, SHOWN_FOR_MS } from '../../src/actors/event-loop-lease.ts';
import { watchLeases } from '../../src/actors/lease-watch.ts';
import { Lease } from '../../src/actors/leases.ts';
import { VirtualClock } from '../../src/clock.ts';
import type { LeaseView } from '../../src/domain/health-views.ts';

describe('a lease', () => {
  it('holds up to its limit, is broken beyond it, and holds again with finished work', () => {
    const clock = new VirtualClock(5000);
    const lease = new Lease('gateway:paper', 1000, clock);
    clock.advanceBy(1000);
    expect(lease.view()).toEqual({ name: 'gateway:paper', ageMs: 1000, limitMs: 1000, ok: true });
    clock.advanceBy(1);
    expect(lease.ok).toBe(false);
    lease.renew();
    expect(lease.view()).toMatchObject({ ageMs: 0, ok: true });
  });

  it('is broken at once by work that fails, however young, until work is finished', () => {
    const clock = new VirtualClock();
    const lease = new Lease('disk', 1000, clock);
    lease.fail('no space left');
    expect(lease.view()).toMatchObject({ ageMs: 0, ok: false, reason: 'no space left' });
    lease.renew();
    expect(lease.view()).toEqual({ name: 'disk', ageMs: 0, limitMs: 1000, ok: true });
  });

  it('tells each change once', () => {
    const told: string[] = [];
    const tell = watchLeases(({ name, ok }) => told.push(`${name} ${ok}`));
    const view = (name: string, ok: boolean): LeaseView => ({ name, ageMs: 0, limitMs: 1, ok });
    for (const ok of [true, true, false, false, true]) tell([view('disk', ok), view('journal', true)]);
    tell([view('feed:EURUSD', false)]);
    expect(told).toEqual(['disk false', 'disk true', 'feed:EURUSD false']);
  });
});

describe('the lease of what is worked through in order', () => {
  /** Items with the time at which they came in. */
  function scene(clock: VirtualClock, limitMs: number) {
    let waiting: number[] = [];
    let done = 0;
    const lease = new BacklogLease('inbox', limitMs, clock, () => ({ done, waiting: waiting.length }));
    return {
      lease,
      take: (count: number) => waiting.push(...Array.from({ length: count }, () => clock.now())),
      finish: (count: number) => (done += waiting.splice(0, count).length),
      /** A quote takes the place of the oldest that waits, at the end of the queue. */
      conflate: () => waiting.length > 0 && void (waiting.shift(), waiting.push(clock.now())),
      restart: () => {
        waiting = [];
        done = 0;
      },
      oldestMs: () => (waiting.length === 0 ? 0 : clock.now() - waiting[0]!),
    };
  }

  it('has no age while nothing waits, and that of the oldest item while something does', () => {
    const clock = new VirtualClock();
    const { lease, take, finish } = scene(clock, 5000);
    clock.every(100, () => lease.look());
    clock.advanceBy(60_000);
    expect(lease.view()).toEqual({ name: 'inbox', ageMs: 0, limitMs: 5000, ok: true });
    take(3);
    clock.advanceBy(5000);
    expect(lease.view()).toMatchObject({ ageMs: 5000, ok: true });
    clock.advanceBy(100);
    expect(lease.view()).toMatchObject({ ageMs: 5100, ok: false });
    finish(3);
    expect(lease.view()).toMatchObject({ ageMs: 0, ok: true });
  });

  it('is in order under a load that never lets the queue run empty, as long as each item waits only briefly', () => {
    const clock = new VirtualClock();
    const { lease, take, finish } = scene(clock, 5000);
    clock.every(100, () => lease.look());
    clock.every(10, () => {
      take(5);
      if (clock.now() > 200) finish(5);
    });
    clock.advanceBy(60_000);
    expect(lease.ageMs).toBeGreaterThan(0);
    expect(lease.ageMs).toBeLessThan(1000);
  });

  it('never shows less than the oldest item has waited: it is never in order when work has stopped for longer than its limit', () => {
    const step = fc.oneof(
      fc.record({ what: fc.constantFrom('take', 'finish'), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ what: fc.constant('wait'), count: fc.integer({ min: 1, max: 3000 }) }),
      fc.record({ what: fc.constantFrom('look', 'conflate', 'restart'), count: fc.constant(1) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const clock = new VirtualClock(1_000_000);
        const { lease, oldestMs, ...does } = scene(clock, 2000);
        for (const { what, count } of steps) {
          if (what === 'wait') clock.advanceBy(count);
          else if (what === 'look') lease.look();
          else does[what](count);
          if (what === 'restart') lease.look();
          expect(lease.ageMs).toBeGreaterThanOrEqual(oldestMs());
          if (oldestMs() > 2000) expect(lease.view().ok).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the lease of the event loop', () => {
  /** Nothing runs while the thread is blocked: time passes, and what was due comes late. */
  const block = (clock: VirtualClock, ms: number): void => clock.setNow(clock.now() + ms);

  it('holds while turns come in time', () => {
    const clock = new VirtualClock();
    const lease = new EventLoopLease(clock);
    lease.start();
    clock.advanceBy(60_000);
    expect(lease.view()).toEqual({ name: 'eventLoop', ageMs: 0, limitMs: EVENT_LOOP_LIMIT_MS, ok: true });
  });

  it('shows a block whoever asks first after its end, and for ten seconds', () => {
    const clock = new VirtualClock();
    const lease = new EventLoopLease(clock);
    lease.start();
    clock.advanceBy(1000);
    block(clock, 3000);
    expect(lease.view()).toMatchObject({ ageMs: 2900, ok: false });
    clock.advanceBy(1);
    expect(lease.view()).toMatchObject({ ageMs: 2900, ok: false });
    clock.advanceBy(SHOWN_FOR_MS - 1);
    expect(lease.view().ok).toBe(false);
    clock.advanceBy(1);
    expect(lease.view()).toMatchObject({ ageMs: 0, ok: true });
  });

  it('shows a shorter block behind a longer one until its own time is over', () => {
    const clock = new VirtualClock();
    const lease = new EventLoopLease(clock);
    lease.start();
    block(clock, 5000);
    clock.advanceBy(6000);
    block(clock, 3000);
    clock.advanceBy(4000);
    expect(lease.ageMs).toBe(2900);
    clock.advanceBy(7000);
    expect(lease.view().ok).toBe(true);
  });

  it('is broken by what does not come back, without anybody looking', () => {
    const clock = new VirtualClock();
    const lease = new EventLoopLease(clock);
    lease.start()();
    clock.advanceBy(100 + EVENT_LOOP_LIMIT_MS + 1);
    expect(lease.view().ok).toBe(false);
  });

  it('is never in order within ten seconds of a block longer than its limit', () => {
    const phase = fc.record({ calmMs: fc.integer({ min: 0, max: 6000 }), blockMs: fc.integer({ min: 0, max: 6000 }) });
    fc.assert(
      fc.property(fc.array(phase, { minLength: 1, maxLength: 12 }), (phases) => {
        const clock = new VirtualClock();
        const lease = new EventLoopLease(clock);
        lease.start();
        let blockedUntil = -Infinity;
        for (const { calmMs, blockMs } of phases) {
          clock.advanceBy(calmMs);
          if (clock.now() - blockedUntil < SHOWN_FOR_MS) expect(lease.view().ok).toBe(false);
          block(clock, blockMs);
          clock.advanceBy(0);
          // A turn may have been due for up to a tenth of a second when the block began.
          if (blockMs > EVENT_LOOP_LIMIT_MS + 100) blockedUntil = clock.now();
        }
      }),
    );
  });
});
