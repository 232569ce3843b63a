/**
 * The life of a channel: a way to tell somebody. It carries one message at a time; which one is the
 * notifier's choice, who turns to another channel while this one waits.
 *
 * | state   | meaning                                                       | left by                                |
 * |---------|---------------------------------------------------------------|----------------------------------------|
 * | ready   | nothing is under way                                          | SEND, CLOSE                            |
 * | sending | a message is on its way                                       | send done · failed · timed out, CLOSE  |
 * | waiting | the last one failed: nothing is sent until the back-off is over | back-off over, TRY, CLOSE            |
 * | limited | as many were sent within a minute as it may                   | a minute after the first, TRY, CLOSE   |
 * | closed  | nothing is sent any more                                      | nobody                                 |
 *
 * The runtime provides `send` (a promise) and the actions `delivered` and `failed`, which tell what
 * became of the message, and `free`, which says that another one may come. A receiver that says when
 * to come again (Retry-After) is obeyed. TRY is a person's test: it does not wait.
 */
import { assign, setup } from 'xstate';
import type { Clock } from '../../clock.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { ErrorView } from '../../domain/loss-views.ts';
import type { Notification } from '../../alerts/notification.ts';
import { errorView, type FaultEvent } from '../fault-tolerant.ts';
import { unprovided } from '../strategy-events.ts';

/** A message, and what its sender is told when it is known what became of it. */
export interface Job {
  readonly notification: Notification;
  /** @param error undefined when it has arrived */
  readonly settled: (error: string | undefined) => void;
}

export type ChannelEvent =
  | { readonly type: 'SEND'; readonly job: Job }
  | { readonly type: 'TRY'; readonly job: Job }
  | { readonly type: 'CLOSE' }
  | FaultEvent;

export interface ChannelContext {
  readonly name: string;
  readonly clock: Clock;
  readonly job: Job | null;
  /** By when it must have arrived. */
  readonly sendBy: EpochMs;
  /** Failures since the last message that arrived. */
  readonly failures: number;
  readonly retryAt: EpochMs;
  /** Times of the messages of the last minute, oldest first. */
  readonly sent: readonly EpochMs[];
  readonly lastError: string | null;
}
export type ChannelInput = Pick<ChannelContext, 'name' | 'clock'>;

export interface SendInput {
  readonly notification: Notification;
}

/** Why a message did not arrive; `retryAfterMs` where the receiver said when to come again. */
export class SendFailure extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

const SEND_TIMEOUT_MS = 10_000;
export const MOST_A_MINUTE = 20;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** A receiver may ask for less often, and not for never. */
const LONGEST_OBEYED_MS = 60 * 60_000;
const MINUTE_MS = 60_000;

type Change = Partial<ChannelContext>;

function trouble({ clock, failures }: ChannelContext, event: { readonly type: string }): Change {
  const thrown = 'error' in event ? event.error : undefined;
  const asked = thrown instanceof SendFailure ? thrown.retryAfterMs : undefined;
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
  return {
    failures: failures + 1,
    retryAt: clock.now() + (asked === undefined ? pause : Math.min(LONGEST_OBEYED_MS, Math.max(asked, FIRST_PAUSE_MS))),
    lastError: thrown === undefined ? `no answer within ${SEND_TIMEOUT_MS / 1000} s` : messageOf(event, thrown),
  };
}

/** A fault brings its error as it is shown. */
const messageOf = (event: { readonly type: string }, thrown: unknown): string =>
  event.type === 'FAULT' ? (thrown as ErrorView).message : errorView(thrown).message;

const recent = ({ sent, clock }: ChannelContext): readonly EpochMs[] =>
  sent.filter((at) => clock.now() - at < MINUTE_MS);

const START = { target: 'sending', actions: 'take' } as const;
const FAILED = { target: 'waiting', actions: ['noteTrouble', 'failed', 'letGo'] } as const;
const CLOSE = { target: 'closed', actions: 'letGo' } as const;

export const channelMachine = setup({
  types: {
    context: {} as ChannelContext,
    events: {} as ChannelEvent,
    input: {} as ChannelInput,
    tags: {} as 'takes',
  },
  actors: { send: unprovided<void, SendInput>('send') },
  actions: {
    delivered: () => {},
    failed: () => {},
    free: () => {},
    take: assign(({ context, event }) => {
      if (!('job' in event)) return {};
      const now = context.clock.now();
      return { job: event.job, sendBy: now + SEND_TIMEOUT_MS, sent: [...recent(context), now] };
    }),
    noteTrouble: assign(({ context, event }) => trouble(context, event)),
    noteWell: assign({ failures: 0, lastError: null }),
    letGo: assign({ job: null }),
  },
  guards: {
    rateIsSpent: ({ context }) => recent(context).length >= MOST_A_MINUTE,
  },
  delays: {
    sendTimeout: ({ context }) => Math.max(0, context.sendBy - context.clock.now()),
    backOff: ({ context }) => Math.max(0, context.retryAt - context.clock.now()),
    nextMinute: ({ context }) => Math.max(0, (context.sent[0] ?? 0) + MINUTE_MS - context.clock.now()),
  },
}).createMachine({
  id: 'channel',
  meta: {
    delays: { sendTimeout: '10 s', backOff: '2 s, doubling, or Retry-After', nextMinute: 'a minute after the first' },
  },
  context: ({ input }) => ({ ...input, job: null, sendBy: 0, failures: 0, retryAt: 0, sent: [], lastError: null }),
  initial: 'ready',
  states: {
    ready: {
      tags: ['takes'],
      description: 'Nothing is under way.',
      entry: 'free',
      on: { SEND: START, TRY: START, CLOSE, FAULT: {} },
    },
    sending: {
      description: 'A message is on its way.',
      invoke: {
        src: 'send',
        id: 'send',
        input: ({ context }) => ({ notification: context.job!.notification }),
        onDone: [
          { guard: 'rateIsSpent', target: 'limited', actions: ['noteWell', 'delivered', 'letGo'] },
          { target: 'ready', actions: ['noteWell', 'delivered', 'letGo'] },
        ],
        onError: FAILED,
      },
      after: { sendTimeout: FAILED },
      on: { CLOSE, FAULT: FAILED },
    },
    waiting: {
      description: 'The last message failed. The next channel is turned to.',
      entry: 'free',
      after: { backOff: 'ready' },
      on: { TRY: START, CLOSE, FAULT: {} },
    },
    limited: {
      description: 'As many were sent within a minute as it may. The next channel is turned to.',
      entry: 'free',
      after: { nextMinute: 'ready' },
      on: { TRY: START, CLOSE, FAULT: {} },
    },
    closed: { description: 'Nothing is sent any more.', on: { FAULT: {} } },
  },
});
