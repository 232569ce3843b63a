/** What somebody who looks again and again has seen of alerts: since when each was there, until when, and how often. */
import { poll } from '../doubles/daemon.ts';

export interface Sighting {
  readonly from: number;
  /** Undefined while it is still there. */
  readonly to: number | undefined;
  readonly times: number;
}

const LOOK_EVERY_MS = 100;

export class Sightings {
  readonly seen = new Map<string, Sighting>();
  readonly #name: string;
  readonly #look: () => Promise<readonly string[]>;
  #isOver = false;
  readonly #looking: Promise<void>;

  /** @param look gives the keys of the alerts that are there */
  constructor(name: string, look: () => Promise<readonly string[]>) {
    this.#name = name;
    this.#look = look;
    this.#looking = this.#goOn();
  }

  /** Waits until all of these have come. */
  async come(...keys: readonly string[]): Promise<void> {
    await this.#until('come', keys, (key) => this.seen.has(key));
  }

  /** Waits until all of these have come and gone. */
  async go(...keys: readonly string[]): Promise<void> {
    await this.#until('gone', keys, (key) => this.seen.get(key)?.to !== undefined);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async #goOn(): Promise<void> {
    while (!this.#isOver) {
      this.#note(new Set(await this.#look()));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  #note(there: ReadonlySet<string>): void {
    const now = performance.now();
    for (const key of there) {
      const known = this.seen.get(key);
      if (known === undefined) this.seen.set(key, { from: now, to: undefined, times: 1 });
      else if (known.to !== undefined) this.seen.set(key, { ...known, to: undefined, times: known.times + 1 });
    }
    for (const [key, sighting] of this.seen)
      if (sighting.to === undefined && !there.has(key)) this.seen.set(key, { ...sighting, to: now });
  }

  async #until(what: string, keys: readonly string[], holds: (key: string) => boolean): Promise<void> {
    await poll(`${this.#name} has seen ${keys.join(', ')} ${what}`, () => keys.every(holds) || undefined, 40_000).catch(
      (error: unknown) => {
        throw new Error(`${this.#name} has not seen ${keys.filter((key) => !holds(key)).join(', ')} ${what}`, {
          cause: error,
        });
      },
    );
  }
}
