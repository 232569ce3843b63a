/** A strategy's actor as the runtime holds it: the machine, fault-tolerant, on a clock, with its history. */
import { createActor, type ActorRefFrom, type SnapshotFrom } from 'xstate';
import type { MachineView, TransitionView } from '../domain/machine-views.ts';
import type { StrategyState } from '../domain/strategy-states.ts';
import { errorView, faultTolerant, fencedInspector, type OnFault } from './fault-tolerant.ts';
import { GuardWatch } from './guard-watch.ts';
import { lossEntered } from './losses.ts';
import { eventName, machineView, stateName, TransitionRecorder, type Watched } from './machine-view.ts';
import { ALLOWED, type StrategyCommand, type StrategyEvent, type StrategyInput } from './strategy-events.ts';
import { strategyMachine } from './strategy.ts';

export type StrategyRef = ActorRefFrom<typeof strategyMachine>;
export type StrategySnapshot = SnapshotFrom<typeof strategyMachine>;
type Provided = Parameters<typeof strategyMachine.provide>[0];
/** The runtime's implementations, by the names that `strategy-events.ts` lists. */
export type StrategyPorts = Pick<Provided, 'actors' | 'guards'> & {
  readonly actions: Readonly<Record<'closeGate' | 'openGate' | 'terminateGuest', () => void>>;
};

export interface StrategyActorOptions {
  readonly input: StrategyInput;
  readonly ports: StrategyPorts;
  /** Every throw in the machine's own code, for the log. */
  readonly onFault?: OnFault;
  /** Every change of state, after it has happened. */
  readonly onTransition?: (transition: TransitionView, snapshot: StrategySnapshot) => void;
}

export interface StrategyActor {
  readonly ref: StrategyRef;
  send(event: StrategyEvent): void;
  snapshot(): StrategySnapshot;
  state(): StrategyState;
  allowed(): readonly StrategyCommand[];
  view(): MachineView;
  /** Resolves when the state is one of these; at once when it is already. */
  reached(...states: readonly StrategyState[]): Promise<StrategySnapshot>;
  /** Lets go of the actor, its timers and promises; no state is left in order. STOP it first. */
  dispose(): void;
}

export const strategyState = (snapshot: Pick<StrategySnapshot, 'value'>): StrategyState =>
  stateName(snapshot.value) as StrategyState;

/** What the present state accepts, for `/machine` and for the `allowed` of a refused command. */
export function allowedCommands(snapshot: Pick<StrategySnapshot, 'value'>): readonly StrategyCommand[] {
  return ALLOWED[strategyState(snapshot)];
}

/** The steps of a stop. */
export const STOPPING: ReadonlySet<StrategyState> = new Set(['cancelling', 'flattening', 'draining']);

/** Does REPLACE lead to new code? It does wherever no step at the venue is under way. */
export const takesReplace = (state: StrategyState): boolean => state !== 'halting' && !STOPPING.has(state);

/** Why a state does not take a command that {@link allowedCommands} or {@link takesReplace} leaves out, in words. */
export function whyRefused(command: 'START' | 'RESTART' | 'REMOVE' | 'REPLACE', state: StrategyState): string {
  if (STOPPING.has(state)) return 'it is being stopped';
  if (command === 'REPLACE') return 'a halt is still taking its entries back';
  if (command === 'REMOVE') return 'only a stopped one is removed';
  return state === 'crashed' ? 'it is started again by itself' : 'it is running already';
}

/** The strategy machine with the runtime's ports, surviving throws in either. */
export function strategyLogic(
  ports: StrategyPorts,
  guardWatch: GuardWatch,
  onFault: OnFault = () => {},
): typeof strategyMachine {
  const { closeGate, openGate, terminateGuest } = ports.actions;
  // What closes and ends must never be the reason that a halt or a stop is undone: its throw is told, no more.
  const fenced = (action: () => void) => (): void => {
    try {
      action();
    } catch (thrown) {
      onFault({ type: 'FAULT', error: errorView(thrown) });
    }
  };
  const actions = { closeGate: fenced(closeGate), openGate, terminateGuest: fenced(terminateGuest) };
  const guards = guardWatch.around({ ...strategyMachine.implementations.guards, ...ports.guards }, eventName);
  return faultTolerant(strategyMachine.provide({ ...ports, actions, guards }), onFault);
}

/** A strategy that stands alone. Starts in `stopped` (or `failed`, when restored so): send START. */
export function createStrategyActor(options: StrategyActorOptions): StrategyActor {
  const { input } = options;
  const recorder = new TransitionRecorder(input.clock);
  const guardWatch = new GuardWatch(input.clock);
  const ref = createActor(strategyLogic(options.ports, guardWatch, options.onFault), {
    id: input.name,
    input,
    clock: input.clock.xstate,
    inspect: fencedInspector(recorder.inspect),
  });
  const held = holdStrategy(ref, recorder, guardWatch, { ...options, dispose: () => ref.stop() });
  ref.start();
  return held;
}

/** The runtime's hold on a strategy's actor; `recorder` inspects the system that it lives in. */
export function holdStrategy(
  ref: StrategyRef,
  recorder: TransitionRecorder,
  guardWatch: GuardWatch,
  { onTransition, dispose }: Pick<StrategyActorOptions, 'onTransition'> & Pick<StrategyActor, 'dispose'>,
): StrategyActor {
  const watched = recorder.watch(
    ref,
    (transition, after) => onTransition?.(transition, after as StrategySnapshot),
    (to, after) => {
      const loss = lossEntered(to, (after as StrategySnapshot).context);
      return loss === undefined ? {} : { loss: loss.loss };
    },
  );
  return {
    ref,
    send: (event) => ref.send(event),
    snapshot: () => ref.getSnapshot(),
    state: () => strategyState(ref.getSnapshot()),
    allowed: () => allowedCommands(ref.getSnapshot()),
    view: () => strategyView(ref.getSnapshot(), watched, guardWatch),
    reached: (...states) => reached(ref, states),
    dispose,
  };
}

function strategyView(snapshot: StrategySnapshot, watched: Watched, guardWatch: GuardWatch): MachineView {
  const { losses, latched } = snapshot.context;
  const view = machineView('strategy', snapshot, watched, {
    allowed: allowedCommands(snapshot),
    refusals: guardWatch.refusals(),
  });
  return { ...view, losses, ...(latched !== null && { latched }) };
}

/** Settles in one of the states, or as it was at its end: a strategy that is removed gets nowhere any more. */
function reached(ref: StrategyRef, states: readonly StrategyState[]): Promise<StrategySnapshot> {
  return new Promise((resolve) => {
    const look = (snapshot: StrategySnapshot): void => {
      if (snapshot.status === 'active' && !states.includes(strategyState(snapshot))) return;
      subscription.unsubscribe();
      resolve(snapshot);
    };
    // Subscribed first: a change between a look and a subscription would be missed.
    const subscription = ref.subscribe({ next: look, complete: () => resolve(ref.getSnapshot()) });
    look(ref.getSnapshot());
  });
}
