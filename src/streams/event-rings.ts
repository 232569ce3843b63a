/**
 * A strategy's recent events: one sequence, bounded lanes, read by cursor. Putting never waits for
 * a reader; a reader that falls behind finds a gap.
 */
import type { Observable } from 'rxjs';
import type { Clock } from '../clock.ts';
import {
  TRADING_EVENT_TYPES,
  type EventBody,
  type EventFilter,
  type EventPage,
  type QktEvent,
} from '../domain/events.ts';
import type { EventSource } from '../domain/ports.ts';
import type { EpochMs } from '../domain/time.ts';
import { EventOrder } from './event-order.ts';
import { EventRing, LANE_NAMES, laneOf, type Lane, type LaneName } from './lane.ts';
import { Notice } from './notice.ts';
import { TickRing } from './tick-ring.ts';
import { readWindow, type Track } from './window.ts';

/** Events that each lane holds. */
export const LANE_CAPACITY = 1000;

export interface EventRingsOptions {
  readonly strategy: string;
  /** The wall clock: notices are for readers, whatever time the strategy lives in. */
  readonly clock: Clock;
  /** First sequence number to give; above 1 when the strategy goes on from an earlier run. */
  readonly start?: number;
  /** First `journalSeq` to give. */
  readonly journalStart?: number;
  /** The daemon's count, when the strategy is part of a daemon. */
  readonly order?: EventOrder;
  readonly capacity?: number;
}

/** A place in the sequence, and in the daemon's count, up to which events may be shown. */
export interface HeldMark {
  readonly seq: number;
  readonly order: number;
}

export class EventRings implements EventSource {
  readonly lanes: Readonly<Record<LaneName, Lane>>;
  readonly #strategy: string;
  readonly #order: EventOrder;
  readonly #notice: Notice;
  readonly #events: Readonly<Record<Exclude<LaneName, 'tick'>, EventRing>>;
  readonly #ticks: TickRing;
  #last: number;
  #held: HeldMark | undefined;
  #lastJournal: number;

  /** @throws RangeError when the capacity is not a positive whole number. */
  constructor(options: EventRingsOptions) {
    const { strategy, clock, start = 1, journalStart = 1, capacity = LANE_CAPACITY } = options;
    if (!Number.isSafeInteger(capacity) || capacity <= 0)
      throw new RangeError(`an event ring holds at least one event, not ${capacity}`);
    this.#strategy = strategy;
    this.#order = options.order ?? new EventOrder(clock);
    this.#notice = new Notice(clock);
    this.#last = start - 1;
    this.#lastJournal = journalStart - 1;
    // What an earlier run gave is not held: a reader that comes back with its old cursor is told so.
    const lost = start - 1;
    const ring = (): EventRing => new EventRing(capacity, lost);
    this.#events = { trading: ring(), state: ring(), bar: ring() };
    this.#ticks = new TickRing(strategy, capacity, lost);
    this.lanes = { ...this.#events, tick: this.#ticks };
  }

  get changed$(): Observable<void> {
    return this.#notice.changed$;
  }

  /** Highest number that a reader may see: what is held back is not counted. */
  last(): number {
    return this.#held?.seq ?? this.#last;
  }

  /** Highest number given so far, held back or not. */
  given(): number {
    return this.#last;
  }

  /** The same in the daemon's count; undefined while nothing is held back. */
  lastOrder(): number | undefined {
    return this.#held?.order;
  }

  /**
   * What is appended from now on is shown to nobody until {@link release}: an event that money
   * depends on is announced only once it is on disk. Returns the mark to release to later.
   */
  hold(): HeldMark {
    const mark = { seq: this.#last, order: this.#order.last };
    this.#held ??= mark;
    return mark;
  }

  /** Shows everything up to `mark` (all, without one). */
  release(mark?: HeldMark): void {
    this.#held = mark;
    this.#notice.touch();
    this.#order.announce();
  }

  /** Highest `journalSeq` given so far. */
  lastJournal(): number {
    return this.#lastJournal;
  }

  /** Takes a quote into the sequence; allocates nothing. */
  tick(ts: EpochMs, symbol: string, bid: number, ask: number): void {
    this.#ticks.put(++this.#last, this.#order.next(), ts, symbol, bid, ask);
    this.#notice.touch();
  }

  /** Gives an event its place in the sequence (and in the journal's, where money depends on it) and keeps it. */
  append(body: EventBody, ts: EpochMs): QktEvent {
    const seq = ++this.#last;
    const journalSeq = TRADING_EVENT_TYPES.has(body.type) ? { journalSeq: ++this.#lastJournal } : {};
    const event: QktEvent = { seq, ...journalSeq, ts, strategy: this.#strategy, ...body };
    const lane = laneOf(body.type);
    const order = this.#order.next();
    if (body.type === 'tick') this.#ticks.put(seq, order, ts, body.symbol, body.bid, body.ask);
    else if (lane !== 'tick') this.#events[lane].put(event, order);
    this.#notice.touch();
    return event;
  }

  read(since: number | undefined, filter: EventFilter): EventPage {
    const tracks = LANE_NAMES.map((name) => trackOf(this.lanes[name], wantsLane(filter, name)));
    return readWindow(tracks, since, filter, this.last());
  }
}

/** Whether a filter lets any event of that lane through. */
export function wantsLane(filter: EventFilter, name: LaneName): boolean {
  if (filter.types === undefined) return true;
  for (const type of filter.types) if (laneOf(type) === name) return true;
  return false;
}

function trackOf(lane: Lane, wanted: boolean): Track {
  return {
    size: lane.size,
    lost: lane.lostSeq,
    wanted,
    numberAt: (index) => lane.seqAt(index),
    eventAt: (index) => lane.eventAt(index),
  };
}
