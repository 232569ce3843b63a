/**
 * The life of one alert: a rule on a target. It is made when the rule's condition first holds, and
 * reaped when it is inactive again.
 *
 * | state    | meaning                                                        | left by                                         |
 * |----------|----------------------------------------------------------------|-------------------------------------------------|
 * | inactive | the condition does not hold                                    | HOLDS                                           |
 * | pending  | it holds, not for long enough yet                              | HOLDS once it is due, CLEARS, GONE              |
 * | firing   | it is told                                                     | GONE                                            |
 * |  holding | the condition holds                                            | CLEARS                                          |
 * |  keeping | it has ceased, not for long enough yet: flapping is one alert  | HOLDS, CLEARS once it is due                    |
 * | resolved | it is over; still shown, and told to whoever forgets           | HOLDS, CLEARS or GONE once its time is over     |
 *
 * Time comes with the looks: a deadline is reached by a look that sees the condition, never by a timer
 * that nobody has looked for. Whether and to whom it is told is not the machine's: see `dispatch.ts`.
 * FAULT changes no state.
 */
import { assign, setup } from 'xstate';
import type { AlertView, Severity } from '../../domain/alerts.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Clock } from '../../clock.ts';
import type { Reading } from '../../alerts/rule.ts';
import type { FaultEvent } from '../fault-tolerant.ts';

/** What a look says, and the terms that are in force then. */
interface Look {
  readonly at: EpochMs;
  readonly reading: Omit<Reading, 'holds'>;
  readonly severity: Severity;
  readonly forMs: number;
  readonly keepFiringMs: number;
}

/** The last trades and events of the strategy as it began to fire. */
export type Evidence = Pick<AlertView, 'trades' | 'events'>;

export type AlertEvent =
  | ({ readonly type: 'HOLDS' } & Look)
  | ({ readonly type: 'CLEARS' } & Look)
  /** The target is not there any more, or the rule is off. */
  | { readonly type: 'GONE'; readonly at: EpochMs }
  | { readonly type: 'ACK'; readonly at: EpochMs; readonly by: string; readonly comment: string | null }
  /** Somebody was told of it, as it is now. */
  | { readonly type: 'TOLD'; readonly at: EpochMs }
  | FaultEvent;

export interface Acknowledgement {
  readonly at: EpochMs;
  readonly by: string;
  readonly comment: string | null;
}

/** What of an alert survives a restart, besides its state. */
export interface AlertRecord {
  readonly severity: Severity;
  readonly reading: Omit<Reading, 'holds'>;
  readonly evidence: Evidence;
  /** When the condition began to hold. */
  readonly since: EpochMs;
  readonly firingSince: EpochMs | null;
  /** When it ceased; while it keeps firing. */
  readonly clearedAt: EpochMs | null;
  readonly resolvedAt: EpochMs | null;
  readonly ack: Acknowledgement | null;
  /** When somebody was last told that it fires; null: nobody was, of this incident. */
  readonly toldAt: EpochMs | null;
  /** Whoever was told that it fires has been told that it does not. */
  readonly toldResolved: boolean;
}

export interface AlertContext extends AlertRecord {
  readonly clock: Clock;
}
export interface AlertInput {
  readonly clock: Clock;
}

/** How long a resolved alert is shown, and told again to an Alertmanager. */
export const RESOLVED_FOR_MS = 15 * 60_000;

const NOTHING: AlertRecord = {
  severity: 'P3',
  reading: { summary: '', measured: null, limit: null, inputs: {} },
  evidence: { trades: [], events: [] },
  since: 0,
  firingSince: null,
  clearedAt: null,
  resolvedAt: null,
  ack: null,
  toldAt: null,
  toldResolved: false,
};

const RESOLVED = { target: '#alert.resolved', actions: 'resolve' } as const;

export const alertMachine = setup({
  types: {
    context: {} as AlertContext,
    events: {} as AlertEvent,
    input: {} as AlertInput,
    tags: {} as 'fires',
  },
  actions: {
    /** To provide: what happened around it. */
    gather: assign({}),
    begin: assign(({ context, event }) =>
      event.type === 'HOLDS'
        ? { ...NOTHING, clock: context.clock, since: event.at, severity: event.severity, reading: event.reading }
        : {},
    ),
    read: assign(({ event }) =>
      event.type === 'HOLDS' ? { severity: event.severity, reading: event.reading, clearedAt: null } : {},
    ),
    fire: assign(({ event }) => ('at' in event ? { firingSince: event.at } : {})),
    cease: assign(({ event }) => ('at' in event ? { clearedAt: event.at } : {})),
    resolve: assign(({ event }) => ('at' in event ? { resolvedAt: event.at, clearedAt: null } : {})),
    acknowledge: assign(({ event }) =>
      event.type === 'ACK' ? { ack: { at: event.at, by: event.by, comment: event.comment } } : {},
    ),
    noteTold: assign(({ event }) => (event.type === 'TOLD' ? { toldAt: event.at } : {})),
    noteToldResolved: assign({ toldResolved: true }),
  },
  guards: {
    firesAtOnce: ({ event }) => event.type === 'HOLDS' && event.forMs === 0,
    isDue: ({ context, event }) => event.type === 'HOLDS' && event.at - context.since >= event.forMs,
    endsAtOnce: ({ event }) => event.type === 'CLEARS' && event.keepFiringMs === 0,
    isOver: ({ context, event }) =>
      event.type === 'CLEARS' && event.at - (context.clearedAt ?? event.at) >= event.keepFiringMs,
    wasShown: ({ context, event }) => 'at' in event && event.at - (context.resolvedAt ?? 0) >= RESOLVED_FOR_MS,
  },
}).createMachine({
  id: 'alert',
  context: ({ input: { clock } }) => ({ ...NOTHING, clock }),
  initial: 'inactive',
  states: {
    inactive: {
      description: 'The condition does not hold.',
      on: {
        HOLDS: [
          { guard: 'firesAtOnce', target: 'firing', actions: ['begin', 'fire', 'gather'] },
          { target: 'pending', actions: 'begin' },
        ],
        FAULT: {},
      },
    },
    pending: {
      description: 'It holds, not for long enough yet. Nobody is told.',
      on: {
        HOLDS: [{ guard: 'isDue', target: 'firing', actions: ['read', 'fire', 'gather'] }, { actions: 'read' }],
        CLEARS: 'inactive',
        GONE: 'inactive',
        FAULT: {},
      },
    },
    firing: {
      tags: ['fires'],
      description: 'It is told, unless it is silenced or its cause speaks for it.',
      initial: 'holding',
      on: { GONE: RESOLVED, ACK: { actions: 'acknowledge' }, TOLD: { actions: 'noteTold' }, FAULT: {} },
      states: {
        holding: {
          description: 'The condition holds.',
          on: {
            HOLDS: { actions: 'read' },
            CLEARS: [
              { guard: 'endsAtOnce', ...RESOLVED },
              { target: 'keeping', actions: 'cease' },
            ],
          },
        },
        keeping: {
          description: 'It has ceased, not for long enough yet.',
          on: {
            HOLDS: { target: 'holding', actions: 'read' },
            CLEARS: { guard: 'isOver', ...RESOLVED },
          },
        },
      },
    },
    resolved: {
      description: 'It is over, and shown for 15 minutes.',
      on: {
        CLEARS: { guard: 'wasShown', target: 'inactive' },
        GONE: { guard: 'wasShown', target: 'inactive' },
        HOLDS: [
          { guard: 'firesAtOnce', target: 'firing', actions: ['begin', 'fire', 'gather'] },
          { target: 'pending', actions: 'begin' },
        ],
        TOLD: { actions: 'noteToldResolved' },
        FAULT: {},
      },
    },
  },
});
