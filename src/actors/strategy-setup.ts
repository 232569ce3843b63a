/** What the strategy machine is made of, by name: its types, and the actions, guards, delays and actors that its chart uses. */
import { assign, setup } from 'xstate';
import * as losses from './losses.ts';
import * as change from './strategy-context.ts';
import {
  unprovided,
  type Cancelled,
  type DeadlineInput,
  type Drained,
  type DrainInput,
  type Flattened,
  type Recovered,
  type StrategyContext,
  type StrategyEvent,
  type StrategyInput,
  type StrategyTag,
} from './strategy-events.ts';

export const strategySetup = setup({
  types: {
    context: {} as StrategyContext,
    events: {} as StrategyEvent,
    input: {} as StrategyInput,
    tags: {} as StrategyTag,
  },
  actors: {
    launch: unprovided<unknown, DeadlineInput>('launch'),
    recover: unprovided<Recovered, DeadlineInput>('recover'),
    cancelEntries: unprovided<Cancelled, DeadlineInput>('cancelEntries'),
    flatten: unprovided<Flattened, DeadlineInput>('flatten'),
    drain: unprovided<Drained, DrainInput>('drain'),
    abandon: unprovided<Cancelled, DeadlineInput>('abandon'),
  },
  actions: {
    closeGate: () => {},
    openGate: () => {},
    terminateGuest: () => {},
    keepView: assign(({ context, event }) =>
      event.type === 'PROGRESS' ? { view: event.view } : { view: context.view },
    ),
    begin: assign(({ context, event }) => change.begin(context, event)),
    restart: assign(({ context }) => change.restart(context)),
    arm: assign(({ context }, { step }: { step: 'launch' | 'recover' | 'halt' | 'hang' }) => change.arm(context, step)),
    guestLost: assign(({ context, event }) => losses.lostInStop(context, event)),
    guestRuns: assign(({ context }) => change.guestRuns(context)),
    guestHangs: assign(({ event }) => (event.type === 'HUNG' ? change.hang(event.hang) : {})),
    recovered: assign(({ context }, { haltCauses }: Recovered) => ({
      ran: true,
      ...change.addCauses(context, haltCauses),
    })),
    warmed: assign({ warmed: true }),
    addCause: assign(({ context, event }) => (event.type === 'HALT' ? change.addCauses(context, [event.cause]) : {})),
    noteLeft: assign((_, { left }: { left: readonly string[] }) => ({ haltLeft: left })),
    lift: assign(({ context, event }) =>
      event.type === 'RESUME' ? change.liftCauses(context, event.scope ?? 'strategy') : {},
    ),
    noteCrash: assign(({ context, event }) => losses.crash(context, event)),
    latch: assign(({ context, event }) => losses.latch(context, event)),
    noteFault: assign(({ event }) => (event.type === 'FAULT' ? { lastError: event.error } : {})),
    requestStop: assign(({ context, event }) =>
      event.type === 'STOP' ? change.requestStop(context, event.by, event.flatten, event.timeoutMs) : {},
    ),
    stopCancelled: assign(({ context }, done: Cancelled) => change.stopCancelled(context, done)),
    stopFlattened: assign(({ context }, done: Flattened) => change.stopFlattened(context, done)),
    stopDrained: assign(({ context }, { left }: Drained) => change.stopCancelled(context, { cancelled: 0, left })),
    stopUnverified: assign(({ context }, { what }: { what: string }) => change.stopUnverified(context, what)),
    endStop: assign(({ context }) => change.endStop(context)),
  },
  guards: {
    latched: ({ context }) => context.latched !== null,
    guestDead: ({ context }) => context.guest === 'dead',
    guestHung: ({ context }) => context.guest === 'hung',
    haltRecovered: ({ context }, { haltCauses }: Recovered) => context.haltCauses.length + haltCauses.length > 0,
    haltInForce: ({ context }) => context.haltCauses.length > 0,
    isWarm: ({ context }) => context.warmed,
    liftsAllAndWarm: ({ context, event }) => context.warmed && change.liftsAll(context, event),
    liftsAll: ({ context, event }) => change.liftsAll(context, event),
    hasReason: ({ event }) => change.hasReason(event),
    liftsBook: ({ event }) => change.liftsBook(event),
    flattenAsked: ({ context }) => context.stop?.flatten === true,
    addsFlattening: ({ context, event }) => event.type === 'STOP' && event.flatten && context.stop?.flatten !== true,
    stopsAgain: ({ context, event }) => event.type === 'STOP' && change.stopsAgain(context, event.flatten),
  },
  delays: {
    launchTimeout: ({ context }) => change.untilDeadline(context, 'launch'),
    recoverTimeout: ({ context }) => change.untilDeadline(context, 'recover'),
    haltTimeout: ({ context }) => change.untilDeadline(context, 'halt'),
    hangGrace: ({ context }) => change.untilDeadline(context, 'hang'),
    backOff: ({ context }) => change.untilDeadline(context, 'restart'),
    cancelTimeout: ({ context }) => change.untilTime(context, context.stop?.cancelBy),
    flattenTimeout: ({ context }) => change.untilTime(context, context.stop?.flattenBy),
    drainTimeout: ({ context }) => change.untilTime(context, context.stop?.deadline),
  },
});
