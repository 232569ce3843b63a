import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeedLease } from '../../src/actors/feed-lease.ts';
import { VirtualClock } from '../../src/clock.ts';
import type { Tick } from '../../src/domain/market.ts';
import { FeedGuard } from '../../src/risk/feed-guard.ts';
import type { Session, SessionHours } from '../../src/risk/sessions.ts';
import { Market } from '../../src/venues/market.ts';
import { instrument } from '../doubles/engine.ts';

const HOURS = new Map<string, SessionHours>([
  ['fx', { zone: 'America/New_York', open: 'Sun 17:00', close: 'Fri 17:00', holidays: ['2026-12-25'] }],
  ['nyse', { zone: 'America/New_York', open: '09:30', close: '16:00', holidays: ['2026-11-26'] }],
]);
const at = (text: string): number => Date.parse(text);

/** Quotes come when the test gives them. */
class GivenMarket extends Market {
  readonly ended = new Promise<void>(() => {});

  constructor(clock: VirtualClock, session: string) {
    super(clock, new Map([['X', instrument('X', { session })]]), HOURS);
  }

  open(): void {}

  protected pastBars(): readonly [] {
    return [];
  }

  protected newGuard(session: Session): FeedGuard {
    return new FeedGuard(session);
  }

  give(tick: Tick): void {
    this.accept(tick);
  }
}

function scene(start: string, session = 'fx', sessions: readonly string[] = [session]) {
  const clock = new VirtualClock(at(start));
  const market = new GivenMarket(clock, session);
  const lease = new FeedLease('X', market, clock);
  lease.sessions = sessions;
  market.ticks$('X').subscribe(() => lease.ticked());
  clock.every(100, () => lease.look());
  const quote = (): void => market.give({ symbol: 'X', ts: clock.now(), bid: 100, ask: 100.1 });
  return { clock, market, lease, quote };
}

describe('the lease of a feed in session', () => {
  it('is broken until the first quote, then by ten seconds of silence, and mended by the next', () => {
    const { clock, lease, quote } = scene('2026-11-24T12:00:00Z');
    expect(lease.view()).toMatchObject({ name: 'feed:X', ok: false, inSession: true });
    quote();
    expect(lease.view()).toEqual({ name: 'feed:X', ageMs: 0, limitMs: 10_000, ok: true, inSession: true });
    clock.advanceBy(10_000);
    expect([lease.view().ok, lease.stale]).toEqual([true, false]);
    clock.advanceBy(1);
    expect([lease.view().ok, lease.stale]).toEqual([false, true]);
    quote();
    expect(lease.view().ok).toBe(true);
  });

  it('gives a slow feed five of its usual gaps, as the gate does', () => {
    const { clock, market, lease, quote } = scene('2026-11-24T12:00:00Z');
    for (let n = 0; n < 200; n++) {
      clock.advanceBy(6000);
      quote();
    }
    expect(lease.view().limitMs).toBe(30_000);
    clock.advanceBy(30_000);
    expect([lease.view().ok, market.feedDenies('X')]).toEqual([true, undefined]);
    clock.advanceBy(1);
    expect(lease.view().ok).toBe(false);
    expect(market.feedDenies('X')).toContain('no quote for');
  });

  it('is never in order when the last quote is longer ago than its limit, however seldom it is looked at', () => {
    const step = fc.record({ ms: fc.integer({ min: 1, max: 15_000 }), quoted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 100, max: 60_000 }), (steps, lookEveryMs) => {
        const clock = new VirtualClock(at('2026-11-24T12:00:00Z'));
        const market = new GivenMarket(clock, '24x7');
        const lease = new FeedLease('X', market, clock);
        lease.sessions = ['24x7'];
        market.ticks$('X').subscribe(() => lease.ticked());
        clock.every(lookEveryMs, () => lease.look());
        let last: number | undefined;
        for (const { ms, quoted } of steps) {
          clock.advanceBy(ms);
          if (quoted) {
            last = clock.now();
            market.give({ symbol: 'X', ts: last, bid: 100, ask: 100.1 });
          }
          const { ok, ageMs, limitMs } = lease.view();
          if (last === undefined) expect(ok).toBe(false);
          else {
            expect(ageMs).toBeGreaterThanOrEqual(clock.now() - last);
            if (clock.now() - last > limitMs) expect(ok).toBe(false);
          }
        }
      }),
    );
  });
});

describe('a closed session', () => {
  it.each([
    ['the FX week in summer', 'fx', '2026-07-10T20:59:00Z', '2026-07-10T21:00:00Z', '2026-07-12T21:00:00Z'],
    ['the FX week in winter', 'fx', '2026-11-20T21:59:00Z', '2026-11-20T22:00:00Z', '2026-11-22T22:00:00Z'],
    [
      'the weekend that clocks go back in',
      'fx',
      '2026-10-30T20:59:00Z',
      '2026-10-30T21:00:00Z',
      '2026-11-01T22:00:00Z',
    ],
    [
      'the weekend that clocks go forward in',
      'fx',
      '2026-03-06T21:59:00Z',
      '2026-03-06T22:00:00Z',
      '2026-03-08T21:00:00Z',
    ],
    [
      'Christmas and the weekend behind it',
      'fx',
      '2026-12-25T04:59:00Z',
      '2026-12-25T05:00:00Z',
      '2026-12-27T22:00:00Z',
    ],
    ['an exchange over night', 'nyse', '2026-11-23T20:59:00Z', '2026-11-23T21:00:00Z', '2026-11-24T14:30:00Z'],
    ['an exchange over Thanksgiving', 'nyse', '2026-11-25T20:59:00Z', '2026-11-25T21:00:00Z', '2026-11-27T14:30:00Z'],
  ])('suspends the lease, and its opening begins it anew: %s', (_, session, before, closes, opens) => {
    const { clock, lease, quote } = scene(before, session);
    clock.advanceTo(at(closes) - 5000);
    quote();
    clock.advanceTo(at(closes) - 1);
    expect(lease.view()).toMatchObject({ ok: true, inSession: true });
    for (const time of [at(closes), at(closes) + 60_000, at(opens) - 1]) {
      clock.advanceTo(time);
      expect(lease.view()).toMatchObject({ ok: true, inSession: false });
      expect(lease.stale).toBe(false);
    }
    clock.advanceTo(at(opens));
    expect(lease.view()).toMatchObject({ ageMs: 0, ok: true, inSession: true });
    clock.advanceBy(10_001);
    expect(lease.view()).toMatchObject({ ageMs: 10_001, ok: false, inSession: true });
    expect(lease.silentMs).toBeGreaterThan(3_600_000);
    quote();
    expect(lease.view().ok).toBe(true);
  });

  it('of a stream counts for its strategy, whatever the session of the instrument is', () => {
    const sunday = '2026-11-22T12:00:00Z';
    expect(scene(sunday, '24x7', ['fx']).lease.view()).toMatchObject({ ok: true, inSession: false });
    expect(scene(sunday, 'fx', ['24/7']).lease.view()).toMatchObject({ ok: false, inSession: true });
    expect(scene(sunday, 'fx', ['fx', '24/7']).lease.view()).toMatchObject({ inSession: true });
  });

  it('stops no quote: what is quoted all the same may be traded', () => {
    const { clock, market, quote } = scene('2026-11-22T12:00:00Z');
    quote();
    clock.advanceBy(100);
    expect([market.inSession('X'), market.feedDenies('X')]).toEqual([false, undefined]);
  });
});
