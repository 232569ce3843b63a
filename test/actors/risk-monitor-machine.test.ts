import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { VirtualClock } from '../../src/clock.ts';
import { faultTolerant } from '../../src/actors/fault-tolerant.ts';
import { phaseEvent, riskMonitorMachine, type RiskMonitorEvent } from '../../src/actors/risk-monitor-machine.ts';
import { RiskMonitor, UNCOMPUTABLE_MS } from '../../src/risk/monitor.ts';
import { inputs, rule, type Money } from '../risk/support.ts';
import { TransitionCoverage } from './transition-coverage.ts';

const FAULT = { type: 'FAULT', error: { code: 'QKT_E_INTERNAL', message: 'broken' } } as const;
const coverage = new TransitionCoverage();

function start(look: () => void = () => {}) {
  const clock = new VirtualClock(50_000);
  const looks: number[] = [];
  const machine = riskMonitorMachine.provide({
    actions: {
      look: () => {
        looks.push(clock.now());
        look();
      },
    },
  });
  const actor = createActor(
    faultTolerant(machine, () => undefined),
    {
      input: { clock, of: 'ema-cross' },
      clock: clock.xstate,
      inspect: coverage.inspect,
    },
  ).start();
  const send = (...events: readonly RiskMonitorEvent[]): void => events.forEach((event) => actor.send(event));
  return {
    actor,
    clock,
    looks,
    send,
    state: () => actor.getSnapshot().value,
    context: () => actor.getSnapshot().context,
  };
}

const counting = (dueAt: number): RiskMonitorEvent => ({ type: 'UNCOMPUTABLE', rules: ['maxDailyLoss:equity'], dueAt });
const suspended: RiskMonitorEvent = { type: 'UNCOMPUTABLE', rules: ['maxDailyLoss:equity'], dueAt: null };
const tripped: RiskMonitorEvent = { type: 'TRIPPED', rules: ['maxDrawdown:peak'] };

/** Every event, and the state it leads to from wherever the machine is. */
const EVENTS: readonly (readonly [RiskMonitorEvent, unknown])[] = [
  [{ type: 'IDLE' }, 'idle'],
  [{ type: 'WATCH' }, 'watching'],
  [counting(90_000), { uncomputable: 'counting' }],
  [suspended, { uncomputable: 'suspended' }],
  [tripped, 'tripped'],
];

afterAll(() => {
  expect(coverage.missing(riskMonitorMachine)).toEqual([]);
});

describe('the risk monitor machine', () => {
  it('goes from every state to the one that it is told of', () => {
    for (const [first] of EVENTS) {
      for (const [second, to] of EVENTS) {
        const { send, state } = start();
        send(first, second);
        expect(state()).toEqual(to);
      }
    }
  });

  it('keeps which rules it is about and the deadline as data, and forgets them when all is well', () => {
    const { send, context } = start();
    send(counting(90_000));
    expect(context()).toMatchObject({ rules: ['maxDailyLoss:equity'], dueAt: 90_000 });
    send(suspended);
    expect(context().dueAt).toBeNull();
    send(tripped);
    expect(context()).toMatchObject({ rules: ['maxDrawdown:peak'], dueAt: null });
    send({ type: 'WATCH' });
    expect(context()).toMatchObject({ rules: [], dueAt: null });
  });

  it('judges by its tags: a halt is in force in tripped alone', () => {
    const { send, actor } = start();
    for (const [event, to] of EVENTS) {
      send(event);
      expect(actor.getSnapshot().hasTag('halting')).toBe(to === 'tripped');
    }
  });

  it('asks for a look when the five minutes are over, and then every second until something changes', () => {
    const { clock, looks, send } = start();
    send(counting(50_000 + UNCOMPUTABLE_MS));
    clock.advanceBy(UNCOMPUTABLE_MS - 1);
    expect(looks).toEqual([]);
    clock.advanceBy(2001);
    expect(looks).toEqual([350_000, 351_000, 352_000]);
    send(tripped);
    clock.advanceBy(10_000);
    expect(looks).toHaveLength(3);
  });

  it('does not ask while the clock stands still', () => {
    const { clock, looks, send } = start();
    send(counting(60_000), suspended);
    clock.advanceBy(1_000_000);
    expect(looks).toEqual([]);
  });

  it('keeps its state through a fault of its own, and has the rules judged at once', () => {
    for (const [event, to] of EVENTS) {
      const { looks, send, state } = start();
      send(event, FAULT);
      expect(state()).toEqual(to);
      expect(looks).toHaveLength(1);
    }
  });

  it('stays tripped when even the look throws', () => {
    const { send, state, actor } = start(() => {
      throw new Error('no figures');
    });
    send(tripped, FAULT);
    expect(state()).toBe('tripped');
    expect(actor.getSnapshot().status).toBe('active');
  });
});

describe('the machine beside its monitor', () => {
  function pair() {
    const monitor = new RiskMonitor([rule('maxDailyLoss', 100)]);
    let money: Money = {};
    let phase = monitor.phase;
    const look = (change: Partial<ReturnType<typeof inputs>> = {}): void => {
      monitor.evaluate(inputs(money, { now: machine.clock.now(), ...change }));
      if (phase === monitor.phase) return;
      phase = monitor.phase;
      machine.send(phaseEvent(phase));
    };
    const machine = start(() => look());
    return { machine, monitor, look, set: (next: Money) => (money = next) };
  }

  it('trips in the turn in which the five minutes are over, though nobody else looks', () => {
    const { machine, look, set } = pair();
    set({ equity: undefined });
    look();
    expect(machine.state()).toEqual({ uncomputable: 'counting' });
    machine.clock.advanceBy(UNCOMPUTABLE_MS - 1);
    expect(machine.state()).toEqual({ uncomputable: 'counting' });
    machine.clock.advanceBy(1);
    expect(machine.state()).toBe('tripped');
  });

  it('is always where the monitor is', () => {
    const step = fc.record({
      equity: fc.constantFrom<number | undefined>(10_000, 9950, undefined, 9000),
      clockRuns: fc.boolean(),
      idle: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
      after: fc.integer({ min: 1, max: 200_000 }),
      lift: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { machine, monitor, look, set } = pair();
        for (const { equity, after, lift, ...change } of steps) {
          machine.clock.advanceBy(after);
          if (lift) monitor.lift();
          set({ equity });
          look(change);
          const { phase } = monitor;
          const expected =
            phase.name === 'uncomputable'
              ? { uncomputable: phase.dueAt === null ? 'suspended' : 'counting' }
              : phase.name;
          expect(machine.state()).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });
});
