/**
 * The life of a paper venue's gateway, in the words that every gateway uses.
 *
 * | state      | meaning                                              | left by                              |
 * |------------|------------------------------------------------------|--------------------------------------|
 * | offline    | not asked for; nothing is sent                       | CONNECT                              |
 * | connecting | the venue's book is being opened                     | connect done · failed · timed out    |
 * | ready      | entries and exits are taken                          | DEGRADED, LOST, DISCONNECT           |
 * | degraded   | it answers late or in part: exits only               | RECOVERED, LOST, DISCONNECT          |
 * | down       | nothing is taken; tried again with back-off          | back-off over, CONNECT, DISCONNECT   |
 *
 * The runtime provides `connect` (a promise; its input is the absolute deadline).
 */
import { assign, setup } from 'xstate';
import type { Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import { errorView, type FaultEvent } from './fault-tolerant.ts';
import { unprovided, type DeadlineInput } from './strategy-events.ts';

export type GatewayEvent =
  | { readonly type: 'CONNECT' }
  | { readonly type: 'DISCONNECT' }
  /** It answers, but late or in part; `link` names what fails. */
  | { readonly type: 'DEGRADED'; readonly cause: string; readonly link: string }
  | { readonly type: 'LOST'; readonly cause: string; readonly link: string }
  | { readonly type: 'RECOVERED' }
  /** A check was made and found nothing new. */
  | { readonly type: 'CHECKED' }
  | FaultEvent;

export interface GatewayContext {
  readonly name: string;
  readonly clock: Clock;
  readonly cause: string | null;
  readonly failingLink: string | null;
  readonly lastCheck: EpochMs | null;
  /** Failed connections in a row. */
  readonly failures: number;
  readonly connectBy: EpochMs;
  readonly retryAt: EpochMs;
}
export interface GatewayInput {
  readonly name: string;
  readonly clock: Clock;
}

const CONNECT_TIMEOUT_MS = 15_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

type Change = Partial<GatewayContext>;

/** Trouble as the event tells it: a stated cause, a failed promise, a fault, or a deadline that has passed. */
function trouble({ clock }: GatewayContext, event: { readonly type: string }): Change {
  const lastCheck = clock.now();
  if (event.type === 'DEGRADED' || event.type === 'LOST') {
    const { cause, link } = event as Extract<GatewayEvent, { cause: string }>;
    return { cause, failingLink: link, lastCheck };
  }
  const cause = 'error' in event ? errorView(event.error).message : 'the venue did not answer in time';
  return { cause, failingLink: event.type === 'FAULT' ? 'gateway actor' : 'service', lastCheck };
}

function backOff({ clock, failures }: GatewayContext): Change {
  return { failures: failures + 1, retryAt: clock.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) };
}

const LOST = { target: 'down', actions: 'noteTrouble' } as const;

export const gatewayMachine = setup({
  types: {
    context: {} as GatewayContext,
    events: {} as GatewayEvent,
    input: {} as GatewayInput,
    tags: {} as 'takesEntries' | 'takesExits',
  },
  actors: { connect: unprovided<unknown, DeadlineInput>('connect') },
  actions: {
    noteTrouble: assign(({ context, event }) => trouble(context, event)),
    noteWell: assign(({ context }) => ({
      cause: null,
      failingLink: null,
      failures: 0,
      lastCheck: context.clock.now(),
    })),
    noteCheck: assign(({ context }) => ({ lastCheck: context.clock.now() })),
    armConnect: assign(({ context }) => ({ connectBy: context.clock.now() + CONNECT_TIMEOUT_MS })),
    armRetry: assign(({ context }) => backOff(context)),
  },
  delays: {
    connectTimeout: ({ context }) => Math.max(0, context.connectBy - context.clock.now()),
    backOff: ({ context }) => Math.max(0, context.retryAt - context.clock.now()),
  },
}).createMachine({
  id: 'gateway',
  meta: { delays: { connectTimeout: '15 s', backOff: '1 s, doubling' } },
  context: ({ input }) => ({
    ...input,
    cause: null,
    failingLink: null,
    lastCheck: null,
    failures: 0,
    connectBy: 0,
    retryAt: 0,
  }),
  initial: 'offline',
  on: { CHECKED: { actions: 'noteCheck' } },
  states: {
    offline: {
      description: 'Not asked for. Nothing is sent.',
      on: { CONNECT: 'connecting', FAULT: { actions: 'noteTrouble' } },
    },
    connecting: {
      description: "The venue's book is being opened. Nothing is sent.",
      entry: 'armConnect',
      invoke: {
        src: 'connect',
        id: 'connect',
        input: ({ context }) => ({ deadline: context.connectBy }),
        onDone: { target: 'ready', actions: 'noteWell' },
        onError: LOST,
      },
      after: { connectTimeout: LOST },
      on: { DISCONNECT: 'offline', FAULT: LOST },
    },
    ready: {
      tags: ['takesEntries', 'takesExits'],
      description: 'Entries and exits are taken.',
      on: { DEGRADED: { target: 'degraded', actions: 'noteTrouble' }, LOST, DISCONNECT: 'offline', FAULT: LOST },
    },
    degraded: {
      tags: ['takesExits'],
      description: 'Late or partial answers. Exits only; entries are denied GATEWAY_DOWN.',
      on: {
        RECOVERED: { target: 'ready', actions: 'noteWell' },
        DEGRADED: { actions: 'noteTrouble' },
        LOST,
        DISCONNECT: 'offline',
        FAULT: LOST,
      },
    },
    down: {
      description: 'Nothing is taken: GATEWAY_DOWN. Tried again with back-off.',
      entry: 'armRetry',
      after: { backOff: 'connecting' },
      on: { CONNECT: 'connecting', DISCONNECT: 'offline', FAULT: { actions: 'noteTrouble' } },
    },
  },
});
