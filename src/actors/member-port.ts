/** The server of one strategy: opened before it starts, and answering for a while yet once it has stopped. */
import type { Cancel, Clock } from '../clock.ts';
import type { QueueView } from '../domain/health-views.ts';

/** How long a stopped strategy's port goes on answering, in milliseconds: an orderly stop is no dead target. */
const DRAIN_MS = 15_000;

/** A strategy's own server. */
export interface OpenPort {
  readonly port: number;
  /** Its readers that keep an answer open. */
  readers(): QueueView;
  close(): Promise<void>;
}

export class MemberPort {
  /** The port of before: kept as long as it is free. */
  preferred: number | undefined;
  readonly #clock: Clock;
  readonly #open: (preferred: number | undefined) => Promise<OpenPort>;
  #server: OpenPort | undefined;
  #draining: Cancel | undefined;

  /** @param open opens the server on the preferred port or another; @throws QktError QKT_E_PORT_POOL_EMPTY */
  constructor(clock: Clock, open: (preferred: number | undefined) => Promise<OpenPort>) {
    this.#clock = clock;
    this.#open = open;
  }

  /** Where it listens; null while it does not. */
  get number(): number | null {
    return this.#server?.port ?? null;
  }

  /** Where it may be looked for from now on: null as well while it is about to end. */
  get target(): number | null {
    return this.#draining === undefined ? this.number : null;
  }

  readers(): readonly QueueView[] {
    return this.#server === undefined ? [] : [this.#server.readers()];
  }

  /** One caller at a time. @throws QktError QKT_E_PORT_POOL_EMPTY */
  async open(): Promise<void> {
    this.#keep();
    if (this.#server !== undefined) return;
    this.#server = await this.#open(this.preferred);
    this.preferred = this.#server.port;
  }

  /** The strategy has stopped. Stopped a second time, to flatten for example, the later end counts. */
  drain(): void {
    if (this.#server === undefined) return;
    this.#keep();
    this.#draining = this.#clock.at(this.#clock.now() + DRAIN_MS, () => void this.close());
  }

  /** Ends it at once. */
  async close(): Promise<void> {
    this.#keep();
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  #keep(): void {
    this.#draining?.();
    this.#draining = undefined;
  }
}
