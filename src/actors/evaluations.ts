/**
 * What every evaluation came to. An evaluation is a call of `onBar` or `onTick`, or any other
 * callback that asked for an order. total = noSignal + signals, signals = orders + Σ blocked.
 */
import type { Intent } from '../domain/orders.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { EvaluationsView } from '../domain/trading-views.ts';
import type { ExampleView, OutcomeView } from '../domain/why.ts';
import { STAGES } from '../risk/stages.ts';
import type { IntentOutcome } from '../streams/order-desk.ts';

/** A callback of the author's code: which, and when by engine time. */
export interface Callback {
  readonly on: string;
  readonly now: EpochMs;
}

/** One thing that a callback asked for, and how it ended. */
export interface Asked {
  readonly intent: Intent;
  /** Undefined where the intent names none. */
  readonly symbol: string | undefined;
  readonly outcome: IntentOutcome;
}

type Example = Omit<ExampleView, 'ts'> & { readonly now: EpochMs };

export interface EvaluationsState extends EvaluationsView {
  /** The latest of each outcome. */
  readonly last: Readonly<Record<string, Example>>;
}

export class Evaluations {
  #noSignal = 0;
  #orders = 0;
  readonly #blocked: Record<string, number> = {};
  readonly #last: Record<string, Example> = {};
  /** The latest that asked for nothing. */
  readonly #quiet = { on: '', now: 0 };

  /** An evaluation that asked for nothing. On the path of every tick: nothing is kept but the latest. */
  quiet(on: string, now: EpochMs): void {
    this.#noSignal += 1;
    this.#quiet.on = on;
    this.#quiet.now = now;
  }

  /** One callback's outcomes: it is an order as soon as one went out, else the first gate that stopped it. */
  record(asked: readonly Asked[], callback: Callback, isEvaluation: boolean): void {
    const sent = asked.find(({ outcome }) => outcome === 'order');
    const denied = asked.find(({ outcome }) => typeof outcome === 'object');
    if (sent !== undefined) {
      this.#orders += 1;
      this.#last.order = exampleOf(sent, callback);
    } else if (denied !== undefined) {
      const { code } = denied.outcome as Exclude<IntentOutcome, string>;
      this.#blocked[code] = (this.#blocked[code] ?? 0) + 1;
      this.#last[code] = exampleOf(denied, callback);
    } else if (isEvaluation) this.quiet(callback.on, callback.now);
  }

  /** Those that asked for nothing. */
  get quietCount(): number {
    return this.#noSignal;
  }

  save(): EvaluationsState {
    return { ...this.view(), last: this.#lasts() };
  }

  /** Goes on from an earlier run. */
  restore({ noSignal, orders, blocked, last = {} }: EvaluationsView & Partial<EvaluationsState>): void {
    this.#noSignal = noSignal;
    this.#orders = orders;
    Object.assign(this.#blocked, blocked);
    const { noSignal: quiet, ...others } = last;
    Object.assign(this.#last, others);
    if (quiet !== undefined) Object.assign(this.#quiet, quiet);
  }

  view(): EvaluationsView {
    const blocked = Object.values(this.#blocked).reduce((sum, count) => sum + count, 0);
    const signals = this.#orders + blocked;
    return {
      total: this.#noSignal + signals,
      noSignal: this.#noSignal,
      signals,
      orders: this.#orders,
      blocked: { ...this.#blocked },
    };
  }

  /** Every outcome that there was, in the order of the gate. */
  outcomes(): readonly OutcomeView[] {
    const stopped = STAGES.flatMap(({ code }) => {
      const count = this.#blocked[code];
      return count === undefined ? [] : [this.#outcome(code, count)];
    });
    return [this.#outcome('noSignal', this.#noSignal), this.#outcome('order', this.#orders), ...stopped];
  }

  #lasts(): Readonly<Record<string, Example>> {
    return this.#quiet.on === '' ? this.#last : { ...this.#last, noSignal: { ...this.#quiet } };
  }

  #outcome(outcome: string, count: number): OutcomeView {
    const last = this.#lasts()[outcome];
    if (last === undefined) return { outcome, count, last: null };
    const { now, ...example } = last;
    return { outcome, count, last: { ts: iso(now), ...example } };
  }
}

function exampleOf({ intent, symbol, outcome }: Asked, { on, now }: Callback): Example {
  const placed = intent.kind === 'place' ? { side: intent.side, type: intent.type, qty: intent.qty } : {};
  const orderId = 'orderId' in intent ? { orderId: intent.orderId } : {};
  const at = { on, now, ...(symbol !== undefined && { symbol }), ...orderId, ...placed };
  if (typeof outcome === 'string') return at;
  const { reason, measured, limit } = outcome;
  return { ...at, reason, ...(measured !== undefined && { measured }), ...(limit !== undefined && { limit }) };
}
