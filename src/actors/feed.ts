/**
 * The life of a venue's feed. Ticks do not pass through here: the feed sends LAST_TICK at most ten
 * times a second, and the machine notices when they cease.
 *
 * | state   | meaning                                                | left by                              |
 * |---------|--------------------------------------------------------|--------------------------------------|
 * | waiting | no quote yet                                           | LAST_TICK, ENDED, FAILED             |
 * | live    | quotes come                                            | silence, ENDED, FAILED               |
 * | stale   | silent for longer than its limit: entries are denied   | LAST_TICK, ENDED, FAILED             |
 * | ended   | a replay is at its end                                 | nobody                               |
 * | failed  | it cannot go on; the cause is kept                     | RESTARTED                            |
 */
import { assign, setup } from 'xstate';
import type { Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ErrorView } from '../domain/loss-views.ts';
import type { FaultEvent } from './fault-tolerant.ts';

export type FeedEvent =
  /** When the last quote was applied, conflated; `limitMs` is the silence that counts as stale from now on. */
  | { readonly type: 'LAST_TICK'; readonly at: EpochMs; readonly limitMs?: number }
  | { readonly type: 'ENDED' }
  | { readonly type: 'FAILED'; readonly error: ErrorView }
  | { readonly type: 'RESTARTED' }
  | FaultEvent;

export interface FeedContext {
  readonly venue: string;
  readonly clock: Clock;
  readonly lastTickAt: EpochMs | null;
  readonly limitMs: number;
  readonly lastError: ErrorView | null;
}
export interface FeedInput {
  readonly venue: string;
  readonly clock: Clock;
  /** Silence that counts as stale until LAST_TICK says otherwise. */
  readonly limitMs?: number;
}

const DEFAULT_LIMIT_MS = 10_000;

const FAILED = { target: 'failed', actions: 'noteError' } as const;

export const feedMachine = setup({
  types: {
    context: {} as FeedContext,
    events: {} as FeedEvent,
    input: {} as FeedInput,
    tags: {} as 'fresh',
  },
  actions: {
    noteTick: assign(({ context, event }) =>
      event.type === 'LAST_TICK' ? { lastTickAt: event.at, limitMs: event.limitMs ?? context.limitMs } : {},
    ),
    noteError: assign(({ event }) => ('error' in event ? { lastError: event.error } : {})),
    forget: assign({ lastTickAt: null, lastError: null }),
  },
  delays: {
    silence: ({ context }) => Math.max(0, (context.lastTickAt ?? 0) + context.limitMs - context.clock.now()),
  },
}).createMachine({
  id: 'feed',
  meta: { delays: { silence: '10 s, or what the symbol is used to' } },
  context: ({ input }) => ({ limitMs: DEFAULT_LIMIT_MS, ...input, lastTickAt: null, lastError: null }),
  initial: 'waiting',
  states: {
    waiting: {
      description: 'No quote yet: counts as stale.',
      on: { LAST_TICK: { target: 'live', actions: 'noteTick' }, ENDED: 'ended', FAILED, FAULT: FAILED },
    },
    live: {
      tags: ['fresh'],
      description: 'Quotes come.',
      after: { silence: 'stale' },
      on: {
        LAST_TICK: { target: 'live', reenter: true, actions: 'noteTick' },
        ENDED: 'ended',
        FAILED,
        FAULT: FAILED,
      },
    },
    stale: {
      description: 'Silent for too long: entries are denied STALE_FEED.',
      on: { LAST_TICK: { target: 'live', actions: 'noteTick' }, ENDED: 'ended', FAILED, FAULT: FAILED },
    },
    ended: {
      description: 'The replay is at its end.',
      on: { FAULT: { actions: 'noteError' } },
    },
    failed: {
      description: 'It cannot go on; the cause is kept.',
      on: { RESTARTED: { target: 'waiting', actions: 'forget' }, FAULT: { actions: 'noteError' } },
    },
  },
});
