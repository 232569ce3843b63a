/**
 * When the venue is looked at: in passing every second or so while anything is held or under way, in full when
 * something is not as it is known here, at the least every half minute. One look is under way at a time. One
 * that throws is a look that could read nothing: the next one goes on.
 */
import type { Cancel, Clock } from '../../clock.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Read } from './types.ts';

export interface Looker {
  /** Is there anything to look for? */
  readonly isIdle: () => boolean;
  /** Looks in passing; true when something is not as it is known. */
  readonly glance: () => Promise<boolean>;
  readonly look: () => Promise<Read<void>>;
  /** In how many milliseconds a full look is wanted; undefined: not before the usual one. */
  readonly wants: () => number | undefined;
  /** With each of these looks, whether anything could be read or not. */
  readonly tick: () => void;
}

const FULL_EVERY_MS = 30_000;
const AGAIN_MS = 1000;

export class Looks {
  readonly #clock: Clock;
  readonly #looker: Looker;
  readonly #pollMs: number;
  #stopPoll: Cancel | undefined;
  #timer: Cancel | undefined;
  #due: EpochMs = Infinity;
  /** The look that is under way. */
  #under: Promise<unknown> | undefined;
  /** Another one became due while it was under way. */
  #again = false;
  #glancing = false;

  /** @param pollMs between looks in passing */
  constructor(clock: Clock, looker: Looker, pollMs: number) {
    this.#clock = clock;
    this.#looker = looker;
    this.#pollMs = pollMs;
  }

  get running(): boolean {
    return this.#stopPoll !== undefined;
  }

  start(): void {
    if (this.running) return;
    this.#stopPoll = this.#clock.every(this.#pollMs, () => void this.#poll());
    this.due(0);
  }

  stop(): void {
    this.#stopPoll?.();
    this.#stopPoll = undefined;
    this.#timer?.();
    this.#timer = undefined;
    this.#due = Infinity;
  }

  /** A full look within so many milliseconds. */
  due(withinMs: number): void {
    const at = this.#clock.now() + withinMs;
    if (!this.running || at >= this.#due) return;
    this.#due = at;
    this.#timer?.();
    this.#timer = this.#clock.at(at, () => void this.#dueNow());
  }

  /** A full look that begins now or after the one under way. */
  async look(): Promise<Read<void>> {
    while (this.#under !== undefined) await this.#under;
    const looking = this.#looker.look();
    // Its failure is for whoever has asked for it.
    this.#under = looking.catch(() => undefined);
    try {
      return await looking;
    } finally {
      this.#under = undefined;
      if (this.#again) this.due(0);
      this.#again = false;
    }
  }

  async #dueNow(): Promise<void> {
    this.#timer = undefined;
    this.#due = Infinity;
    this.#again = this.#under !== undefined;
    if (this.#again) return;
    const known = await this.look().then(
      (read) => read.known,
      () => false,
    );
    if (!this.running) return;
    this.due(FULL_EVERY_MS);
    if (known) this.#plan();
    else this.due(AGAIN_MS);
  }

  #plan(): void {
    const wanted = this.#looker.wants();
    if (wanted !== undefined) this.due(wanted);
  }

  async #poll(): Promise<void> {
    this.#looker.tick();
    if (this.#glancing || this.#under !== undefined || this.#looker.isIdle()) return;
    this.#glancing = true;
    const suspects = await this.#looker
      .glance()
      .catch(() => false)
      .finally(() => (this.#glancing = false));
    if (suspects) this.due(0);
  }
}
