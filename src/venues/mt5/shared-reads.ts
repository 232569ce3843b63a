/**
 * Reads that many want: equal ones that are under way are one, and some answers are good for a
 * moment. A write makes all of it old, also what is still on its way.
 */
import type { Clock } from '../../clock.ts';
import type { Read } from './types.ts';

interface Entry {
  readonly answer: Promise<Read<unknown>>;
  /** On the monotonic clock; undefined while it is under way. */
  goodUntil: number | undefined;
}

export class SharedReads {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param path what is read: two of the same path give the same type; @param keepMs how long a known answer is good */
  get<T>(path: string, keepMs: number, read: () => Promise<Read<T>>): Promise<Read<T>> {
    const found = this.#entries.get(path);
    if (found !== undefined && (found.goodUntil ?? Infinity) > this.#clock.monotonic())
      return found.answer as Promise<Read<T>>;
    const answer = read();
    const entry: Entry = { answer, goodUntil: undefined };
    this.#entries.set(path, entry);
    const settled = (known: boolean): void => {
      if (this.#entries.get(path) !== entry) return;
      if (known && keepMs > 0) entry.goodUntil = this.#clock.monotonic() + keepMs;
      else this.#entries.delete(path);
    };
    // One that throws is no answer for anybody later; those who wait for it hear of it themselves.
    answer.then(
      ({ known }) => settled(known),
      () => settled(false),
    );
    return answer;
  }

  /** Nothing that was asked before is an answer to what is asked from now on. */
  clear(): void {
    this.#entries.clear();
  }
}
