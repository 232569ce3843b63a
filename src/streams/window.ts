/**
 * Reads several tracks of numbered events as one list. Loss is never silent: a number that a page does
 * not deliver was filtered out, or lies in one of the page's gaps; and a gap holds nothing that is delivered.
 */
import type { EventFilter, EventItem, Gap, QktEvent } from '../domain/events.ts';

/** Numbers of which some may be missing, both included. */
export interface Zone {
  readonly from: number;
  readonly to: number;
}

/** Events of some kind with ascending numbers. */
export interface Track {
  readonly size: number;
  /** Where events of this kind may be missing; everywhere else all of them are here. */
  readonly lost: readonly Zone[];
  /** False when the filter leaves out every event of this kind: what it lost does not matter then. */
  readonly wanted: boolean;
  numberAt(index: number): number;
  eventAt(index: number): QktEvent;
  /** Place among the events of all strategies. */
  orderAt(index: number): number;
}

/** An item, and its place among those of other strategies. */
export interface Placed {
  readonly order: number;
  readonly item: EventItem;
}

export interface Slice {
  /** Number before the first that it accounts for. */
  readonly from: number;
  readonly placed: readonly Placed[];
  readonly next: number;
  /** The limit was reached before the end. */
  readonly more: boolean;
}

/**
 * Events numbered above `since` and up to `last`, oldest first (all that is held when it is undefined), each
 * gap before what follows it.
 */
export function readWindow(
  tracks: readonly Track[],
  since: number | undefined,
  filter: EventFilter,
  last: number,
): Slice {
  const from = since ?? oldestWanted(tracks, last) - 1;
  const zones = tracks.flatMap(({ wanted, lost }) => (wanted ? lost : []));
  // Where nothing is missing, what is filtered out bounds no gap: a follower of fills does not walk all ticks.
  const walked = zones.some(({ to }) => to > from) ? tracks : tracks.filter(({ wanted }) => wanted);
  const placed: Placed[] = [];
  let taken = 0;
  let covered = from;
  let next = from;
  let gap: Gap | undefined;
  for (const { number, track, index } of ascending(walked, from, last)) {
    gap = grown(gap, zones, covered + 1, number - 1);
    covered = number;
    const event = track.wanted ? passing(track.eventAt(index), filter) : undefined;
    if (event === undefined) continue;
    if (taken >= filter.limit) return { from, placed, next, more: true };
    const order = track.orderAt(index);
    if (gap !== undefined) placed.push({ order, item: gap });
    placed.push({ order, item: event });
    gap = undefined;
    taken += 1;
    next = number;
  }
  gap = grown(gap, zones, covered + 1, last);
  if (gap !== undefined) placed.push({ order: Infinity, item: gap });
  return { from, placed, next: Math.max(last, from), more: false };
}

/** The last events up to `last`, as many as the limit says, oldest first; what is missing before them is not told. */
export function readNewest(tracks: readonly Track[], filter: EventFilter, last: number): Slice {
  const walked = tracks.filter(({ wanted }) => wanted);
  const heads = walked.map((track) => firstAbove(track, last));
  const numberBefore = (i: number): number => (heads[i]! > 0 ? walked[i]!.numberAt(heads[i]! - 1) : -Infinity);
  const placed: Placed[] = [];
  let from = last;
  while (placed.length < filter.limit) {
    const highest = heads.reduce((best, _, i) => (numberBefore(i) > numberBefore(best) ? i : best), 0);
    if (walked.length === 0 || heads[highest] === 0) break;
    const track = walked[highest]!;
    const index = --heads[highest]!;
    const event = passing(track.eventAt(index), filter);
    if (event === undefined) continue;
    placed.push({ order: track.orderAt(index), item: event });
    from = event.seq - 1;
  }
  return { from, placed: placed.toReversed(), next: last, more: false };
}

function passing(event: QktEvent, { types, symbols }: EventFilter): QktEvent | undefined {
  if (types !== undefined && !types.has(event.type)) return undefined;
  if (symbols !== undefined && !('symbol' in event && symbols.has(event.symbol))) return undefined;
  return event;
}

/** The gap with what may be missing between two numbers, both included. */
function grown(gap: Gap | undefined, zones: readonly Zone[], from: number, to: number): Gap | undefined {
  let first = Infinity;
  let last = -Infinity;
  for (const zone of zones) {
    const low = Math.max(from, zone.from);
    const high = Math.min(to, zone.to);
    if (low > high) continue;
    first = Math.min(first, low);
    last = Math.max(last, high);
  }
  return first > last ? gap : { type: 'gap', from: gap?.from ?? first, to: last };
}

interface Place {
  readonly number: number;
  readonly track: Track;
  readonly index: number;
}

/** Every event that is here, wanted or not, by number. */
function* ascending(tracks: readonly Track[], from: number, last: number): Generator<Place> {
  const heads = tracks.map((track) => firstAbove(track, from));
  for (;;) {
    let lowest = last + 1;
    let chosen = -1;
    for (let i = 0; i < tracks.length; i++) {
      const { size } = tracks[i]!;
      const number = heads[i]! < size ? tracks[i]!.numberAt(heads[i]!) : Infinity;
      if (number < lowest) [lowest, chosen] = [number, i];
    }
    if (chosen < 0) return;
    yield { number: lowest, track: tracks[chosen]!, index: heads[chosen]!++ };
  }
}

function oldestWanted(tracks: readonly Track[], last: number): number {
  let oldest = last + 1;
  for (const track of tracks) if (track.wanted && track.size > 0) oldest = Math.min(oldest, track.numberAt(0));
  return oldest;
}

/** Index of the first event numbered above `number`. */
function firstAbove(track: Track, number: number): number {
  let low = 0;
  let high = track.size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (track.numberAt(middle) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
