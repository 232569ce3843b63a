import { describe, expect, it } from 'vitest';
import { assign, createActor, fromPromise, setup } from 'xstate';
import { VirtualClock } from '../../src/clock.ts';
import { errorView, faultTolerant, fencedInspector, type FaultEvent } from '../../src/actors/fault-tolerant.ts';
import { QktError } from '../../src/errors.ts';

/** Everything that may throw, by name; a test says which of it does. */
function sample(broken: Set<string>, log: string[] = []) {
  const risky = (name: string): void => {
    log.push(name);
    if (broken.has(name)) throw new Error(`${name} broke`);
  };
  return setup({
    types: {
      context: {} as { count: number; error: string | null },
      events: {} as { type: 'GO' | 'BACK' } | FaultEvent,
    },
    actors: { work: fromPromise(() => new Promise(() => {})) },
    actions: {
      enterA: () => risky('enterA'),
      enterB: () => risky('enterB'),
      enterSafe: () => risky('enterSafe'),
      count: assign(({ context }) => {
        risky('count');
        return { count: context.count + 1 };
      }),
      note: assign(({ event }) => ({ error: event.type === 'FAULT' ? event.error.message : null })),
    },
    guards: {
      may: () => {
        risky('may');
        return true;
      },
      always: () => {
        risky('always');
        return true;
      },
    },
    delays: {
      soon: () => {
        risky('soon');
        return 100;
      },
    },
  }).createMachine({
    context: { count: 0, error: null },
    initial: 'a',
    states: {
      a: {
        entry: 'enterA',
        invoke: { src: 'work', id: 'workA' },
        after: { 5000: 'late' },
        on: { GO: { guard: 'may', target: 'b', actions: 'count' }, FAULT: { target: 'safe', actions: 'note' } },
      },
      b: {
        entry: 'enterB',
        invoke: { src: 'work', id: 'workB' },
        after: { soon: 'a' },
        on: { FAULT: [{ guard: 'always', target: 'safe', actions: 'note' }, { actions: 'note' }] },
      },
      late: { on: { FAULT: {} } },
      safe: { entry: 'enterSafe', on: { BACK: 'a', FAULT: { actions: 'note' } } },
    },
  });
}

function start(broken: Set<string>) {
  const clock = new VirtualClock();
  const faults: FaultEvent[] = [];
  const log: string[] = [];
  const machine = faultTolerant(sample(broken, log), (fault) => faults.push(fault));
  const actor = createActor(machine, { clock: clock.xstate }).start();
  return { actor, clock, faults, log };
}

describe('a fault-tolerant machine', () => {
  it.each(['may', 'count', 'enterB', 'soon'])('takes a throw in %s as FAULT, from the state before', (name) => {
    const { actor, faults } = start(new Set([name]));
    actor.send({ type: 'GO' });
    expect(actor.getSnapshot()).toMatchObject({
      status: 'active',
      value: 'safe',
      context: { count: 0, error: expect.stringContaining(`${name} broke`) as string },
    });
    expect(faults).toMatchObject([{ type: 'FAULT', during: 'GO', error: { code: 'QKT_E_INTERNAL' } }]);
  });

  it('starts no child and sets no timer of the step that was undone', () => {
    const { actor, clock } = start(new Set(['enterB']));
    actor.send({ type: 'GO' });
    expect(Object.keys(actor.getSnapshot().children)).toEqual([]);
    clock.advanceBy(60_000);
    expect(actor.getSnapshot().value).toBe('safe');
  });

  it('goes on when the handling of the fault throws as well', () => {
    const { actor, faults } = start(new Set(['enterB', 'enterSafe']));
    actor.send({ type: 'GO' });
    expect(actor.getSnapshot().value).toBe('safe');
    expect(faults.map(({ error }) => error.message)).toEqual(['enterB broke', 'enterSafe broke']);
  });

  it('takes a guard that throws while a fault is handled as false', () => {
    const broken = new Set<string>();
    const { actor } = start(broken);
    actor.send({ type: 'GO' });
    expect(actor.getSnapshot().value).toBe('b');
    broken.add('always').add('enterA');
    actor.send({ type: 'FAULT', error: { code: 'QKT_E_INTERNAL', message: 'told' } });
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: 'b' });
  });

  it('hears of a throw in the very first entry action', () => {
    const { actor } = start(new Set(['enterA']));
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: 'safe', context: { error: 'enterA broke' } });
  });

  it('survives a listener that throws, and a child whose crash nobody handles', async () => {
    const machine = setup({
      types: { events: {} as FaultEvent },
      actors: { bad: fromPromise(() => Promise.reject(new Error('child broke'))) },
    }).createMachine({ initial: 'a', states: { a: { invoke: { src: 'bad' }, on: { FAULT: 'b' } }, b: {} } });
    const actor = createActor(
      faultTolerant(machine, () => {
        throw new Error('listener');
      }),
    ).start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: 'b' });
  });

  it('stays fault-tolerant when it is provided with something after', () => {
    const machine = faultTolerant(sample(new Set()), () => undefined).provide({
      actions: {
        enterB: () => {
          throw new Error('provided');
        },
      },
    });
    const actor = createActor(machine).start();
    actor.send({ type: 'GO' });
    expect(actor.getSnapshot().value).toBe('safe');
  });
});

describe('a fenced inspector', () => {
  it('cannot break the actor that it watches', () => {
    const thrown: unknown[] = [];
    const actor = createActor(sample(new Set()), {
      inspect: fencedInspector(
        () => {
          throw new Error('inspector');
        },
        (error) => thrown.push(error),
      ),
    }).start();
    actor.send({ type: 'GO' });
    expect(actor.getSnapshot().value).toBe('b');
    expect(thrown.length).toBeGreaterThan(0);
  });
});

describe('an error as a person sees it', () => {
  it('keeps code and place, and makes an internal error of anything else', () => {
    const location = { file: 's.ts', line: 3, column: 7 };
    expect(errorView(new QktError('QKT_E_CALLBACK', 'boom', { location }))).toEqual({
      code: 'QKT_E_CALLBACK',
      message: 'boom',
      ...location,
    });
    expect(errorView('text')).toEqual({ code: 'QKT_E_INTERNAL', message: 'text' });
  });
});
