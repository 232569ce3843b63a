/** Figures in words: durations, ages, quantities that may be unknown. */

/** A duration as a person says it: `850 ms`, `42s`, `13m 32s`, `5h 07m`, `3d 4h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m ${two(seconds % 60)}s`;
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** The same with tenths of a second below ten: what is compared with a limit. */
export function fineDuration(ms: number): string {
  return ms < 1000 || ms >= 10_000 ? duration(ms) : `${Math.floor(ms / 100) / 10}s`;
}

/** How long ago an ISO time was, seen from `now`. */
export function ago(isoTime: string, now: number): string {
  const age = now - Date.parse(isoTime);
  return age < 1000 ? 'just now' : `${duration(age)} ago`;
}

/** An unknown figure is said to be unknown, never shown as zero. */
export const orUnknown = (figure: string | null | undefined): string => figure ?? 'unknown';

export { plural } from '../domain/plural.ts';

const two = (n: number): string => String(n).padStart(2, '0');
