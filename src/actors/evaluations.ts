/**
 * What every evaluation came to. An evaluation is a call of `onBar` or `onTick`, or any other
 * callback that asked for an order. total = noSignal + signals, signals = orders + Σ blocked.
 */
import type { EvaluationsView } from '../domain/views.ts';
import type { IntentOutcome } from '../streams/order-desk.ts';

export class Evaluations {
  #noSignal = 0;
  #orders = 0;
  readonly #blocked: Record<string, number> = {};

  /** `count` evaluations that asked for nothing. */
  quiet(count: number): void {
    this.#noSignal += count;
  }

  /** One callback's outcomes: it is an order as soon as one went out, else the first gate that stopped it. */
  record(outcomes: readonly IntentOutcome[], isEvaluation: boolean): void {
    if (outcomes.includes('order')) {
      this.#orders += 1;
      return;
    }
    const denial = outcomes.find((outcome) => typeof outcome === 'object');
    if (denial !== undefined) this.#blocked[denial.code] = (this.#blocked[denial.code] ?? 0) + 1;
    else if (isEvaluation) this.#noSignal += 1;
  }

  /** Goes on from an earlier run. */
  restore({ noSignal, orders, blocked }: EvaluationsView): void {
    this.#noSignal = noSignal;
    this.#orders = orders;
    Object.assign(this.#blocked, blocked);
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
}
