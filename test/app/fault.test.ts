import { describe, expect, it } from 'vitest';
import { Acts } from '../../src/app/acts.ts';
import { endByFault } from '../../src/app/fault.ts';
import type { Parts } from '../../src/app/parts.ts';
import { VirtualClock } from '../../src/clock.ts';

/** What a daemon consists of, as far as its end by a fault goes: each part takes down that it was called. */
function parts(over: Readonly<Record<string, () => unknown>> = {}) {
  const calls: string[] = [];
  const step = (name: string) => (): unknown => {
    calls.push(name);
    return over[name]?.();
  };
  const built = {
    fleet: { blockEntries: step('gates'), dispose: step('fleet') },
    log: { fatal: step('log'), error: step('log error') },
    run: { end: step('run record') },
    journal: { note: step('note'), close: () => Promise.resolve(step('journal')()) },
    state: { close: step('state directory') },
  };
  return { calls, built: built as unknown as Parts };
}

const ORDER = ['gates', 'log', 'note', 'run record', 'fleet', 'journal', 'state directory'];

describe('the end of a daemon by a fault', () => {
  it('closes the gates before anything else, and the journal after everything that writes to it', async () => {
    const { calls, built } = parts();
    await endByFault(new Error('boom'), built, new Acts(built), new VirtualClock());
    expect(calls).toEqual(ORDER);
  });

  it.each(['gates', 'log', 'run record', 'fleet', 'state directory'])('goes on when %s fails as well', async (name) => {
    const { calls, built } = parts({
      [name]: () => {
        throw new Error('not whole');
      },
    });
    await endByFault('a fault that is no error', built, new Acts(built), new VirtualClock());
    expect(calls).toEqual(ORDER);
  });

  it('waits 3 s for a journal that hangs, and no longer', async () => {
    const clock = new VirtualClock();
    const { calls, built } = parts({ journal: () => new Promise(() => undefined) });
    const end = endByFault(new Error('boom'), built, new Acts(built), clock);
    await Promise.resolve();
    clock.advanceBy(2999);
    await Promise.resolve();
    expect(calls).not.toContain('state directory');
    clock.advanceBy(1);
    await end;
    expect(calls.at(-1)).toBe('state directory');
  });

  it('is nothing to a daemon that has opened nothing yet', async () => {
    await endByFault(new Error('boom'), {}, new Acts({}), new VirtualClock());
  });
});
