/** Asks one route of a twin again and again, as a monitor does, and keeps what was answered when. */
import type { Cancel, Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Asker, Question } from './ask.ts';

export interface Sample {
  readonly sentAt: EpochMs;
  readonly at: EpochMs;
  /** 0 when there was no answer. */
  readonly status: number;
  /** What the answer tells, as far as the watch was asked to look. */
  readonly seen: boolean;
}

export interface WatchOptions {
  readonly clock: Clock;
  readonly asker: Asker;
  readonly question: Question;
  readonly everyMs: number;
  /** Looks for something in the body of an answer. */
  readonly look?: (text: string) => boolean;
}

export class Watch {
  readonly samples: Sample[] = [];
  readonly #options: WatchOptions;
  #cancel: Cancel = () => {};
  #stopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** The first answer to a question that was asked at or after `from`. */
  first(from: EpochMs, matches: (sample: Sample) => boolean): EpochMs | undefined {
    return this.samples.find((sample) => sample.sentAt >= from && matches(sample))?.at;
  }

  /** One question at a time: a slow answer is not asked for twice. */
  #arm(): void {
    const { clock, everyMs } = this.#options;
    if (!this.#stopped) this.#cancel = clock.at(clock.now() + everyMs, () => void this.#sample());
  }

  async #sample(): Promise<void> {
    const { clock, asker, question, look } = this.#options;
    const sentAt = clock.now();
    const { status, text } = await asker.ask(question).catch(() => ({ status: 0, text: '' }));
    if (this.#stopped) return;
    this.samples.push({ sentAt, at: clock.now(), status, seen: look?.(text) ?? false });
    this.#arm();
  }
}

export const isOk = ({ status }: Sample): boolean => status === 200;
export const isNotOk = ({ status }: Sample): boolean => status !== 200;
