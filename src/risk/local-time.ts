/** Days and times of day as clocks on the wall show them, as instants; the same answer whenever it is asked. */
import { IANAZone } from 'luxon';
import type { EpochMs } from '../domain/time.ts';

/** A calendar date as the number of days since 1970-01-01. */
export type DayNumber = number;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * The instant at which clocks in `zone` show `minute` (of the day) on that date. Shown twice
 * (clocks go back), it is the first; never shown (clocks go forward), it is as long after the jump
 * as it would have been.
 */
export function instantOf(day: DayNumber, minute: number, zone: string): EpochMs {
  const tz = IANAZone.create(zone);
  const asUtc = day * DAY_MS + minute * MINUTE_MS;
  const before = asUtc - tz.offset(asUtc - DAY_MS) * MINUTE_MS;
  if (tz.offset(before) * MINUTE_MS === asUtc - before) return before;
  const after = asUtc - tz.offset(asUtc + DAY_MS) * MINUTE_MS;
  return tz.offset(after) * MINUTE_MS === asUtc - after ? after : before;
}

/** The date that clocks in `zone` show. */
export function dayAt(instant: EpochMs, zone: string): DayNumber {
  return Math.floor((instant + IANAZone.create(zone).offset(instant) * MINUTE_MS) / DAY_MS);
}

/** `2026-12-25` as a number. */
export const dayOf = (date: string): DayNumber => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

/** 0 is Sunday. */
export const weekdayOf = (day: DayNumber): number => (((day + 4) % 7) + 7) % 7;
