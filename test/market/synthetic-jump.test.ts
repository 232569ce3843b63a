/** What becomes of the synthetic market when the clock jumps, or when its quotes are held back. */
import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import type { Tick } from '../../src/domain/market.ts';
import { SyntheticMarket } from '../../src/venues/synthetic-market.ts';
import { instrument, START } from '../doubles/engine.ts';

const HOUR_MS = 3_600_000;

/** Shows another time of day from one moment to the next; timers that run go on as a machine's do. */
class JumpingClock extends VirtualClock {
  offsetMs = 0;

  override now(): number {
    return super.now() + this.offsetMs;
  }

  pass(ms: number): void {
    this.advanceTo(super.now() + ms);
  }
}

function open() {
  const clock = new JumpingClock(START);
  const eur = instrument('EURUSD', { tickSize: '0.00001', base: 'EUR', spread: '0.00008' });
  const market = new SyntheticMarket({ seed: 4, clock, instruments: new Map([['EURUSD', eur]]) });
  const seen: { readonly tick: Tick; readonly now: number }[] = [];
  market.ticks$('EURUSD').subscribe((tick) => seen.push({ tick, now: clock.now() }));
  market.open();
  return { clock, market, seen };
}

it.each([
  ['forward by an hour', HOUR_MS],
  ['back by an hour', -HOUR_MS],
])('a clock that jumps %s neither floods nor starves it: quotes go on, at the new time', (_, jump) => {
  const { clock, market, seen } = open();
  clock.pass(10_000);
  const usual = seen.length;
  clock.offsetMs = jump;
  clock.pass(10_000);
  const after = seen.slice(usual);
  expect(after.length).toBeGreaterThan(usual / 2);
  expect(after.length).toBeLessThan(usual * 2);
  expect(after.filter(({ tick, now }) => tick.ts !== now)).toEqual([]);
  expect(market.bars('EURUSD', 60_000, 5).past).toHaveLength(5);
});

it('held back it is silent, and goes on with the quotes of then', () => {
  const { clock, market, seen } = open();
  clock.pass(10_000);
  const before = seen.length;
  market.silence('EURUSD', true);
  clock.pass(20_000);
  expect(seen).toHaveLength(before);
  market.silence('EURUSD', false);
  clock.pass(10_000);
  const after = seen.slice(before);
  expect(after.length).toBeGreaterThan(before / 2);
  expect(after.every(({ tick, now }) => tick.ts === now && tick.ts >= START + 30_000)).toBe(true);
});
