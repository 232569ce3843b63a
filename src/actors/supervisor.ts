/**
 * The daemon as an actor: opens, holds the strategies as its children, closes in order.
 *
 * | state    | meaning                                                    | left by                            |
 * |----------|------------------------------------------------------------|------------------------------------|
 * | starting | lock, venues and servers are being opened                  | open done · failed, SHUTDOWN       |
 * | running  | strategies are spawned and reaped                          | SHUTDOWN                           |
 * | stopping | everything is closed in reverse, within the deadline       | close done · failed · timed out    |
 * | stopped  | the end; its children end with it                          | nobody                             |
 *
 * The runtime provides `open` and `close` (promises; the input of `close` is the absolute
 * deadline). Strategies are spawned by id with their own provided logic and reaped by REAP; one
 * whose actor dies all the same is noted in `lost` by name, and the daemon goes on.
 */
import { assign, setup, stopChild, type AnyActorLogic } from 'xstate';
import type { Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ErrorView } from '../domain/loss-views.ts';
import { errorView, type FaultEvent } from './fault-tolerant.ts';
import { unprovided, type DeadlineInput, type StrategyInput } from './strategy-events.ts';
import type { strategyMachine } from './strategy.ts';

export type SupervisorEvent =
  | {
      readonly type: 'SPAWN';
      readonly id: string;
      readonly logic: typeof strategyMachine;
      readonly input: StrategyInput;
    }
  | { readonly type: 'REAP'; readonly id: string }
  | { readonly type: 'SHUTDOWN'; readonly timeoutMs: number }
  | FaultEvent;

export interface SupervisorContext {
  readonly clock: Clock;
  readonly closeBy: EpochMs;
  /** Ids of the strategies that are its children. */
  readonly strategies: readonly string[];
  readonly lastError: ErrorView | null;
  /** Strategies whose actor died, which a fault-tolerant one never does. */
  readonly lost: readonly string[];
}
export interface SupervisorInput {
  readonly clock: Clock;
}

/** XState types `spawn` for named logic alone; each strategy brings its own, already provided. */
type SpawnLogic = (logic: AnyActorLogic, options: { readonly id: string; readonly input: unknown }) => void;

const DEFAULT_CLOSE_MS = 10_000;

const CLOSE = { target: 'stopping', actions: ['noteError', 'armClose'] } as const;
const SPAWN = { guard: 'idIsFree', actions: 'spawnStrategy' } as const;
const CHILD_LOST = { actions: 'noteLost' } as const;

export const supervisorMachine = setup({
  types: {
    context: {} as SupervisorContext,
    events: {} as SupervisorEvent,
    input: {} as SupervisorInput,
    tags: {} as 'takesDeploys',
  },
  actors: {
    open: unprovided<unknown, void>('open'),
    close: unprovided<unknown, DeadlineInput>('close'),
  },
  actions: {
    spawnStrategy: assign(({ context, event, spawn }) => {
      if (event.type !== 'SPAWN') return {};
      const spawnLogic = spawn as unknown as SpawnLogic;
      spawnLogic(event.logic, { id: event.id, input: event.input });
      return { strategies: [...context.strategies, event.id] };
    }),
    stopStrategy: stopChild(({ event }) => (event.type === 'REAP' ? event.id : '')),
    forgetStrategy: assign(({ context, event }) => ({
      strategies: context.strategies.filter((id) => event.type !== 'REAP' || id !== event.id),
    })),
    noteError: assign(({ event }) => ('error' in event ? { lastError: errorView(event.error) } : {})),
    noteLost: assign(({ context, event }) => ({
      lost: [...context.lost, (event as { type: string }).type.replace('xstate.error.actor.', '')],
    })),
    armClose: assign(({ context, event }) => ({
      closeBy: context.clock.now() + (event.type === 'SHUTDOWN' ? event.timeoutMs : DEFAULT_CLOSE_MS),
    })),
  },
  guards: {
    idIsFree: ({ context, event }) => event.type === 'SPAWN' && !context.strategies.includes(event.id),
  },
  delays: {
    closeTimeout: ({ context }) => Math.max(0, context.closeBy - context.clock.now()),
  },
}).createMachine({
  id: 'supervisor',
  meta: { delays: { closeTimeout: "the shutdown's time" } },
  context: ({ input }) => ({ ...input, closeBy: 0, strategies: [], lastError: null, lost: [] }),
  initial: 'starting',
  on: { REAP: { actions: ['stopStrategy', 'forgetStrategy'] }, 'xstate.error.actor.*': CHILD_LOST },
  states: {
    starting: {
      description: 'Lock, venues and servers are being opened.',
      invoke: { src: 'open', id: 'daemon.open', onDone: 'running', onError: CLOSE },
      on: { SPAWN, SHUTDOWN: CLOSE, FAULT: CLOSE },
    },
    running: {
      tags: ['takesDeploys'],
      description: 'Strategies run as children, each by its name.',
      on: { SPAWN, SHUTDOWN: CLOSE, FAULT: { actions: 'noteError' } },
    },
    stopping: {
      description: 'Everything is closed in reverse, within the deadline.',
      invoke: {
        src: 'close',
        id: 'daemon.close',
        input: ({ context }) => ({ deadline: context.closeBy }),
        onDone: 'stopped',
        onError: { target: 'stopped', actions: 'noteError' },
      },
      after: { closeTimeout: 'stopped' },
      on: { FAULT: { target: 'stopped', actions: 'noteError' } },
    },
    stopped: { type: 'final', description: 'The end.' },
  },
});
