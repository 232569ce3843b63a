/** What is under way on a server: streams, of which there may be 32, and commands, of which there is always room for one more. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { QktError } from '../errors.ts';

export const MAX_STREAMS = 32;
/** How long a closing server waits for the answers under way. */
const FINISH_MS = 1000;

export class OpenRequests {
  readonly #clock: Clock;
  readonly #streams = new Map<ServerResponse, AbortController>();
  readonly #commands = new Set<ServerResponse>();
  #closing = false;
  #idle: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /**
   * Takes one of the places for answers that stay open (follow, SSE, a waiting long poll) until the answer is over.
   * @returns a signal that aborts when the reader has gone or the server closes
   * @throws QktError QKT_E_TOO_MANY_STREAMS
   */
  openStream(response: ServerResponse): AbortSignal {
    if (this.#streams.size >= MAX_STREAMS || this.#closing) {
      throw new QktError('QKT_E_TOO_MANY_STREAMS', `${this.#streams.size} of ${MAX_STREAMS} streams are open`);
    }
    const controller = new AbortController();
    this.#streams.set(response, controller);
    response.once('close', () => {
      this.#streams.delete(response);
      controller.abort();
      this.#settle();
    });
    return controller.signal;
  }

  /** A closing server waits for this answer. */
  openCommand(response: ServerResponse): void {
    this.#commands.add(response);
    response.once('close', () => {
      this.#commands.delete(response);
      this.#settle();
    });
  }

  /** Ends the streams and waits for the answers under way, but not for long. */
  async finish(): Promise<void> {
    this.#closing = true;
    for (const controller of this.#streams.values()) controller.abort();
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.at(this.#clock.now() + FINISH_MS, resolve);
      this.#idle = () => {
        cancel();
        resolve();
      };
    });
  }

  get #isIdle(): boolean {
    return this.#streams.size === 0 && this.#commands.size === 0;
  }

  #settle(): void {
    if (this.#isIdle) this.#idle?.();
  }
}
