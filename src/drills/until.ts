/** Waiting for something to become true, with an end. */
import type { Clock } from '../clock.ts';

export interface Patience {
  readonly clock: Clock;
  /** Ends the wait with the signal's reason. */
  readonly signal: AbortSignal;
  readonly withinMs: number;
}

const LOOK_EVERY_MS = 5;

/** Looks until it is true. @returns whether it was in time */
export async function until({ clock, signal, withinMs }: Patience, isTrue: () => boolean): Promise<boolean> {
  const deadline = clock.monotonic() + withinMs;
  while (!isTrue()) {
    signal.throwIfAborted();
    if (clock.monotonic() > deadline) return false;
    await pause(clock, LOOK_EVERY_MS);
  }
  return true;
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.now() + ms, resolve));
}
