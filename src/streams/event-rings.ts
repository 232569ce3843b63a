/**
 * A strategy's recent events: one sequence, bounded lanes. Putting never waits for a reader; what readers
 * get of it, and of what it has lost, is for `event-log.ts` to say.
 */
import type { Observable } from 'rxjs';
import type { Clock } from '../clock.ts';
import { TRADING_EVENT_TYPES, type EventBody, type EventFilter, type QktEvent } from '../domain/events.ts';
import type { EpochMs } from '../domain/time.ts';
import { EventOrder } from './event-order.ts';
import { EventRing, LANE_NAMES, laneOf, type Lane, type LaneName } from './lane.ts';
import { Notice } from './notice.ts';
import { TickRing } from './tick-ring.ts';
import type { Track } from './window.ts';

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

/** A place in the sequence up to which events may be shown. */
export interface HeldMark {
  readonly seq: number;
}

export class EventRings {
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

  /** Numbers go on above `last`, which an earlier run may have reached. Before the first event only. */
  goOnAfter(last: number): void {
    this.#last = last;
    for (const name of LANE_NAMES) this.lanes[name].lostSeq = last;
  }

  /**
   * What is appended from now on is shown to nobody until {@link release}: an event that money
   * depends on is announced only once it is on disk. Returns the mark to release to later.
   */
  hold(): HeldMark {
    const mark = { seq: this.#last };
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

  /** `journalSeq` of the last trading event that is not held any more, in this run or before. */
  lastEvicted(): number {
    const { trading } = this.#events;
    return trading.size === 0 ? this.#lastJournal : trading.eventAt(0).journalSeq! - 1;
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

  /** A lane as readers merge it with others; `wanted` says whether the filter lets any of its events through. */
  track(name: LaneName, wanted: boolean): Track {
    const lane = this.lanes[name];
    return {
      size: lane.size,
      lost: lane.lostSeq > 0 ? [{ from: 1, to: lane.lostSeq }] : [],
      wanted,
      numberAt: (index) => lane.seqAt(index),
      eventAt: (index) => lane.eventAt(index),
      orderAt: (index) => lane.orderAt(index),
    };
  }
}

/** Whether a filter lets any event of that lane through. */
export function wantsLane(filter: EventFilter, name: LaneName): boolean {
  if (filter.types === undefined) return true;
  for (const type of filter.types) if (laneOf(type) === name) return true;
  return false;
}
