/** The daemon's actor as the composition root holds it: the root of the system that all strategies live in. */
import { createActor, type ActorRefFrom, type SnapshotFrom } from 'xstate';
import type { Clock } from '../clock.ts';
import type { MachineView } from '../domain/machine-views.ts';
import { QktError } from '../errors.ts';
import { faultTolerant, fencedInspector, type OnFault } from './fault-tolerant.ts';
import { GuardWatch } from './guard-watch.ts';
import { machineView, TransitionRecorder } from './machine-view.ts';
import {
  holdStrategy,
  strategyLogic,
  type StrategyActor,
  type StrategyActorOptions,
  type StrategyRef,
} from './strategy-actor.ts';
import { supervisorMachine } from './supervisor.ts';

/** `open` and `close`, as `supervisor.ts` says. */
export type SupervisorPorts = Parameters<typeof supervisorMachine.provide>[0];

export interface SupervisorActorOptions {
  readonly clock: Clock;
  readonly ports: SupervisorPorts;
  readonly onFault: OnFault;
}

export interface SupervisorActor {
  readonly ref: ActorRefFrom<typeof supervisorMachine>;
  state(): SnapshotFrom<typeof supervisorMachine>['value'];
  /** @throws QktError QKT_E_STARTING when the daemon is closing: nothing begins to run any more. */
  takes(): void;
  /**
   * To be asked before anything is opened for a strategy that is to be spawned in the same turn.
   * @throws QktError QKT_E_NAME_TAKEN, or QKT_E_STARTING when the daemon is closing.
   */
  admit(name: string): void;
  /** Spawns a strategy's actor under its name; its `dispose` reaps it. @throws as {@link admit} */
  spawn(options: StrategyActorOptions): StrategyActor;
  /** Begins the orderly end; `stopping` settles when it has begun, `ended` when it is there. */
  shutdown(timeoutMs: number): void;
  readonly stopping: Promise<void>;
  readonly ended: Promise<void>;
  view(): MachineView;
}

export function createSupervisorActor({ clock, ports, onFault }: SupervisorActorOptions): SupervisorActor {
  const recorder = new TransitionRecorder(clock);
  const ref = createActor(faultTolerant(supervisorMachine.provide(ports), onFault), {
    id: 'daemon',
    input: { clock },
    clock: clock.xstate,
    inspect: fencedInspector(recorder.inspect),
  });
  const watched = recorder.watch(ref);
  const ended = new Promise<void>((resolve) => {
    ref.subscribe({ complete: resolve });
  });
  const stopping = new Promise<void>((resolve) => {
    ref.subscribe(({ value }) => {
      if (value === 'stopping') resolve();
    });
  });
  ref.start();

  const takes = (): void => {
    const now = ref.getSnapshot();
    if (!now.matches('starting') && !now.matches('running'))
      throw new QktError('QKT_E_STARTING', `the daemon is ${now.value}: nothing is deployed or started now`);
  };

  const admit = (name: string): void => {
    const now = ref.getSnapshot();
    if (now.context.strategies.includes(name)) throw new QktError('QKT_E_NAME_TAKEN', `${name} is deployed already`);
    takes();
  };

  const spawn = (options: StrategyActorOptions): StrategyActor => {
    const { name } = options.input;
    admit(name);
    const guardWatch = new GuardWatch(clock);
    const logic = strategyLogic(options.ports, guardWatch, options.onFault);
    ref.send({ type: 'SPAWN', id: name, logic, input: options.input });
    const child = (ref.getSnapshot().children as Record<string, StrategyRef | undefined>)[name]!;
    return holdStrategy(child, recorder, guardWatch, {
      ...options,
      dispose: () => ref.send({ type: 'REAP', id: name }),
    });
  };

  return {
    ref,
    state: () => ref.getSnapshot().value,
    takes,
    admit,
    spawn,
    shutdown: (timeoutMs) => {
      if (ref.getSnapshot().status === 'active') ref.send({ type: 'SHUTDOWN', timeoutMs });
    },
    stopping,
    ended,
    view: () => machineView('supervisor', ref.getSnapshot(), watched),
  };
}
