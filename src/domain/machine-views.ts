/** A state machine as it is (`/machine`). */
import type { LossCause, LossView } from './loss-views.ts';

export interface MachineView {
  readonly machine: string;
  readonly value: unknown;
  readonly tags: readonly string[];
  readonly allowed: readonly string[];
  readonly since: string;
  /** Time in this state. */
  readonly inStateMs: number;
  /** What the state takes now, outer states included; an event with a guard may still be refused. */
  readonly events: readonly string[];
  /** Guards that said no, each with the last event that it refused, newest first. */
  readonly refusals: readonly RefusalView[];
  readonly history: readonly TransitionView[];
  /** Of a strategy: the last 20 times that its code was lost, newest last. */
  readonly losses?: readonly LossView[];
  /** Of a strategy that is `failed`: why only a person starts it again. */
  readonly latched?: string;
}

export interface RefusalView {
  readonly event: string;
  readonly guard: string;
  readonly ts: string;
}

export interface TransitionView {
  readonly event: string;
  readonly from: string;
  readonly to: string;
  readonly ts: string;
  /** Why the code was lost, or how it hangs; where the state tells of it. */
  readonly loss?: LossCause;
}
