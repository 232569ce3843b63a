/**
 * The events of all strategies and of the daemon as one stream (`/daemon/events`). Every event keeps the number
 * of its own strategy, and a cursor has a place in each. A read merges what each strategy's log gives; nothing is
 * copied. Within a strategy events are in order; between strategies in the order in which they happened, as far as
 * they have become visible.
 */
import type { Observable } from 'rxjs';
import { POSITIONS, type Positions } from '../domain/cursors.ts';
import { isGap, type EventFilter, type EventItem, type EventPage } from '../domain/events.ts';
import type { EventSource } from '../domain/ports.ts';
import type { EventLog } from './event-log.ts';
import type { EventOrder } from './event-order.ts';
import type { Placed, Slice } from './window.ts';

/** Places of strategies that are not here, in one cursor; the oldest go first. As text they must fit into a request. */
const MOST_DEPARTED = 200;

/** What a read has of one strategy, and how much of it has been taken. */
interface Strand {
  readonly name: string;
  readonly slice: Slice;
  taken: number;
  place: number;
}

export class MergedEvents implements EventSource<Positions> {
  readonly form = POSITIONS;
  readonly #order: EventOrder;
  readonly #departed: (name: string) => EventLog | undefined;
  readonly #logs = new Map<string, EventLog>();
  /** Where the events of those end that are not here. */
  readonly #ends = new Map<string, number>();

  /**
   * @param order that all the logs were made with.
   * @param departed what is left of a strategy that is not here: a cursor may still name it.
   */
  constructor(order: EventOrder, departed: (name: string) => EventLog | undefined = () => undefined) {
    this.#order = order;
    this.#departed = departed;
  }

  get changed$(): Observable<void> {
    return this.#order.changed$;
  }

  /** Takes a log in; one of the same name that was there is replaced. */
  add(name: string, log: EventLog): void {
    this.#logs.set(name, log);
    this.#ends.delete(name);
    this.#order.announce();
  }

  /** Lets a log go; what a cursor that names it has not read is asked of `departed`. */
  remove(name: string): void {
    this.#logs.delete(name);
  }

  isAhead(positions: Positions): boolean {
    return [...positions].some(([name, seq]) => this.#logs.get(name)?.isAhead(seq) ?? false);
  }

  read(since: Positions | undefined, filter: EventFilter): EventPage<Positions> {
    const strands = [...this.#logsFor(since)].map(([name, log]): Strand => {
      const from = since === undefined ? undefined : (since.get(name) ?? 0);
      const slice = log.slice(from, filter);
      return { name, slice, taken: 0, place: slice.from };
    });
    const from = new Map([...(since ?? []), ...strands.map(({ name, place }) => [name, place] as const)]);
    const items = merge(strands, filter.limit);
    const next = new Map(from);
    let more = false;
    for (const strand of strands) {
      const { name, slice, taken } = strand;
      const left = taken < slice.placed.length;
      const end = left ? strand.place : slice.next;
      more ||= left || slice.more;
      // One that is not here may come: recovered, or deployed again. Without its place it would be read anew.
      next.set(name, end);
      if (!this.#logs.has(name) && !left && !slice.more) this.#ends.set(name, end);
    }
    this.#forgetOldest(next);
    return { from, items, next, more };
  }

  newest(filter: EventFilter): EventPage<Positions> {
    const slices = [...this.#logs].map(([name, log]) => ({ name, slice: log.newestSlice(filter) }));
    const placed = slices.flatMap(({ slice }) => slice.placed).toSorted((a, b) => a.order - b.order);
    return {
      from: new Map(slices.map(({ name, slice }) => [name, slice.from])),
      items: placed.slice(Math.max(0, placed.length - filter.limit)).map(({ item }) => item),
      next: new Map(slices.map(({ name, slice }) => [name, slice.next])),
      more: false,
    };
  }

  #forgetOldest(positions: Map<string, number>): void {
    const departed = [...positions.keys()].filter((name) => !this.#logs.has(name));
    for (const name of departed.slice(0, Math.max(0, departed.length - MOST_DEPARTED))) positions.delete(name);
  }

  *#logsFor(since: Positions | undefined): Generator<readonly [string, EventLog]> {
    yield* this.#logs;
    for (const [name, seq] of since ?? []) {
      const isRead = this.#logs.has(name) || seq >= (this.#ends.get(name) ?? Infinity);
      const log = isRead ? undefined : this.#departed(name);
      if (log !== undefined) yield [name, log];
    }
  }
}

/** Takes items of the strands, by their order, until there are as many events as the limit says. */
function merge(strands: readonly Strand[], limit: number): EventItem[] {
  const items: EventItem[] = [];
  for (let events = 0; ;) {
    const strand = foremost(strands);
    if (strand === undefined) return items;
    const { item } = strand.slice.placed[strand.taken]!;
    if (!isGap(item) && ++events > limit) return items;
    items.push(isGap(item) ? { ...item, strategy: strand.name } : item);
    strand.taken += 1;
    strand.place = isGap(item) ? item.to : item.seq;
  }
}

function foremost(strands: readonly Strand[]): Strand | undefined {
  let found: Strand | undefined;
  let best: Placed | undefined;
  for (const strand of strands) {
    const head = strand.slice.placed[strand.taken];
    if (head === undefined || (best !== undefined && !isBefore(head, best))) continue;
    [found, best] = [strand, head];
  }
  return found;
}

/** What comes from the journals is merged by time. */
function isBefore(a: Placed, b: Placed): boolean {
  if (a.order !== b.order) return a.order < b.order;
  const at = ({ item }: Placed): number => (isGap(item) ? -Infinity : item.ts);
  return at(a) < at(b);
}
