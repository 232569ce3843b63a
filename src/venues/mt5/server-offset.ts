/**
 * How far the clock of a broker's server is ahead of UTC. A profile says what to expect; quotes of a
 * market that lives show what it is, and how far the two clocks are apart beyond that.
 */
import type { EpochMs } from '../../domain/time.ts';
import { fromServerTime, serverOffsetMs, type ServerClock } from '../mt5-server-clock.ts';
import type { ServerTime } from './types.ts';

const QUARTER_MS = 15 * 60_000;
/** Two looks at a symbol further apart say too little about the age of what has changed between them. */
const LONGEST_GAP_MS = 10_000;
/** Looks in a row that must agree before another offset is believed. */
const AGREEING = 3;
/** No zone is further from UTC. */
const FURTHEST_MS = 14 * 3_600_000;

interface Look {
  readonly askedAt: EpochMs;
  readonly shown: number;
}

export class ServerOffset {
  readonly #clock: ServerClock;
  readonly #looks = new Map<string, Look>();
  /** What is to be added to the expected offset. */
  #correctionMs = 0;
  #measuredAt: EpochMs | undefined;
  #skewMs = 0;
  /** Another correction, and how often it was seen in a row. */
  #other = { correctionMs: 0, seen: 0 };

  constructor(clock: ServerClock) {
    this.#clock = clock;
  }

  /** Ahead of UTC at that instant, in milliseconds. */
  at(instant: EpochMs): number {
    return serverOffsetMs(this.#clock, instant) + this.#correctionMs;
  }

  /** The instant at which the server's clock showed that. */
  utc(shown: number): EpochMs {
    return fromServerTime(this.#clock, shown - this.#correctionMs);
  }

  reading(now: EpochMs): ServerTime {
    return { offsetMs: this.at(now), measuredAt: this.#measuredAt, skewMs: this.#skewMs };
  }

  /**
   * Takes a quote's time. It counts when it has changed since the last look at that symbol: then it
   * came about between the asking of that one and now, and its age is known to that much.
   */
  note(symbol: string, shown: number, askedAt: EpochMs, now: EpochMs): void {
    const last = this.#looks.get(symbol);
    this.#looks.set(symbol, { askedAt, shown });
    if (last === undefined || shown <= last.shown) return;
    const oldest = now - last.askedAt;
    if (oldest <= LONGEST_GAP_MS) this.#measure(shown - now, oldest, now);
  }

  /** @param ahead the server's clock is that much ahead of ours at least @param slack and by so much more at most */
  #measure(ahead: number, slack: number, now: EpochMs): void {
    const offsetMs = Math.round((ahead + slack / 2) / QUARTER_MS) * QUARTER_MS;
    if (Math.abs(offsetMs) > FURTHEST_MS) {
      this.#skewMs = beyond(ahead, slack, this.at(now));
      return;
    }
    const correctionMs = offsetMs - serverOffsetMs(this.#clock, now);
    if (correctionMs === this.#correctionMs) this.#other = { correctionMs, seen: 0 };
    else if (this.#seen(correctionMs) >= AGREEING) this.#correctionMs = correctionMs;
    this.#skewMs = beyond(ahead, slack, this.at(now));
    if (correctionMs === this.#correctionMs) this.#measuredAt = now;
  }

  #seen(correctionMs: number): number {
    const before = this.#other.correctionMs === correctionMs ? this.#other.seen : 0;
    this.#other = { correctionMs, seen: before + 1 };
    return this.#other.seen;
  }
}

/** How far the offset lies outside of what was measured; positive: the server's clock is ahead of it. */
function beyond(ahead: number, slack: number, offsetMs: number): number {
  if (offsetMs < ahead) return ahead - offsetMs;
  return offsetMs > ahead + slack ? ahead + slack - offsetMs : 0;
}
