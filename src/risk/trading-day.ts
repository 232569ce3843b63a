/** The trading day: when it rolls over, in the zone that the configuration names. */
import { IANAZone } from 'luxon';
import type { EpochMs } from '../domain/time.ts';
import { dayAt, instantOf, weekdayOf } from './local-time.ts';

export interface Rollover {
  readonly hour: number;
  readonly minute: number;
  readonly zone: string;
}

/** Reads `00:00 UTC` or `17:00 America/New_York`; undefined when it is neither. */
export function parseRollover(text: string): Rollover | undefined {
  const m = /^([01]\d|2[0-3]):([0-5]\d) (\S+)$/.exec(text.trim());
  if (m === null || !IANAZone.isValidZone(m[3]!)) return undefined;
  return { hour: Number(m[1]), minute: Number(m[2]), zone: m[3]! };
}

/** The first roll-over after `now`: one a date, also where daylight saving moves or repeats its time. */
export function nextRollover(rollover: Rollover, now: EpochMs): EpochMs {
  return around(rollover, now).find((at) => at > now)!;
}

/** When the trading day that holds `now` began: the last roll-over that is not after it. */
export function dayStart(rollover: Rollover, now: EpochMs): EpochMs {
  return around(rollover, now).findLast((at) => at <= now)!;
}

/** The next moment after `now` when the clock in `zone` shows `HH:MM`. */
export function nextTimeOfDay(at: string, zone: string, now: EpochMs): EpochMs {
  const [hour, minute] = at.split(':').map(Number);
  return nextRollover({ hour: hour!, minute: minute!, zone }, now);
}

/** Of the date in that zone: 0 is Sunday. */
export const weekdayAt = (now: EpochMs, zone: string): number => weekdayOf(dayAt(now, zone));

/** Two dates either way: daylight saving may push a roll-over beyond midnight. */
function around({ hour, minute, zone }: Rollover, now: EpochMs): readonly EpochMs[] {
  const today = dayAt(now, zone);
  return [-2, -1, 0, 1, 2].map((days) => instantOf(today + days, hour * 60 + minute, zone));
}
