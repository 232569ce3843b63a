/** Canaries: what `fault-tolerant.ts` and the machines take for granted about XState. When one fails, read it first. */
import { describe, expect, it } from 'vitest';
import { assign, createActor, createMachine, fromPromise, setup, SimulatedClock, type AnyActorLogic } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { VirtualClock } from '../../src/clock.ts';

const never = fromPromise(() => new Promise(() => {}));

const throwing = setup({ actors: { never } }).createMachine({
  initial: 'a',
  states: {
    a: {
      invoke: { src: 'never', id: 'child' },
      on: {
        GO: {
          actions: () => {
            throw new Error('boom');
          },
        },
      },
    },
  },
});

const fails = (): never => {
  throw new Error('boom');
};

describe('XState, as we rely on it', () => {
  it('ends an actor whose action throws, and leaves its invoked children running', () => {
    const actor = createActor(throwing);
    actor.subscribe({ error: () => {} });
    actor.start();
    const child = actor.getSnapshot().children.child!;
    actor.send({ type: 'GO' });
    expect(actor.getSnapshot().status).toBe('error');
    expect(child.getSnapshot().status).toBe('active');
  });

  it('ends an actor whose guard or assign throws', () => {
    for (const GO of [{ guard: fails, actions: [] }, { actions: assign(fails) }]) {
      const actor = createActor(createMachine({ on: { GO } }));
      actor.subscribe({ error: () => {} });
      actor.start();
      actor.send({ type: 'GO' });
      expect(actor.getSnapshot().status).toBe('error');
    }
  });

  it('runs no exit action when it is stopped', () => {
    const ran: string[] = [];
    const actor = createActor(createMachine({ initial: 'a', states: { a: { exit: () => ran.push('exit') } } })).start();
    actor.stop();
    expect(ran).toEqual([]);
  });

  it('does not fire a delay that was pending in a restored snapshot', () => {
    const clock = new VirtualClock();
    const machine = createMachine({ initial: 'a', states: { a: { after: { 100: 'b' } }, b: {} } });
    const first = createActor(machine, { clock: clock.xstate }).start();
    const snapshot = first.getPersistedSnapshot();
    first.stop();
    const second = createActor(machine, { clock: clock.xstate, snapshot }).start();
    clock.advanceBy(1000);
    expect(second.getSnapshot().value).toBe('a');
  });

  it('breaks the actor that a throwing inspector watches', () => {
    const machine = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } });
    let armed = false;
    const actor = createActor(machine, {
      inspect: () => {
        if (armed) throw new Error('inspector');
      },
    });
    actor.subscribe({ error: () => {} });
    actor.start();
    armed = true;
    expect(() => actor.send({ type: 'GO' })).toThrow('inspector');
    armed = false;
    expect(actor.getSnapshot().value).toBe('a');
  });

  it('tells a late subscriber nothing until the next event, and then of every event, ignored ones included', () => {
    const actor = createActor(createMachine({ initial: 'a', states: { a: {} } })).start();
    const seen: unknown[] = [];
    actor.subscribe((snapshot) => seen.push(snapshot));
    expect(seen).toHaveLength(0);
    actor.send({ type: 'NOBODY_KNOWS' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(actor.getSnapshot());
  });

  it("swallows a child's crash where a '*' transition stands", async () => {
    const failing: AnyActorLogic = fromPromise(() => Promise.reject(new Error('child')));
    const run = async (on: object): Promise<string> => {
      const actor = createActor(createMachine({ initial: 'a', states: { a: { invoke: { src: failing }, on } } }));
      actor.subscribe({ error: () => {} });
      actor.start();
      await new Promise((resolve) => setImmediate(resolve));
      return actor.getSnapshot().status;
    };
    expect(await run({})).toBe('error');
    expect(await run({ '*': {} })).toBe('active');
  });

  it('does not cascade timers in SimulatedClock; our virtual clock does', () => {
    const machine = createMachine({
      initial: 'a',
      states: { a: { after: { 100: 'b' } }, b: { after: { 100: 'c' } }, c: {} },
    });
    const simulated = new SimulatedClock();
    const one = createActor(machine, { clock: simulated }).start();
    simulated.increment(200);
    expect(one.getSnapshot().value).toBe('b');
    const clock = new VirtualClock();
    const two = createActor(machine, { clock: clock.xstate }).start();
    clock.advanceBy(200);
    expect(two.getSnapshot().value).toBe('c');
  });

  it('throws at construction when a target does not exist', () => {
    expect(() => createMachine({ initial: 'a', states: { a: { on: { GO: 'typo' } } } })).toThrow('typo');
  });

  it('walks invokes and delays in getShortestPaths when states are told apart by value', () => {
    const machine = setup({ actors: { never } }).createMachine({
      initial: 'a',
      states: {
        a: { invoke: { src: 'never', id: 'never', onDone: 'b', onError: 'c' }, after: { 100: 'd' } },
        b: {},
        c: {},
        d: {},
      },
    });
    const paths = getShortestPaths(machine, {
      events: [
        { type: 'xstate.done.actor.never', output: undefined },
        { type: 'xstate.error.actor.never', error: new Error('x') },
        { type: 'xstate.after.100.(machine).a' },
      ] as never,
      serializeState: ({ value }) => JSON.stringify(value),
    });
    expect(paths.map(({ state }) => state.value).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('puts off what touches children and timers until a step is over, so that an undone step has not touched them', () => {
    const deferred: (() => void)[] = [];
    const machine = createMachine({
      initial: 'a',
      states: { a: { invoke: { src: never, id: 'one' }, on: { GO: 'b' } }, b: { invoke: { src: never, id: 'two' } } },
    });
    // The scope is the actor's own: a logic that undoes every step gets at it without touching private parts.
    const undoing: typeof machine = Object.assign(Object.create(machine) as typeof machine, {
      transition: (before: never, event: never, scope: Parameters<typeof machine.transition>[2]) => {
        machine.transition(before, event, { ...scope, defer: (effect) => deferred.push(effect) });
        return before;
      },
    });
    const actor = createActor(undoing).start();
    const one = actor.getSnapshot().children.one!;
    actor.send({ type: 'GO' });
    expect(deferred.length).toBeGreaterThan(0);
    expect(one.getSnapshot().status).toBe('active');
  });
});
