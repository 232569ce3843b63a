/**
 * The life of a risk monitor: one per strategy, one for the book. Rules are judged in plain code on
 * every tick, every fill and once a second (`risk/monitor.ts`); the machine is told what came of it.
 *
 * | state       | meaning                                                       | left by                                         |
 * |-------------|---------------------------------------------------------------|-------------------------------------------------|
 * | idle        | warming and flat: nothing can be lost, no rule is judged      | WATCH, UNCOMPUTABLE, TRIPPED                    |
 * | watching    | every rule is computed, and none is breached                  | IDLE, UNCOMPUTABLE, TRIPPED                     |
 * | uncomputable| a rule lacks a figure                                         | IDLE, WATCH, TRIPPED                            |
 * |  counting   | in session: five minutes of it halt                           | UNCOMPUTABLE with the clock stopped             |
 * |  suspended  | market closed or gateway not ready: the clock stands still    | UNCOMPUTABLE with the clock running             |
 * | tripped     | at least one rule has tripped; a halt is in force             | WATCH, IDLE, UNCOMPUTABLE: once it is lifted    |
 *
 * The runtime provides `look`, which judges the rules at once: it is called when the five minutes
 * are over, should nobody have looked by then, and after a fault. Deadlines are absolute and kept as
 * data. FAULT changes no state: what has tripped stays tripped.
 */
import { assign, setup } from 'xstate';
import type { Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Phase } from '../risk/monitor.ts';
import type { FaultEvent } from './fault-tolerant.ts';

export type RiskMonitorEvent =
  | { readonly type: 'IDLE' }
  | { readonly type: 'WATCH' }
  /** `dueAt`: when it halts; null while the clock stands still. */
  | { readonly type: 'UNCOMPUTABLE'; readonly rules: readonly string[]; readonly dueAt: EpochMs | null }
  | { readonly type: 'TRIPPED'; readonly rules: readonly string[] }
  | FaultEvent;

export interface RiskMonitorContext {
  /** Engine time. */
  readonly clock: Clock;
  /** A strategy's name, or `book`. */
  readonly of: string;
  /** Ids of the rules that the state is about. */
  readonly rules: readonly string[];
  readonly dueAt: EpochMs | null;
}
export type RiskMonitorInput = Pick<RiskMonitorContext, 'clock' | 'of'>;

/** What the machine must hear of a monitor's phase; send it when the phase has become another object. */
export function phaseEvent(phase: Phase): RiskMonitorEvent {
  if (!('rules' in phase)) return { type: phase.name === 'idle' ? 'IDLE' : 'WATCH' };
  const { rules } = phase;
  return phase.name === 'tripped' ? { type: 'TRIPPED', rules } : { type: 'UNCOMPUTABLE', rules, dueAt: phase.dueAt };
}

/** A due look that changed nothing is not repeated sooner. */
const LOOK_AGAIN_MS = 1000;

const IDLE = { target: '#risk-monitor.idle', actions: 'clear' } as const;
const WATCH = { target: '#risk-monitor.watching', actions: 'clear' } as const;
const TRIPPED = { target: '#risk-monitor.tripped', actions: 'note' } as const;
const UNCOMPUTABLE = [
  { guard: 'clockStands', target: '#risk-monitor.uncomputable.suspended', actions: 'note' },
  { target: '#risk-monitor.uncomputable.counting', actions: 'note' },
] as const;
const FAULT = { actions: 'look' } as const;

export const riskMonitorMachine = setup({
  types: {
    context: {} as RiskMonitorContext,
    events: {} as RiskMonitorEvent,
    input: {} as RiskMonitorInput,
    tags: {} as 'judging' | 'halting',
  },
  actions: {
    look: () => {},
    note: assign(({ event }) =>
      'rules' in event ? { rules: event.rules, dueAt: 'dueAt' in event ? event.dueAt : null } : {},
    ),
    clear: assign({ rules: [], dueAt: null }),
  },
  guards: {
    clockStands: ({ event }) => event.type === 'UNCOMPUTABLE' && event.dueAt === null,
  },
  delays: {
    due: ({ context }) => Math.max(LOOK_AGAIN_MS, (context.dueAt ?? 0) - context.clock.now()),
  },
}).createMachine({
  id: 'risk-monitor',
  meta: { delays: { due: '5 min of session' } },
  context: ({ input: { clock, of } }) => ({ clock, of, rules: [], dueAt: null }),
  initial: 'idle',
  states: {
    idle: {
      description: 'Warming and flat: no rule is judged.',
      on: { WATCH, UNCOMPUTABLE, TRIPPED, FAULT },
    },
    watching: {
      tags: ['judging'],
      description: 'Every rule is computed; none is breached.',
      on: { IDLE, UNCOMPUTABLE, TRIPPED, FAULT },
    },
    uncomputable: {
      tags: ['judging'],
      description: 'A rule lacks a figure. Five minutes of session like this halt: UNCOMPUTABLE.',
      on: { IDLE, WATCH, UNCOMPUTABLE, TRIPPED, FAULT },
      initial: 'counting',
      states: {
        counting: {
          description: 'The clock runs.',
          after: { due: { target: 'counting', reenter: true, actions: 'look' } },
        },
        suspended: { description: 'Market closed or gateway not ready: the clock stands still.' },
      },
    },
    tripped: {
      tags: ['halting'],
      description: 'A halt is in force. Other rules are judged on.',
      on: { IDLE, WATCH, UNCOMPUTABLE, TRIPPED, FAULT },
    },
  },
});
