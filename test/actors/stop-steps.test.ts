import { describe, expect, it } from 'vitest';
import { cancelEntries, flatten } from '../../src/actors/stop-steps.ts';
import type { StrategyBook } from '../../src/actors/strategy-book.ts';
import { VirtualClock } from '../../src/clock.ts';

/** Entries at a venue that takes its time, and an author's code that asks for more of them meanwhile. */
class SlowDesk {
  readonly working = new Set<string>();
  readonly asked: string[][] = [];
  takenBack = 0;

  cancelEntries(): void {
    this.asked.push([...this.working]);
  }

  workingEntries(): readonly string[] {
    return [...this.working];
  }

  orders(): readonly { readonly id: string }[] {
    return [...this.working].map((id) => ({ id }));
  }

  flatten(): void {}

  cancelled(id: string): void {
    this.working.delete(id);
    this.takenBack += 1;
  }
}

function scene() {
  const clock = new VirtualClock(0);
  const desk = new SlowDesk();
  const book = { desk, ledger: { positions: () => [] } } as unknown as StrategyBook;
  const pass = async (ms: number): Promise<void> => {
    for (const until = clock.now() + ms; clock.now() < until;) {
      clock.advanceBy(5);
      await new Promise(setImmediate);
    }
  };
  return { clock, desk, book, pass };
}

describe('the orderly end of entries', () => {
  it.each([
    ['being cancelled', cancelEntries],
    ['followed by a flatten', flatten],
  ])('is asked of each once, of those that come meanwhile as well, while they are %s', async (_, step) => {
    const { clock, desk, book, pass } = scene();
    desk.working.add('a');
    const ending = step(book, clock, 10_000, new AbortController().signal);
    await pass(200);
    expect(desk.asked).toEqual([['a']]);
    desk.working.add('b');
    await pass(200);
    expect(desk.asked).toEqual([['a'], ['a', 'b']]);
    for (const id of ['a', 'b']) desk.cancelled(id);
    await pass(100);
    expect((await ending).left).toEqual([]);
  });
});
