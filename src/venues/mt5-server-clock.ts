/**
 * The clock on the wall of a broker's server. MT5 writes its reading as if it were UTC, so every
 * time of a terminal is off by it.
 */
import { IANAZone } from 'luxon';
import type { EpochMs } from '../domain/time.ts';

/**
 * `newYorkClose`: midnight is 17:00 in New York, so UTC+2 in its winter and UTC+3 in its summer.
 * `hours`: always that far ahead of UTC.
 */
export type ServerClock = 'utc' | 'newYorkClose' | { readonly hours: number };

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const NEW_YORK = IANAZone.create('America/New_York');
/** From 17:00 to midnight. */
const AHEAD_OF_NEW_YORK_MS = 7 * HOUR_MS;

/** How far the server's clock is ahead of UTC at that instant, in milliseconds. */
export function serverOffsetMs(clock: ServerClock, at: EpochMs): number {
  if (clock === 'utc') return 0;
  if (clock === 'newYorkClose') return NEW_YORK.offset(at) * MINUTE_MS + AHEAD_OF_NEW_YORK_MS;
  return clock.hours * HOUR_MS;
}

/** The instant at which the server's clock shows that time; of two, when clocks go back, the later. */
export function fromServerTime(clock: ServerClock, shown: number): EpochMs {
  const guess = shown - serverOffsetMs(clock, shown);
  return shown - serverOffsetMs(clock, guess);
}
