/** How long a strategy's present run has lasted. */
import type { Clock } from '../clock.ts';
import type { StrategyState } from '../domain/strategy-states.ts';
import type { EpochMs } from '../domain/time.ts';

/** Nothing of it runs. */
const DOWN: ReadonlySet<StrategyState> = new Set(['crashed', 'failed', 'stopped']);

export class Uptime {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  #run: { readonly startedAt: EpochMs; readonly monotonic: number } | undefined;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  /** @returns milliseconds by the monotonic clock; 0 while nothing of it runs */
  of(state: StrategyState, startedAt: EpochMs | null): number {
    if (startedAt === null || DOWN.has(state)) return 0;
    const now = this.#clock.monotonic();
    // A time of day that jumps later on moves it no more.
    if (this.#run?.startedAt !== startedAt)
      this.#run = { startedAt, monotonic: now - Math.max(0, this.#clock.now() - startedAt) };
    return Math.round(now - this.#run.monotonic);
  }
}
