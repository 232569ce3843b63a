/** Watches a daemon from outside, look by look: when it has been away for too long, and when it is back. */
import type { Cancel, Clock } from '../clock.ts';
import { iso } from '../domain/time.ts';

/** What one look came to. */
export type Seen = { readonly ok: true } | { readonly ok: false; readonly cause: string };

/** What there is to tell. Durations in milliseconds. */
export interface DaemonChange {
  readonly event: 'daemon_down' | 'daemon_up';
  readonly severity: 'P1';
  readonly ts: string;
  /** When the first look failed. */
  readonly since: string;
  readonly downMs: number;
  /** Of the last look that failed. */
  readonly cause: string;
}

/** Somebody who is told: a terminal, a channel. What it takes long over or fails at holds nothing up. */
export type Notifier = (change: DaemonChange) => void | Promise<void>;

interface Outage {
  readonly since: string;
  readonly from: number;
  readonly cause: string;
  readonly told: boolean;
}

export class Watch {
  readonly #clock: Clock;
  readonly #forMs: number;
  #outage: Outage | undefined;

  /** `forMs`: how long it may be away before that is told. */
  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  /** Takes in a look; gives what is to be told now. */
  saw(seen: Seen): DaemonChange | undefined {
    const before = this.#outage;
    if (seen.ok) {
      this.#outage = undefined;
      return before?.told === true ? this.#change('daemon_up', before) : undefined;
    }
    const now = { since: iso(this.#clock.now()), from: this.#clock.monotonic(), told: false };
    const outage = { ...(before ?? now), cause: seen.cause };
    const isDue = !outage.told && this.#clock.monotonic() - outage.from >= this.#forMs;
    this.#outage = { ...outage, told: outage.told || isDue };
    return isDue ? this.#change('daemon_down', outage) : undefined;
  }

  #change(event: DaemonChange['event'], { since, from, cause }: Outage): DaemonChange {
    const downMs = Math.round(this.#clock.monotonic() - from);
    return { event, severity: 'P1', ts: iso(this.#clock.now()), since, downMs, cause };
  }
}

export interface WatchOptions {
  readonly clock: Clock;
  readonly forMs: number;
  readonly everyMs: number;
  /** Bounded in time; never rejects. */
  readonly look: () => Promise<Seen>;
  readonly notifiers: readonly Notifier[];
  /** Told of each finished look. */
  readonly onLook: (seen: Seen) => void;
  /** Told of a notifier that failed. */
  readonly onFailure: (error: unknown) => void;
}

/** Looks again and again until the signal aborts. */
export async function watchDaemon(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { clock, forMs, everyMs, look, notifiers, onLook, onFailure } = options;
  const watch = new Watch(clock, forMs);
  while (!signal.aborted) {
    const seen = await look();
    const change = watch.saw(seen);
    onLook(seen);
    if (change !== undefined)
      for (const notify of notifiers) void Promise.resolve(change).then(notify).catch(onFailure);
    await pause(clock, everyMs, signal);
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    let cancel: Cancel = () => {};
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    cancel = clock.at(clock.now() + ms, done);
    signal.addEventListener('abort', done);
  });
}
