/** The differences between one strategy's book and the venue, as long as each lasts. */
import type { Clock } from '../../clock.ts';
import type { Difference } from '../../domain/differences.ts';

export type NewDifference = Omit<Difference, 'since'>;

export class DifferenceBoard {
  readonly #clock: Clock;
  readonly #tell: (difference: Difference, settled: boolean) => void;
  readonly #open = new Map<string, Difference>();

  constructor(clock: Clock, tell: (difference: Difference, settled: boolean) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  all(): readonly Difference[] {
    return [...this.#open.values()];
  }

  get(id: string): Difference | undefined {
    return this.#open.get(id);
  }

  /** Told when it is new, or other than before. */
  found(difference: NewDifference): void {
    const before = this.#open.get(difference.id);
    const { ours, theirs, done } = difference;
    if (before !== undefined && before.ours === ours && before.theirs === theirs && before.done === done) return;
    const found = { ...difference, since: before?.since ?? this.#clock.now() };
    this.#open.set(found.id, found);
    this.#tell(found, false);
  }

  /** It is over; told if it was there. */
  settled(id: string, done?: string): void {
    const difference = this.#open.get(id);
    if (difference === undefined) return;
    this.#open.delete(id);
    this.#tell({ ...difference, ...(done !== undefined && { done }) }, true);
  }

  /** Those that are not there any more. */
  keep(isStillThere: (difference: Difference) => boolean): void {
    for (const difference of this.all()) if (!isStillThere(difference)) this.settled(difference.id);
  }

  restore(differences: readonly Difference[]): void {
    for (const difference of differences) this.#open.set(difference.id, difference);
  }
}
