/**
 * The life of a log file. Losing a log never stops trading: lines that cannot be written wait in a
 * bounded ring (the sink's, not the machine's), what falls out of it is counted.
 *
 * | state      | meaning                                                      | left by                                  |
 * |------------|--------------------------------------------------------------|------------------------------------------|
 * | open       | lines reach the file                                         | BACKLOG, WRITE_FAILED, CLOSE             |
 * | backlogged | the file is slower than the log; lines wait                  | DRAINED, WRITE_FAILED, CLOSE             |
 * | degraded   | a write failed; the file is tried again after a pause        | RECOVERED, WRITE_FAILED (5th), CLOSE     |
 * | lost       | five tries failed; tried again at the longest pause          | RECOVERED, CLOSE                         |
 * | closed     | nothing is taken any more                                    | nobody                                   |
 *
 * Actions to provide: `reopen` opens the file anew and answers with RECOVERED or WRITE_FAILED.
 * REOPEN (SIGHUP, rotation by another program) calls it in every state but closed.
 */
import { assign, setup } from 'xstate';
import type { ErrorView } from '../domain/loss-views.ts';
import type { FaultEvent } from './fault-tolerant.ts';

export type LogSinkEvent =
  | { readonly type: 'WRITE_FAILED'; readonly error: ErrorView }
  /** Bytes that wait; sent when they pass the sink's high-water mark. */
  | { readonly type: 'BACKLOG'; readonly bytes: number }
  | { readonly type: 'DRAINED' }
  | { readonly type: 'RECOVERED' }
  | { readonly type: 'REOPEN' }
  | { readonly type: 'CLOSE' }
  | FaultEvent;

export interface LogSinkContext {
  /** Failed writes since the last good one. */
  readonly failures: number;
  readonly waitingBytes: number;
  readonly lastError: ErrorView | null;
}

const GIVE_UP_AFTER = 5;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export const logSinkMachine = setup({
  types: {
    context: {} as LogSinkContext,
    events: {} as LogSinkEvent,
    tags: {} as 'writing' | 'keeping',
  },
  actions: {
    reopen: () => {},
    noteFailure: assign(({ context, event }) => ({
      failures: context.failures + 1,
      lastError: 'error' in event ? event.error : context.lastError,
    })),
    noteBacklog: assign({ waitingBytes: ({ event }) => (event.type === 'BACKLOG' ? event.bytes : 0) }),
    clear: assign({ failures: 0, waitingBytes: 0 }),
  },
  guards: {
    triesSpent: ({ context }) => context.failures + 1 >= GIVE_UP_AFTER,
  },
  delays: {
    pause: ({ context }) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, context.failures - 1)),
    longestPause: LONGEST_PAUSE_MS,
  },
}).createMachine({
  id: 'log-sink',
  meta: { delays: { pause: '1 s, doubling' } },
  context: { failures: 0, waitingBytes: 0, lastError: null },
  initial: 'open',
  states: {
    open: {
      tags: ['writing'],
      description: 'Lines reach the file.',
      on: {
        BACKLOG: { target: 'backlogged', actions: 'noteBacklog' },
        WRITE_FAILED: { target: 'degraded', actions: 'noteFailure' },
        FAULT: { target: 'degraded', actions: 'noteFailure' },
        REOPEN: { actions: 'reopen' },
        CLOSE: 'closed',
      },
    },
    backlogged: {
      tags: ['writing'],
      description: 'The file is slower than the log: lines wait in a bounded ring.',
      on: {
        BACKLOG: { actions: 'noteBacklog' },
        DRAINED: { target: 'open', actions: 'clear' },
        WRITE_FAILED: { target: 'degraded', actions: 'noteFailure' },
        FAULT: { target: 'degraded', actions: 'noteFailure' },
        REOPEN: { actions: 'reopen' },
        CLOSE: 'closed',
      },
    },
    degraded: {
      tags: ['keeping'],
      description: 'A write failed: lines wait in the ring, the oldest are dropped and counted.',
      after: { pause: { target: 'degraded', reenter: true, actions: 'reopen' } },
      on: {
        RECOVERED: { target: 'open', actions: 'clear' },
        WRITE_FAILED: [
          { guard: 'triesSpent', target: 'lost', actions: 'noteFailure' },
          { target: 'degraded', reenter: true, actions: 'noteFailure' },
        ],
        FAULT: { target: 'lost', actions: 'noteFailure' },
        REOPEN: { actions: 'reopen' },
        CLOSE: 'closed',
      },
    },
    lost: {
      tags: ['keeping'],
      description: 'Five tries failed: an alert; trading goes on without this file.',
      after: { longestPause: { target: 'lost', reenter: true, actions: 'reopen' } },
      on: {
        RECOVERED: { target: 'open', actions: 'clear' },
        WRITE_FAILED: { actions: 'noteFailure' },
        FAULT: { target: 'lost', reenter: true, actions: 'noteFailure' },
        REOPEN: { actions: 'reopen' },
        CLOSE: 'closed',
      },
    },
    closed: {
      description: 'Nothing is taken any more.',
      on: { FAULT: {} },
    },
  },
});
