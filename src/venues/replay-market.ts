/**
 * A market out of a file. Engine time is the data's time and moves only with it, so a replay gives
 * the same result at any speed: between two ticks every timer that is due runs by itself, and the
 * strategies that follow in lock-step have answered before time goes on.
 */
import { VirtualClock, type Clock } from '../clock.ts';
import type { Bar, Instrument, Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import { FeedGuard } from '../risk/feed-guard.ts';
import type { Session, SessionHours } from '../risk/sessions.ts';
import { Market } from './market.ts';
import type { ReplaySource } from './replay-file.ts';

/** How long the driver keeps the thread before it lets HTTP and others have a turn, in milliseconds. */
const SLICE_MS = 8;
/** Ticks between two looks at the time. */
const LOOK_EVERY = 256;

export interface ReplayOptions {
  /** 1 is real time, N times as fast, `max` as fast as it goes. */
  readonly speed: number | 'max';
  /** Paces the replay and bounds its slices. */
  readonly wall: Clock;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly sessions?: ReadonlyMap<string, SessionHours>;
  /** Hears of a file that fails in the middle. */
  readonly failed: (error: unknown) => void;
}

export class ReplayMarket extends Market {
  readonly source: ReplaySource;
  readonly ended: Promise<void>;
  readonly #virtual: VirtualClock;
  readonly #options: ReplayOptions;
  #end!: () => void;
  #closed = false;
  #opened = false;
  /** Ends the wait for the time of a paced quote. */
  #wake: (() => void) | undefined;
  /** On the wall's monotonic clock. */
  #started: number | undefined;

  constructor(source: ReplaySource, options: ReplayOptions) {
    const clock = new VirtualClock(source.firstTs);
    super(clock, options.instruments, options.sessions);
    this.source = source;
    this.#virtual = clock;
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#run()
      .catch(this.#options.failed)
      .finally(() => this.#end());
  }

  override cut(): void {
    // Before it is opened somebody may still come.
    if (!this.#opened) return;
    this.#closed = true;
    this.#wake?.();
  }

  override close(): void {
    super.close();
    this.#closed = true;
    this.#wake?.();
    if (!this.#opened) this.#end();
    void this.source.close();
  }

  /** The data's clock moves with the data alone: a silence in a file is no outage of a feed. */
  protected newGuard(session: Session): FeedGuard {
    return new FeedGuard(session, Infinity);
  }

  /** Between two quotes engine time stands still; a weekend in a paced replay passes all the same. */
  protected override marketTime(): EpochMs {
    const now = this.clock.now();
    if (this.speed === Infinity || this.#started === undefined) return now;
    const elapsed = this.#options.wall.monotonic() - this.#started;
    return Math.max(now, this.source.firstTs + elapsed * this.speed);
  }

  protected override get speed(): number {
    const { speed } = this.#options;
    return speed === 'max' ? Infinity : speed;
  }

  protected pastBars(): readonly Bar[] {
    return [];
  }

  async #run(): Promise<void> {
    const { speed, wall } = this.#options;
    const started = (this.#started = wall.monotonic());
    let slice = started;
    let last: EpochMs | undefined;
    for await (const batch of this.source.batches()) {
      for (const tick of batch) {
        if (this.#closed) return;
        if (speed !== 'max') await this.#pace(tick.ts, started, speed);
        const wait = this.#step(tick);
        if (wait !== undefined) await wait;
        last = tick.ts;
        if (this.tickCount % LOOK_EVERY === 0 && wall.monotonic() - slice > SLICE_MS) {
          await nextMacrotask();
          slice = wall.monotonic();
        }
      }
    }
    // The last quote of a bar file is that of a millisecond before the end of its last bar.
    if (this.source.barMs !== undefined && last !== undefined) await this.#goOnTo(last + 1);
  }

  /** Brings the clock to a time without a quote. */
  async #goOnTo(time: EpochMs): Promise<void> {
    while (this.#timersBy(time)) await this.#runTimer();
    if (!this.#closed) this.#virtual.setNow(time);
  }

  /** One tick; a promise only where somebody has to be waited for, so that the usual tick costs no microtask. */
  #step(tick: Tick): Promise<unknown> | undefined {
    while (this.#timersBy(tick.ts)) {
      const wait = this.#runTimer();
      if (wait !== undefined) return this.#stepAfter(wait, tick);
    }
    // Also a timer may have ended the data: a bar's end, on which the last strategy was lost.
    if (this.#closed) return undefined;
    this.#virtual.setNow(tick.ts);
    this.accept(tick);
    return this.#inLockStep() ? this.settle() : undefined;
  }

  #timersBy(time: EpochMs): boolean {
    return !this.#closed && this.#virtual.nextDue() <= time;
  }

  /** One of the timers that are due before a tick: by itself, so that an order from a bar fills at the quote then in force. */
  #runTimer(): Promise<unknown> | undefined {
    this.#virtual.runNext();
    return this.#inLockStep() ? this.settle() : undefined;
  }

  async #stepAfter(wait: Promise<unknown>, tick: Tick): Promise<void> {
    await wait;
    while (this.#timersBy(tick.ts)) await this.#runTimer();
    await this.#step(tick);
  }

  /** At a bounded speed several strategies share the data: a slow one must not make the others late. */
  #inLockStep(): boolean {
    return this.#options.speed === 'max' || this.followerCount === 1;
  }

  async #pace(ts: number, started: number, speed: number): Promise<void> {
    const { wall } = this.#options;
    const wait = started + (ts - this.source.firstTs) / speed - wall.monotonic();
    if (wait < 1) return;
    await new Promise<void>((resolve) => {
      const cancel = wall.at(wall.now() + wait, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

const nextMacrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
