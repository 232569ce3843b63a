/** One alert as the engine holds it: its actor, what is kept of it, and what is shown. */
import { createActor, type ActorRefFrom } from 'xstate';
import { assign } from 'xstate';
import type { Clock } from '../../clock.ts';
import { runbookOf } from '../../alerts/rule.ts';
import { ruleOf } from '../../alerts/rules.ts';
import type { AlertState, AlertView } from '../../domain/alerts.ts';
import { iso, type EpochMs } from '../../domain/time.ts';
import { faultTolerant, type OnFault } from '../fault-tolerant.ts';
import { alertMachine, type AlertEvent, type AlertRecord, type Evidence } from './alert-machine.ts';

/** Which alert it is. */
export interface Identity {
  /** Of the rule. */
  readonly id: string;
  readonly target: string;
  readonly strategy: string | null;
  /** The rule's, for this target. */
  readonly command: string;
}

/** An alert as it is stored. */
export interface StoredAlert extends Identity {
  readonly state: Exclude<AlertState, 'inactive'>;
  readonly record: AlertRecord;
}

export interface AlertActorOptions {
  readonly identity: Identity;
  readonly clock: Clock;
  /** What happened around it, asked for as it begins to fire. */
  readonly gather: () => Evidence;
  readonly onFault: OnFault;
  /** Told of each change of state. */
  readonly changed: (from: AlertState, to: AlertState) => void;
  /** From a run before. */
  readonly stored?: StoredAlert;
}

export const keyOf = ({ id, target }: Pick<Identity, 'id' | 'target'>): string => `${id}:${target}`;

/** What is over is not told as if it were so. */
export const summaryOf = (summary: string, state: AlertState): string =>
  state === 'resolved' ? `no longer: ${summary}` : summary;

export class AlertActor {
  readonly identity: Identity;
  readonly key: string;
  readonly #ref: ActorRefFrom<typeof alertMachine>;

  constructor({ identity, clock, gather, onFault, changed, stored }: AlertActorOptions) {
    this.identity = identity;
    this.key = keyOf(identity);
    const machine = faultTolerant(
      alertMachine.provide({ actions: { gather: assign(() => ({ evidence: gather() })) } }),
      onFault,
    );
    this.#ref = createActor(machine, {
      id: this.key,
      input: { clock },
      clock: clock.xstate,
      ...(stored !== undefined && { snapshot: resolved(stored, clock) }),
    });
    let state = this.state;
    this.#ref.subscribe(() => {
      const from = state;
      state = this.state;
      if (state !== from) changed(from, state);
    });
    this.#ref.start();
  }

  get state(): AlertState {
    const { value } = this.#ref.getSnapshot();
    return typeof value === 'string' ? value : 'firing';
  }

  get record(): AlertRecord {
    const { clock: _, ...record } = this.#ref.getSnapshot().context;
    return record;
  }

  get fires(): boolean {
    return this.#ref.getSnapshot().hasTag('fires');
  }

  send(event: AlertEvent): void {
    this.#ref.send(event);
  }

  stop(): void {
    this.#ref.stop();
  }

  stored(): StoredAlert | undefined {
    const { state } = this;
    return state === 'inactive' ? undefined : { ...this.identity, state, record: this.record };
  }

  /** @param suppressed by what it is kept from being told */
  view(suppressed: Pick<AlertView, 'silencedBy' | 'inhibitedBy'>): AlertView | undefined {
    const { state, record } = this;
    if (state === 'inactive') return undefined;
    const { id, target, strategy, command } = this.identity;
    const { reading, evidence, ack } = record;
    return {
      id,
      key: this.key,
      severity: record.severity,
      state,
      strategy,
      target,
      summary: summaryOf(reading.summary, state),
      since: iso(record.since),
      firingSince: orNull(record.firingSince),
      resolvedAt: state === 'resolved' ? orNull(record.resolvedAt) : null,
      measured: reading.measured,
      limit: reading.limit,
      inputs: reading.inputs,
      ...evidence,
      runbook: ruleOf(id) === undefined ? 'docs/alerts.md#rules-of-your-own' : runbookOf(id),
      command: reading.command ?? command,
      acknowledged: ack === null ? null : { by: ack.by, at: iso(ack.at), comment: ack.comment },
      ...suppressed,
      notifiedAt: orNull(record.toldAt),
    };
  }
}

/** The snapshot that an alert of an earlier run goes on from. */
function resolved({ state, record }: StoredAlert, clock: Clock) {
  const value = state !== 'firing' ? state : { firing: record.clearedAt === null ? 'holding' : 'keeping' };
  return alertMachine.resolveState({ value, context: { ...record, clock } });
}

const orNull = (time: EpochMs | null): string | null => (time === null ? null : iso(time));
