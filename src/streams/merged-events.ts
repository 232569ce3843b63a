/**
 * The events of all strategies and of the daemon as one stream (`/daemon/events`). `seq` is the
 * daemon's own count; each event keeps its strategy and `journalSeq`. Nothing is copied: a read
 * merges the strategies' rings, and each lane is bounded over all of them as it is for one.
 */
import type { Observable } from 'rxjs';
import type { EventFilter, EventPage } from '../domain/events.ts';
import type { EventSource } from '../domain/ports.ts';
import type { EventOrder } from './event-order.ts';
import { LANE_CAPACITY, wantsLane, type EventRings } from './event-rings.ts';
import { LANE_NAMES, type Lane, type LaneName } from './lane.ts';
import { readWindow, type Track } from './window.ts';

export class MergedEvents implements EventSource {
  readonly #order: EventOrder;
  readonly #capacity: number;
  readonly #sources = new Map<string, EventRings>();
  /** Per lane the highest number that went with a source that was removed. */
  readonly #gone: Record<LaneName, number>;

  /** @param order the count that all the sources were made with. */
  constructor(order: EventOrder, capacity: number = LANE_CAPACITY) {
    this.#order = order;
    this.#capacity = capacity;
    const before = order.last;
    this.#gone = { trading: before, state: before, bar: before, tick: before };
  }

  get changed$(): Observable<void> {
    return this.#order.changed$;
  }

  /** Highest number that a reader may see: nothing beyond what one of the sources holds back. */
  last(): number {
    let last = this.#order.last;
    for (const rings of this.#sources.values()) last = Math.min(last, rings.lastOrder() ?? last);
    return last;
  }

  /** Takes a source in; one of the same name that was there is replaced. */
  add(name: string, rings: EventRings): void {
    if (this.#sources.get(name) === rings) return;
    this.remove(name);
    this.#sources.set(name, rings);
  }

  /** Lets a source go; a reader that had not read all of it is told of a gap. */
  remove(name: string): void {
    const rings = this.#sources.get(name);
    if (rings === undefined) return;
    this.#sources.delete(name);
    for (const lane of LANE_NAMES) this.#gone[lane] = Math.max(this.#gone[lane], newest(rings.lanes[lane]));
  }

  read(since: number | undefined, filter: EventFilter): EventPage {
    const tracks = LANE_NAMES.flatMap((name) => this.#tracks(name, since ?? -Infinity, wantsLane(filter, name)));
    return readWindow(tracks, since, filter, this.last());
  }

  #tracks(name: LaneName, since: number, wanted: boolean): Track[] {
    const lanes = [...this.#sources.values()].map((rings) => rings.lanes[name]);
    const floor = this.#bound(lanes, since);
    const tracks = lanes.map((lane) => orderTrack(lane, Math.max(lane.lostOrder, floor), wanted));
    return [...tracks, { ...NOTHING, lost: this.#gone[name], wanted }];
  }

  /** The number up to which events are left out so that the lane, over all sources, keeps its bound. */
  #bound(lanes: readonly Lane[], since: number): number {
    const numbers: number[] = [];
    for (const lane of lanes)
      for (let index = lane.size - 1; index >= 0 && lane.orderAt(index) > since; index--)
        numbers.push(lane.orderAt(index));
    if (numbers.length <= this.#capacity) return -Infinity;
    return Float64Array.from(numbers).toSorted()[numbers.length - this.#capacity - 1]!;
  }
}

const NOTHING = {
  size: 0,
  numberAt: (): never => {
    throw new RangeError('holds nothing');
  },
  eventAt: (): never => {
    throw new RangeError('holds nothing');
  },
};

function newest(lane: Lane): number {
  return lane.size === 0 ? lane.lostOrder : lane.orderAt(lane.size - 1);
}

function orderTrack(lane: Lane, lost: number, wanted: boolean): Track {
  return {
    size: lane.size,
    lost,
    wanted,
    numberAt: (index) => lane.orderAt(index),
    eventAt: (index) => lane.eventAt(index),
  };
}
