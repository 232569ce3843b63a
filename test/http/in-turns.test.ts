import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import type { Steps } from '../../src/domain/steps.ts';
import { inTurns } from '../../src/http/in-turns.ts';
import { ReaderShare } from '../../src/http/reader-share.ts';

function* steps(count: number, taken: number[], busy = (): void => {}): Steps<string> {
  for (let n = 1; n <= count; n++) {
    taken.push(n);
    busy();
    yield;
  }
  return 'all';
}

describe('reading in steps', () => {
  it('lets others have a turn before every step', async () => {
    const taken: number[] = [];
    const reading = inTurns(steps(3, taken), new ReaderShare(new VirtualClock()), new AbortController().signal);
    const seen: number[] = [];
    for (let n = 0; n < 20; n++) {
      seen.push(taken.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await reading).toBe('all');
    for (const count of [0, 1, 2, 3]) expect(seen).toContain(count);
  });

  it('waits once its share of the time is spent', async () => {
    const clock = new VirtualClock();
    const taken: number[] = [];
    const share = new ReaderShare(clock, 0.5);
    const reading = inTurns(
      steps(3, taken, () => clock.advanceBy(200)),
      share,
      new AbortController().signal,
    );
    for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toEqual([1]);
    clock.advanceBy(1000);
    for (let n = 0; n < 10; n++) await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toEqual([1, 2]);
    while (taken.length < 3) {
      clock.advanceBy(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advanceBy(1000);
    expect(await reading).toBe('all');
  });

  it('reads nothing for a reader that has gone', async () => {
    const taken: number[] = [];
    const gone = AbortSignal.abort();
    await expect(inTurns(steps(3, taken), new ReaderShare(new VirtualClock()), gone)).rejects.toThrow('nobody waits');
    expect(taken).toEqual([]);
  });
});
