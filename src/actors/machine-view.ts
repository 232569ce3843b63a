/** What `/machine` shows of an actor: its state, tags and commands, and the transitions that led there. */
import type { AnyActorRef, AnyMachineSnapshot, InspectionEvent, StateValue } from 'xstate';
import type { Clock } from '../clock.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { MachineView, TransitionView } from '../domain/machine-views.ts';

const KEPT = 50;

/** The state as a person reads it: the innermost name (`cancelling`, not `stopping.cancelling`). */
export function stateName(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([parent, child]) => (child === undefined ? parent : stateName(child)))
    .join('+');
}

/** Every active state of a snapshot, outer ones first, as dotted paths (`stopping`, `stopping.cancelling`). */
export function activeStates(value: StateValue, prefix = ''): readonly string[] {
  if (typeof value === 'string') return [prefix + value];
  return Object.entries(value).flatMap(([parent, child]) => [
    prefix + parent,
    ...(child === undefined ? [] : activeStates(child, `${prefix}${parent}.`)),
  ]);
}

/** The last transitions of one actor and when it entered the state it is in. */
export interface Watched {
  history(): readonly TransitionView[];
  since(): EpochMs;
  inStateMs(): number;
}

/** What a transition into a state tells beyond its names. */
export type Remark = (to: string, snapshot: AnyMachineSnapshot) => Pick<TransitionView, 'loss'>;

interface Watch {
  readonly onTransition: (transition: TransitionView, snapshot: AnyMachineSnapshot) => void;
  readonly remark: Remark;
  lastEvent: string;
  state: string;
  since: EpochMs;
  history: readonly TransitionView[];
}

/**
 * Watches the machines of one actor system. Pass `inspect` when the root actor is made; then
 * `watch` any actor of that system. Only changes of state are kept: progress does not flood it.
 */
export class TransitionRecorder {
  readonly #clock: Clock;
  readonly #watches = new WeakMap<object, Watch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly inspect = (event: InspectionEvent): void => {
    const watch = this.#watches.get(event.actorRef);
    if (watch === undefined) return;
    // A step that threw is run again as FAULT: the last microstep tells which event it really was.
    if (event.type === '@xstate.microstep') watch.lastEvent = event.event.type;
    else if (event.type === '@xstate.snapshot') this.#record(watch, event.snapshot as AnyMachineSnapshot);
  };

  /** `onTransition` is called once the actor has its new snapshot; what it throws is ignored. */
  watch(actor: AnyActorRef, onTransition: Watch['onTransition'] = () => {}, remark: Remark = () => ({})): Watched {
    const state = stateName((actor.getSnapshot() as AnyMachineSnapshot).value);
    const since = this.#clock.now();
    const watch: Watch = { onTransition, remark, lastEvent: 'xstate.init', state, since, history: [] };
    this.#watches.set(actor, watch);
    return {
      history: () => watch.history,
      since: () => watch.since,
      inStateMs: () => Math.max(0, this.#clock.now() - watch.since),
    };
  }

  #record(watch: Watch, snapshot: AnyMachineSnapshot): void {
    const to = stateName(snapshot.value);
    if (to === watch.state) return;
    const now = this.#clock.now();
    const event = eventName(watch.lastEvent);
    const transition = { event, from: watch.state, to, ts: iso(now), ...watch.remark(to, snapshot) };
    watch.state = to;
    watch.since = now;
    watch.history = [...watch.history, transition].slice(-KEPT);
    try {
      watch.onTransition(transition, snapshot);
    } catch {
      // Who listens to transitions must not be able to break the machine.
    }
  }
}

/** XState's own event types in a reader's words: `launch done`, `after backOff`. */
export function eventName(type: string): string {
  const [, kind, ...rest] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(type) ?? [];
  if (kind !== undefined) return `${rest.join('')} ${kind === 'done' ? 'done' : 'failed'}`;
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(type) ?? [];
  if (delay !== undefined) return `after ${delay}`;
  return type === 'xstate.init' ? 'start' : type;
}

/** Events that a snapshot's states take, inner ones first, in a reader's words; XState's own starts and the conflated view left out. */
function eventsTaken({ _nodes: nodes }: Pick<AnyMachineSnapshot, '_nodes'>): readonly string[] {
  const taken = nodes.toReversed().flatMap((node) => [...node.transitions.keys()]);
  return [...new Set(taken)].filter((type) => type !== 'PROGRESS').map(eventName);
}

/** `/machine` for one actor. */
export function machineView(
  machine: string,
  snapshot: Pick<AnyMachineSnapshot, 'value' | 'tags' | '_nodes'>,
  watched: Watched,
  { allowed = [], refusals = [] }: Partial<Pick<MachineView, 'allowed' | 'refusals'>> = {},
): MachineView {
  return {
    machine,
    value: snapshot.value,
    tags: [...snapshot.tags],
    allowed,
    since: iso(watched.since()),
    inStateMs: watched.inStateMs(),
    events: eventsTaken(snapshot),
    refusals,
    history: watched.history(),
  };
}
