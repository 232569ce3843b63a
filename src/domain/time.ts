/** Times and durations in the forms that people write and programs read. */

/** Epoch milliseconds, UTC. */
export type EpochMs = number;

/** The second of the last text: times that are written one after the other mostly share it. */
let lastSecond = Number.NaN;
let textOfSecond = '';

/** ISO-8601 UTC with milliseconds: `2026-11-22T07:28:33.123Z`. @throws RangeError when it is no time */
export function iso(ms: EpochMs): string {
  const whole = Math.trunc(ms);
  const second = Math.floor(whole / 1000);
  if (second !== lastSecond) {
    textOfSecond = new Date(second * 1000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  return `${textOfSecond}${String(whole - second * 1000).padStart(3, '0')}Z`;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `250ms`, `1s`, `15m`, `8h`, `1d` as milliseconds; `undefined` when it is none of these or is not positive. */
export function parseDuration(text: string): number | undefined {
  const m = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (m === null) return undefined;
  const ms = Number(m[1]) * UNITS[m[2]!]!;
  return ms > 0 ? Math.round(ms) : undefined;
}

/** A bar length from `1s` to `1d` as milliseconds; `undefined` when it is none. */
export function parseBarLength(text: string): number | undefined {
  const ms = /^\d+[smhd]$/.test(text) ? parseDuration(text) : undefined;
  return ms !== undefined && ms >= 1000 && ms <= UNITS.d! ? ms : undefined;
}
