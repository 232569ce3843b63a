import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { HangWatch, LOOK_EVERY_MS } from '../../src/actors/hang-watch.ts';

const LIMIT_MS = 1500;

/** A watch that looks as often as it should, and a guest whose turn is under way when a test says so. */
function scene(busy = 1) {
  const clock = new VirtualClock(1_000_000);
  const watch = new HangWatch(clock, LIMIT_MS);
  const guest = {
    underWay: false,
    settled: (): Promise<void> | undefined => (guest.underWay ? Promise.resolve() : undefined),
    utilization: () => busy,
  };
  return {
    watch,
    guest,
    /** Looks for so long, and gives what is found first and after how long. */
    lookFor: (ms: number) => {
      for (let passed = LOOK_EVERY_MS; passed <= ms; passed += LOOK_EVERY_MS) {
        clock.advanceBy(LOOK_EVERY_MS);
        const found = watch.look(guest);
        if (found !== undefined) return { ...found, afterMs: passed };
      }
      return undefined;
    },
    /** The process is stopped, or its main thread held up. */
    standStill: (ms: number) => clock.advanceBy(ms),
  };
}

describe('the watch for hangs', () => {
  it('sees a turn that does not end once its limit is reached, and says for how long', () => {
    const { guest, lookFor } = scene();
    expect(lookFor(10_000)).toBeUndefined();
    guest.underWay = true;
    expect(lookFor(10_000)).toEqual({
      cause: 'spinning',
      detail: 'no turn finished for 1500 ms, thread 100 % busy',
      ms: 1500,
      afterMs: 1500,
    });
  });

  it('is content while turns end, however busy the code is', () => {
    const { guest, watch, lookFor } = scene();
    guest.underWay = true;
    for (let turn = 0; turn < 50; turn += 1) {
      expect(lookFor(LIMIT_MS - LOOK_EVERY_MS)).toBeUndefined();
      watch.turnEnded();
    }
  });

  it.each([
    [0, 'idle'],
    [0.04, 'idle'],
    [0.1, 'spinning'],
  ])('calls a hang of a thread that is busy for %d of the time %s', (busy, cause) => {
    const { guest, lookFor } = scene(busy);
    guest.underWay = true;
    expect(lookFor(2000)).toMatchObject({ cause });
  });

  it('counts the load of the second half alone: before that it may have worked', () => {
    const { guest, lookFor } = scene();
    const loads = [0.9, 0];
    guest.utilization = () => loads.shift()!;
    guest.underWay = true;
    expect(lookFor(2000)).toMatchObject({ cause: 'idle' });
  });

  it('counts no time in which the main thread did not run', () => {
    const { guest, lookFor, standStill } = scene();
    guest.underWay = true;
    expect(lookFor(1300)).toBeUndefined();
    standStill(3_600_000);
    expect(lookFor(100)).toBeUndefined();
    // One look for the pause, and those before and after it.
    expect(lookFor(1000)).toMatchObject({ ms: 1500, afterMs: 100 });
  });

  it('is not fooled by a main thread that is held up again and again while turns still end', () => {
    const { guest, watch, lookFor, standStill } = scene();
    guest.underWay = true;
    for (let round = 0; round < 20; round += 1) {
      standStill(5000);
      expect(lookFor(200)).toBeUndefined();
      watch.turnEnded();
    }
  });
});
