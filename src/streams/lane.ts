/**
 * A lane is one bounded ring of events of a kind. Lanes are kept apart so that a flood of one kind
 * (ticks, bars) never pushes out another (fills); a reader sees them merged by number.
 */
import { TRADING_EVENT_TYPES, type EventType, type QktEvent } from '../domain/events.ts';

export const LANE_NAMES = ['trading', 'state', 'bar', 'tick'] as const;
export type LaneName = (typeof LANE_NAMES)[number];

/** Which lane holds events of that type. */
export function laneOf(type: EventType): LaneName {
  if (type === 'tick' || type === 'bar') return type;
  return TRADING_EVENT_TYPES.has(type) ? 'trading' : 'state';
}

/** Reading side of a ring; index 0 is the oldest event held. */
export interface Lane {
  readonly size: number;
  /** Highest number that was of this lane and is not held any more. */
  lostSeq: number;
  seqAt(index: number): number;
  /** Number in the daemon's order: one count over all strategies. */
  orderAt(index: number): number;
  eventAt(index: number): QktEvent;
}

/** A ring of whole events, for everything but ticks. */
export class EventRing implements Lane {
  readonly #capacity: number;
  readonly #events: QktEvent[] = [];
  readonly #orders: number[] = [];
  #next = 0;
  lostSeq: number;

  constructor(capacity: number, lostSeq: number) {
    this.#capacity = capacity;
    this.lostSeq = lostSeq;
  }

  get size(): number {
    return this.#events.length;
  }

  put(event: QktEvent, order: number): void {
    const slot = this.#next;
    if (this.#events.length === this.#capacity) this.lostSeq = this.#events[slot]!.seq;
    this.#events[slot] = event;
    this.#orders[slot] = order;
    this.#next = slot + 1 === this.#capacity ? 0 : slot + 1;
  }

  seqAt(index: number): number {
    return this.eventAt(index).seq;
  }

  orderAt(index: number): number {
    return this.#orders[this.#slot(index)]!;
  }

  eventAt(index: number): QktEvent {
    return this.#events[this.#slot(index)]!;
  }

  #slot(index: number): number {
    return this.#events.length < this.#capacity ? index : (this.#next + index) % this.#capacity;
  }
}
