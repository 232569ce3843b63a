/** "There is something new", off the turn that made it: a reader never slows trading. */
import type { EventSource } from '../domain/ports.ts';

export class Notices {
  #fresh = false;
  #scheduled = false;
  #wake: (() => void) | undefined;
  readonly #stop: () => void;

  constructor({ changed$ }: Pick<EventSource<unknown>, 'changed$'>, signal: AbortSignal) {
    const subscription = changed$.subscribe(() => this.#later());
    const onAbort = (): void => this.#announce();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#stop = () => {
      subscription.unsubscribe();
      signal.removeEventListener('abort', onAbort);
    };
  }

  /** Settles when there was a change since the last call, or the signal aborts. One caller at a time. */
  async next(): Promise<void> {
    if (!this.#fresh) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#fresh = false;
  }

  /** Wakes the caller of {@link next} without a change. */
  nudge(): void {
    this.#announce();
  }

  close(): void {
    this.#stop();
  }

  #later(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#announce();
    });
  }

  #announce(): void {
    this.#fresh = true;
    this.#wake?.();
    this.#wake = undefined;
  }
}
