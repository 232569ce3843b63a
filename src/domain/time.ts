/** Times and durations in the forms that people write and programs read. */

/** Epoch milliseconds, UTC. */
export type EpochMs = number;

/** ISO-8601 UTC with milliseconds: `2026-11-22T07:28:33.123Z`. */
export function iso(ms: EpochMs): string {
  return new Date(ms).toISOString();
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
