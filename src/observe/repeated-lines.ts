/**
 * Folds lines that repeat the one before them: the first is written at once, of those that follow it
 * within five seconds only their number, when another line comes or every five seconds. Two lines are
 * the same when all but their time is.
 */
import type { Cancel, Clock } from '../clock.ts';
import { iso, type EpochMs } from '../domain/time.ts';

const WINDOW_MS = 5000;

/** A finished line, without its newline, in the two parts around its time. */
export interface TimedLine {
  readonly before: string;
  readonly time: EpochMs;
  readonly after: string;
}

export class RepeatedLines {
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  #last: TimedLine | undefined;
  /** By the monotonic clock: when a line was written last. */
  #writtenAt = 0;
  #repeated = 0;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, write: (line: string) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  take(line: TimedLine): void {
    if (this.#isRepeated(line)) {
      this.#repeated += 1;
      this.#cancel ??= this.#clock.at(this.#clock.now() + WINDOW_MS, () => this.tell());
      return;
    }
    this.tell();
    this.#last = line;
    this.#put(line.time, line.after);
  }

  /** Writes how often the last line has come again, if it has. */
  tell(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#repeated === 0 || this.#last === undefined) return;
    const { after } = this.#last;
    const json = after.endsWith('}') && this.#last.before !== '';
    const counted = json
      ? `${after.slice(0, -1)},"repeated":${this.#repeated}}`
      : `${after} repeated=${this.#repeated}`;
    this.#repeated = 0;
    this.#put(this.#clock.now(), counted);
  }

  #isRepeated({ before, after }: TimedLine): boolean {
    return (
      this.#last?.after === after &&
      this.#last.before === before &&
      (this.#repeated > 0 || this.#clock.monotonic() - this.#writtenAt < WINDOW_MS)
    );
  }

  #put(time: EpochMs, after: string): void {
    this.#writtenAt = this.#clock.monotonic();
    this.#write(`${this.#last!.before}${iso(time)}${after}`);
  }
}
