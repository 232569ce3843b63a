/**
 * Keeps a machine alive when its own code throws. A throw in an action, guard, assign or delay
 * would end an XState actor and leave its invoked children running. Here the step is undone and run
 * again, from the snapshot before, with a `FAULT` event, which every root state handles.
 *
 * What an undone step had put off (children to start or stop, timers to set or cancel) never
 * happens. What a custom action did before the throw stays done, so an order and fallible code
 * never share one action list.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject, InspectionEvent } from 'xstate';
import type { ErrorView } from '../domain/loss-views.ts';
import { asQktError } from '../errors.ts';

/** What a machine hears of a throw in its own code. */
export interface FaultEvent {
  readonly type: 'FAULT';
  readonly error: ErrorView;
  /** Type of the event whose handling threw; absent when the runtime itself reports a fault. */
  readonly during?: string;
}

export type OnFault = (fault: FaultEvent) => void;

type Scope = Parameters<AnyStateMachine['transition']>[2];
type GuardFunction = (args: unknown, params: unknown) => boolean;

/** The part of a thrown thing that a person can use. */
export function errorView(thrown: unknown): ErrorView {
  const error = asQktError(thrown);
  return { code: error.code, message: error.message, ...error.extras.location };
}

/** `file:line:column: message` where the place is known, else the message. */
export function errorText({ message, file, line, column }: ErrorView): string {
  const place = [file, line, column].filter((part) => part !== undefined);
  return place.length === 0 ? message : `${place.join(':')}: ${message}`;
}

/**
 * The same machine, surviving its own throws. `onFault` hears of each one (for the log); what it
 * throws itself is ignored. Call it after `provide`, or call `provide` on the result: both work.
 */
export function faultTolerant<T extends AnyStateMachine>(machine: T, onFault: OnFault): T {
  const fence = new GuardFence();
  const inner = machine.provide({ guards: fence.around(machine.implementations.guards) });
  const report = (thrown: unknown, during: string): FaultEvent => {
    const fault: FaultEvent = { type: 'FAULT', error: errorView(thrown), during };
    quietly(() => onFault(fault));
    return fault;
  };

  const transition = (snapshot: AnyMachineSnapshot, event: EventObject, scope: Scope): AnyMachineSnapshot => {
    try {
      return attempt(inner, snapshot, event, scope);
    } catch (thrown) {
      const fault = report(thrown, event.type);
      try {
        const tolerant = withExecutor(scope, (again) => report(again, 'FAULT'));
        return fence.during(() => attempt(inner, snapshot, fault, tolerant));
      } catch (again) {
        report(again, 'FAULT');
        return snapshot;
      }
    }
  };

  const getInitialSnapshot = (scope: Scope, input: unknown): AnyMachineSnapshot =>
    inner.getInitialSnapshot(
      // Initial actions run when the actor starts: too late to run the step again, so the fault is sent.
      withExecutor(scope, (thrown) => scope.self.send(report(thrown, 'xstate.init'))),
      input,
    );

  // Of the inner one, so that the given one with all its states need not be kept.
  const provide = (implementations: Parameters<T['provide']>[0]): AnyStateMachine =>
    faultTolerant(inner.provide(implementations), onFault);

  return Object.assign(Object.create(inner) as T, { transition, getInitialSnapshot, provide });
}

/** One step, whose deferred effects reach the actor only when all of it has gone well. */
function attempt(machine: AnyStateMachine, before: AnyMachineSnapshot, event: EventObject, scope: Scope) {
  const effects: (() => void)[] = [];
  const next: AnyMachineSnapshot = machine.transition(before, event, {
    ...scope,
    defer: (effect: () => void) => void effects.push(effect),
  });
  if (next.status === 'error' && before.status === 'active') throw next.error;
  for (const effect of effects) scope.defer(effect);
  return next;
}

/** The scope with actions that cannot throw. */
function withExecutor(scope: Scope, onThrow: (thrown: unknown) => void): Scope {
  return {
    ...scope,
    actionExecutor: (action) => {
      const { exec } = action;
      if (exec === undefined) return scope.actionExecutor(action);
      const fenced: typeof exec = (info, params) => {
        try {
          exec(info, params);
        } catch (thrown) {
          onThrow(thrown);
        }
      };
      return scope.actionExecutor({ ...action, exec: fenced });
    },
  };
}

/** Guards that count as false when they throw, while a FAULT is being handled and only then. */
class GuardFence {
  #closed = false;

  around(guards: AnyStateMachine['implementations']['guards']): Record<string, GuardFunction> {
    const wrap = (guard: GuardFunction): GuardFunction => {
      return (args, params) => {
        if (!this.#closed) return guard(args, params);
        try {
          return guard(args, params);
        } catch {
          return false;
        }
      };
    };
    return Object.fromEntries(Object.entries(guards).map(([name, guard]) => [name, wrap(guard as GuardFunction)]));
  }

  during<R>(run: () => R): R {
    const before = this.#closed;
    this.#closed = true;
    try {
      return run();
    } finally {
      this.#closed = before;
    }
  }
}

/** An inspector that cannot break the actor that it watches. */
export function fencedInspector(
  inspect: (event: InspectionEvent) => void,
  onThrow: (thrown: unknown) => void = () => {},
): (event: InspectionEvent) => void {
  return (event) => {
    try {
      inspect(event);
    } catch (thrown) {
      quietly(() => onThrow(thrown));
    }
  };
}

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // A listener's own failure must not reach the machine that it listens to.
  }
}
