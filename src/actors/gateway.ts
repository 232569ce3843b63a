/**
 * The life of a venue's gateway, in the words that every gateway uses. A paper venue passes
 * `verifying` and `reconciling` at once: it is its own account and its own book.
 *
 * | state       | meaning                                               | entries | exits | cancels | left by                                  |
 * |-------------|-------------------------------------------------------|---------|-------|---------|------------------------------------------|
 * | offline     | not asked for                                         | no      | no    | no      | CONNECT                                  |
 * | connecting  | service and terminal are asked whether they are there | no      | no    | no      | connect done · failed · late, LOST       |
 * | verifying   | is it the account that it should be?                  | no      | no    | no      | verify done · failed · late, LOST        |
 * | reconciling | book and venue are compared                           | no      | no    | no      | reconcile done · failed · late, LOST     |
 * | ready       | in order                                              | yes     | yes   | yes     | DEGRADED, KILLED, LOST                   |
 * | degraded    | it answers late, or its quotes are old                | no      | yes   | yes     | RECOVERED, KILLED, LOST                  |
 * | down        | it cannot be used; tried again with back-off          | no      | no    | no      | back-off over, RETURNED, CONNECT         |
 * | killed      | its kill switch is on: it refuses closing as well     | no      | no    | yes     | RELEASED, LOST                           |
 *
 * DISCONNECT leads to `offline` from everywhere, a FAULT to `down`. What is not taken is denied
 * `GATEWAY_DOWN`; a cancel that has been asked for is carried out once cancels are taken again. Only
 * while they are is the venue followed: its figures are unknown in every other state.
 *
 * Events, context, and the promises that the venue provides: `gateway-events.ts`.
 */
import { assign, setup, type SnapshotFrom } from 'xstate';
import * as change from './gateway-events.ts';
import type { GatewayContext, GatewayEvent, GatewayInput, GatewayTag } from './gateway-events.ts';
import { unprovided, type DeadlineInput } from './strategy-events.ts';

const LOST = { target: 'down', actions: 'noteTrouble' } as const;
const KILLED = { target: 'killed', actions: 'noteKilled' } as const;

/** Each step has its promise and its deadline, and ends in the next state or in `down`. */
const step = <const S extends string, const D>(src: S, onDone: D) =>
  ({
    entry: 'armStep',
    invoke: {
      src,
      id: src,
      input: ({ context }: { readonly context: GatewayContext }) => ({ deadline: context.stepBy }),
      onDone,
      onError: LOST,
    },
    after: { stepTimeout: LOST },
    on: { LOST, FAULT: LOST },
  }) as const;

export const gatewayMachine = setup({
  types: {
    context: {} as GatewayContext,
    events: {} as GatewayEvent,
    input: {} as GatewayInput,
    tags: {} as GatewayTag,
  },
  actors: {
    connect: unprovided<unknown, DeadlineInput>('connect'),
    verify: unprovided<unknown, DeadlineInput>('verify'),
    reconcile: unprovided<unknown, DeadlineInput>('reconcile'),
  },
  guards: { isKilled: ({ context }) => context.killed },
  actions: {
    noteTrouble: assign(({ context, event }) => change.trouble(context, event)),
    noteWell: assign(({ context }) => change.wellAgain(context)),
    noteCheck: assign(({ context }) => ({ lastCheck: context.clock.now() })),
    noteKilled: assign(({ context }) => change.killSwitched(context)),
    switchOn: assign({ killed: true }),
    switchOff: assign({ killed: false }),
    armStep: assign(({ context }) => change.armStep(context)),
    armRetry: assign(({ context }) => change.backOff(context)),
  },
  delays: {
    stepTimeout: ({ context }) => Math.max(0, context.stepBy - context.clock.now()),
    backOff: ({ context }) => Math.max(0, context.retryAt - context.clock.now()),
  },
}).createMachine({
  id: 'gateway',
  meta: { delays: change.DELAY_TEXTS },
  context: ({ input }) => change.initialContext(input),
  initial: 'offline',
  on: {
    DISCONNECT: '.offline',
    CHECKED: { actions: 'noteCheck' },
    KILLED: { actions: 'switchOn' },
    RELEASED: { actions: 'switchOff' },
  },
  states: {
    offline: {
      description: 'Not asked for. Nothing is sent.',
      on: { CONNECT: 'connecting', FAULT: { actions: 'noteTrouble' } },
    },
    connecting: {
      description: 'Service and terminal are asked whether they are there. Nothing is sent.',
      ...step('connect', 'verifying'),
    },
    verifying: {
      description: 'Login, server, currency, mode and permission are looked at. Nothing is sent.',
      ...step('verify', 'reconciling'),
    },
    reconciling: {
      description: "The venue's book is compared with ours. Nothing is sent.",
      ...step('reconcile', [
        { guard: 'isKilled', ...KILLED },
        { target: 'ready', actions: 'noteWell' },
      ]),
    },
    ready: {
      tags: ['takesEntries', 'takesExits', 'takesCancels'],
      description: 'Entries, exits and cancels are taken.',
      on: {
        DEGRADED: { target: 'degraded', actions: 'noteTrouble' },
        KILLED: { target: 'killed', actions: ['switchOn', 'noteKilled'] },
        LOST,
        FAULT: LOST,
      },
    },
    degraded: {
      tags: ['takesExits', 'takesCancels'],
      description: 'Late answers or old quotes. Exits and cancels; entries are denied GATEWAY_DOWN.',
      on: {
        RECOVERED: { target: 'ready', actions: 'noteWell' },
        DEGRADED: { actions: 'noteTrouble' },
        KILLED: { target: 'killed', actions: ['switchOn', 'noteKilled'] },
        LOST,
        FAULT: LOST,
      },
    },
    down: {
      description: 'Nothing is taken: GATEWAY_DOWN. Figures are unknown. Tried again with back-off.',
      entry: 'armRetry',
      after: { backOff: 'connecting' },
      on: {
        LOST: { actions: 'noteTrouble' },
        RETURNED: 'connecting',
        CONNECT: 'connecting',
        FAULT: { actions: 'noteTrouble' },
      },
    },
    killed: {
      tags: ['takesCancels'],
      description: 'The kill switch is on: the venue opens and closes nothing. Cancels alone are taken.',
      on: {
        RELEASED: { target: 'reconciling', actions: 'switchOff' },
        LOST,
        FAULT: LOST,
      },
    },
  },
});

export type GatewayState = SnapshotFrom<typeof gatewayMachine>['value'];
