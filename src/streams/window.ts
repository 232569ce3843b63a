/**
 * Reads several lanes as one list. Loss is never silent: a number that a page does not deliver was
 * filtered out, or lies in the page's gap.
 *
 * A gap says "between these numbers not everything is here": lanes lose at different rates, so
 * events of a slow lane (fills) may still be delivered from inside the gap of a fast one (ticks).
 */
import type { EventFilter, EventPage, Gap, QktEvent } from '../domain/events.ts';

/** A lane as a window sees it: ascending numbers, all above `lost`, up to which nothing is vouched for. */
export interface Track {
  readonly size: number;
  readonly lost: number;
  /** False when the filter leaves out every event of this lane: what it lost then does not matter. */
  readonly wanted: boolean;
  numberAt(index: number): number;
  eventAt(index: number): QktEvent;
}

/**
 * Events numbered above `since`, oldest first (all that is held when it is undefined).
 * @param last highest number that may be shown; events above it are not there yet.
 */
export function readWindow(
  tracks: readonly Track[],
  since: number | undefined,
  filter: EventFilter,
  last: number,
): EventPage {
  const from = since ?? oldestWanted(tracks, last) - 1;
  const { events, cutAt } = deliver(tracks, from, last, filter);
  const next = cutAt ?? Math.max(last, from);
  const gap = gapBetween(tracks, from, next, since === undefined);
  return { ...(gap === undefined ? {} : { gap }), events, next };
}

function deliver(tracks: readonly Track[], from: number, last: number, filter: EventFilter) {
  const places: { readonly number: number; readonly track: Track; readonly index: number }[] = [];
  for (const track of tracks) {
    if (!track.wanted) continue;
    for (let index = firstAbove(track, from); index < track.size && track.numberAt(index) <= last; index++)
      places.push({ number: track.numberAt(index), track, index });
  }
  places.sort((a, b) => a.number - b.number);

  const events: QktEvent[] = [];
  for (const { number, track, index } of places) {
    const event = track.eventAt(index);
    if (filter.types !== undefined && !filter.types.has(event.type)) continue;
    if (events.length >= filter.limit) return { events, cutAt: events.at(-1)?.seq ?? from };
    events.push(event.seq === number ? event : { ...event, seq: number });
  }
  return { events, cutAt: undefined };
}

/** The gap in `(from, to]` that wanted lanes leave; `undefined` when every number there is held or was filtered out. */
function gapBetween(tracks: readonly Track[], from: number, to: number, tight: boolean): Gap | undefined {
  let lost = -Infinity;
  for (const track of tracks) if (track.wanted) lost = Math.max(lost, track.lost);
  const end = Math.min(lost, to);
  if (end <= from || heldBetween(tracks, from, end) === end - from) return undefined;
  // A reader with a cursor is told from its cursor on; one without gets its first hole.
  return { from: tight ? firstMissing(tracks, from, end) : from + 1, to: end };
}

function oldestWanted(tracks: readonly Track[], last: number): number {
  let oldest = last + 1;
  for (const track of tracks) {
    const index = firstAbove(track, -Infinity);
    if (track.wanted && index < track.size) oldest = Math.min(oldest, track.numberAt(index));
  }
  return oldest;
}

function heldBetween(tracks: readonly Track[], from: number, to: number): number {
  let held = 0;
  for (const track of tracks) held += Math.max(0, firstAbove(track, to) - firstAbove(track, from));
  return held;
}

function firstMissing(tracks: readonly Track[], from: number, to: number): number {
  let low = from + 1;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (heldBetween(tracks, from, middle) < middle - from) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Index of the first event that is vouched for and numbered above `number`. */
function firstAbove(track: Track, number: number): number {
  const bound = Math.max(number, track.lost);
  let low = 0;
  let high = track.size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (track.numberAt(middle) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
