/** What has been opened, by name: closed in reverse within one deadline, whatever a step does. */
import type { Cancel, Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import { asQktError } from '../errors.ts';

interface Cleanup {
  readonly what: string;
  readonly run: () => unknown;
}

export class Cleanups {
  readonly #clock: Clock;
  readonly #waiting: Cleanup[] = [];
  readonly #failures: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called the moment that something exists. */
  add(what: string, run: () => unknown): void {
    this.#waiting.push({ what, run });
  }

  /** Each step that failed or took too long so far, with why. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /** The same, and each step that has not been come to. */
  get notClosed(): readonly string[] {
    return [...this.#failures, ...this.#waiting.map(({ what }) => `${what}: not come to`)];
  }

  /** Never rejects. A step may take half of the time that is left, so that one that hangs leaves some to the others. */
  async close(deadline: EpochMs): Promise<void> {
    for (let step = this.#waiting.pop(); step !== undefined; step = this.#waiting.pop()) {
      const failure = await this.#outcome(step, Math.max(0, (deadline - this.#clock.now()) / 2));
      if (failure !== undefined) this.#failures.push(`${step.what}: ${failure}`);
    }
  }

  async #outcome({ run }: Cleanup, limitMs: number): Promise<string | undefined> {
    let cancel: Cancel = () => {};
    const late = new Promise<string>((resolve) => {
      cancel = this.#clock.at(this.#clock.now() + limitMs, () => resolve(`not closed in ${Math.round(limitMs)} ms`));
    });
    try {
      return await Promise.race([Promise.resolve(run()).then(() => undefined), late]);
    } catch (error) {
      return asQktError(error).message;
    } finally {
      cancel();
    }
  }
}
