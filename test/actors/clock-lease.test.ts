import { expect, it } from 'vitest';
import { ClockLease } from '../../src/actors/clock-lease.ts';
import { VirtualClock } from '../../src/clock.ts';

/** The time of day can be set; durations go on. */
class SettableClock extends VirtualClock {
  offsetMs = 0;

  override now(): number {
    return super.now() + this.offsetMs;
  }

  pass(ms: number): void {
    this.advanceTo(super.now() + ms);
  }
}

function watched() {
  const clock = new SettableClock(1_000_000);
  const lease = new ClockLease(clock);
  lease.start();
  return { clock, lease };
}

it('breaks when the time of day jumps, either way, says by how much, and holds again after ten seconds', () => {
  const { clock, lease } = watched();
  clock.pass(5_000);
  expect(lease.view()).toMatchObject({ ok: true, ageMs: 0 });
  for (const jump of [3_600_000, -3_600_000]) {
    clock.offsetMs += jump;
    expect(lease.view()).toMatchObject({
      ok: false,
      ageMs: 3_600_000,
      reason: `the time of day has jumped by ${jump} ms`,
    });
    clock.pass(9_900);
    expect(lease.view().ok).toBe(false);
    clock.pass(500);
    expect(lease.view()).toMatchObject({ ok: true, ageMs: 0 });
  }
});

it('follows a clock that is corrected slowly', () => {
  const { clock, lease } = watched();
  for (let second = 0; second < 60; second++) {
    clock.offsetMs += 100;
    clock.pass(1_000);
    expect(lease.view().ok).toBe(true);
  }
});
