import { describe, expect, it } from 'vitest';
import { Cleanups } from '../../src/app/cleanups.ts';
import { VirtualClock } from '../../src/clock.ts';

const never = (): Promise<void> => new Promise(() => undefined);

async function closed(cleanups: Cleanups, clock: VirtualClock, deadline: number): Promise<void> {
  const end = cleanups.close(deadline);
  // One timer and one turn for each step are enough.
  for (let step = 0; step < 10; step++) {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    clock.runNext();
  }
  await end;
}

describe('an orderly end', () => {
  it('closes in reverse, and says nothing when all went well', async () => {
    const clock = new VirtualClock();
    const cleanups = new Cleanups(clock);
    const order: string[] = [];
    for (const what of ['first', 'second', 'third']) cleanups.add(what, () => order.push(what));
    await closed(cleanups, clock, 1000);
    expect(order).toEqual(['third', 'second', 'first']);
    expect(cleanups.notClosed).toEqual([]);
  });

  it('names a step that fails and one that hangs, goes on with the others, and keeps its deadline', async () => {
    const clock = new VirtualClock();
    const cleanups = new Cleanups(clock);
    const order: string[] = [];
    cleanups.add('journal', () => void order.push(`journal at ${clock.now()}`));
    cleanups.add('venue', never);
    cleanups.add('ports', () => {
      throw new Error('busy');
    });
    cleanups.add('strategies', never);
    await closed(cleanups, clock, 16_000);
    expect(cleanups.failures).toEqual([
      'strategies: not closed in 8000 ms',
      'ports: busy',
      'venue: not closed in 4000 ms',
    ]);
    expect(order).toEqual(['journal at 12000']);
  });

  it('names what it has not come to', () => {
    const cleanups = new Cleanups(new VirtualClock());
    cleanups.add('logs', never);
    expect(cleanups.failures).toEqual([]);
    expect(cleanups.notClosed).toEqual(['logs: not come to']);
  });
});
