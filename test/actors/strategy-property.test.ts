import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STRATEGY_STATES } from '../../src/domain/strategy-states.ts';
import type { StrategyPorts } from '../../src/actors/strategy-actor.ts';
import type { StrategyEvent } from '../../src/actors/strategy-events.ts';
import { strategyMachine } from '../../src/actors/strategy.ts';
import { cause, createHarness, EVENTS, PROMISES, settle, type Harness } from './strategy-harness.ts';

const GUARDS = Object.keys(strategyMachine.implementations.guards);
const ACTIONS = ['closeGate', 'openGate', 'terminateGuest'];

/** The machine's own guards, which throw while a test has broken them. */
function breakableGuards(broken: ReadonlySet<string>): NonNullable<StrategyPorts['guards']> {
  type Guard = (args: unknown, params: unknown) => boolean;
  const guards = Object.entries(strategyMachine.implementations.guards) as [string, unknown][];
  return Object.fromEntries(
    guards.map(([name, guard]): [string, Guard] => [
      name,
      (args, params) => {
        if (broken.has(name)) throw new Error(`${name} is broken`);
        return (guard as Guard)(args, params);
      },
    ]),
  );
}

const EVENT_LIST: readonly StrategyEvent[] = [
  ...Object.values(EVENTS),
  { type: 'HALT', cause: cause('c2', 'book') },
  { ...EVENTS.RESUME, scope: 'book' },
  { ...EVENTS.RESUME, reason: '' },
  { ...EVENTS.STOP, timeoutMs: 1 },
];

type Operation =
  | { readonly do: 'send'; readonly event: StrategyEvent }
  | { readonly do: 'done' | 'fail'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'break' | 'mend'; readonly name: string };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('send' as const), event: fc.constantFrom(...EVENT_LIST) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('done' as const), which: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), which: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('break' as const, 'mend' as const),
      name: fc.constantFrom(...GUARDS, ...ACTIONS),
    }),
  },
);

async function perform(h: Harness, operation: Operation): Promise<void> {
  const running = PROMISES.filter((name) => h.pending(name) !== undefined);
  switch (operation.do) {
    case 'send':
      return h.send(operation.event);
    case 'done':
    case 'fail': {
      const name = running[operation.which % Math.max(1, running.length)];
      if (name !== undefined) await h[operation.do](name);
      return;
    }
    case 'wait':
      h.clock.advanceBy(operation.ms);
      return settle();
    case 'break':
      h.broken.add(operation.name);
      return;
    case 'mend':
      h.broken.delete(operation.name);
  }
}

function checkTable(h: Harness, halted: { seen: boolean }): void {
  const snapshot = h.actor.snapshot();
  const state = h.actor.state();
  expect(snapshot.status).toBe('active');
  expect(STRATEGY_STATES).toContain(state);
  expect(snapshot.hasTag('gateOpen')).toBe(state === 'trading');
  if (state === 'trading') expect(snapshot.context.haltCauses).toEqual([]);
  halted.seen ||= state === 'halted';
}

describe('the strategy machine under any sequence of commands and faults', () => {
  it('never leaves its table, trades only without a halt in force, and always ends stopped when it is told to', async () => {
    const halted = { seen: false };
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const h = createHarness({ ran: true, settings: { restartBudget: 2 } }, breakableGuards);
        await h.send(EVENTS.START);
        for (const one of operations) {
          await perform(h, one);
          checkTable(h, halted);
        }
        // Whatever is broken stays broken, nothing answers any more, and yet:
        await h.send({ ...EVENTS.STOP_FLAT, timeoutMs: 5000 });
        const before = h.actor.state();
        expect(['cancelling', 'flattening', 'draining', 'stopped']).toContain(before);
        h.clock.advanceBy(before === 'stopped' ? 0 : 30_000);
        await settle();
        expect(h.actor.state()).toBe('stopped');
      }),
      { numRuns: 300 },
    );
    expect(halted.seen).toBe(true);
  });

  it('keeps every halt cause until a RESUME with a reason lifts it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
        const h = createHarness({ ran: true }, breakableGuards);
        await h.toTrading();
        await h.send({ type: 'HALT', cause: cause('mine', 'strategy') });
        for (const one of operations.filter((one) => !(one.do === 'send' && one.event.type === 'RESUME'))) {
          await perform(h, one);
          expect(h.actor.snapshot().context.haltCauses.map(({ causeId }) => causeId)).toContain('mine');
          expect(h.actor.state()).not.toBe('trading');
        }
      }),
      { numRuns: 150 },
    );
  });
});
