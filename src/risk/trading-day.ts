/** The trading day: when it rolls over, in the zone that the configuration names. */
import { DateTime, IANAZone } from 'luxon';
import type { EpochMs } from '../domain/time.ts';

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

/** The first roll-over after `now`; daylight saving is the zone's. */
export function nextRollover({ hour, minute, zone }: Rollover, now: EpochMs): EpochMs {
  const local = DateTime.fromMillis(now, { zone });
  const on = (day: DateTime): EpochMs => day.set({ hour, minute, second: 0, millisecond: 0 }).toMillis();
  const today = on(local);
  // The time of day is set on each date by itself: one that daylight saving moves today is itself again tomorrow.
  return today > now ? today : on(local.plus({ days: 1 }));
}

/** The next moment after `now` when the clock in `zone` shows `HH:MM`. */
export function nextTimeOfDay(at: string, zone: string, now: EpochMs): EpochMs {
  const [hour, minute] = at.split(':').map(Number);
  return nextRollover({ hour: hour!, minute: minute!, zone }, now);
}
