/** How many requests are under way at once. Those that wait go in order, writes before reads. */
import type { Clock } from '../../clock.ts';

type Settle = (hasSlot: boolean) => void;

export class RequestSlots {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #patienceMs: number;
  readonly #writes = new Set<Settle>();
  readonly #reads = new Set<Settle>();
  #busy = 0;

  /** @param patienceMs who has waited for so long gives up: what it wanted is too old to be sent */
  constructor(clock: Clock, most: number, patienceMs: number) {
    this.#clock = clock;
    this.#most = most;
    this.#patienceMs = patienceMs;
  }

  /** Resolves to true when there is a slot, which is to be released; to false when none came free in time. */
  take(isWrite: boolean): Promise<boolean> {
    if (this.#busy < this.#most) {
      this.#busy += 1;
      return Promise.resolve(true);
    }
    const queue = isWrite ? this.#writes : this.#reads;
    return new Promise((resolve) => {
      const settle: Settle = (hasSlot) => {
        cancel();
        queue.delete(settle);
        resolve(hasSlot);
      };
      const cancel = this.#clock.at(this.#clock.now() + this.#patienceMs, () => settle(false));
      queue.add(settle);
    });
  }

  /** Hands the slot on to the next. */
  release(): void {
    const [next] = this.#writes.size > 0 ? this.#writes : this.#reads;
    if (next === undefined) this.#busy -= 1;
    else next(true);
  }

  /** Nobody waits any longer. */
  turnAway(): void {
    for (const settle of [...this.#writes, ...this.#reads]) settle(false);
  }
}
