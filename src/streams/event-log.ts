/**
 * A strategy's events as readers get them: from the rings, and trading events that the rings have lost from
 * the journal. A read is bounded whatever is asked for, so that no reader holds the others or the trader up.
 */
import type { Observable } from 'rxjs';
import { SEQUENCE } from '../domain/cursors.ts';
import type { EventFilter, EventPage, QktEvent } from '../domain/events.ts';
import type { EventSource } from '../domain/ports.ts';
import type { EventHistory } from './event-history.ts';
import { wantsLane, type EventRings } from './event-rings.ts';
import { LANE_NAMES } from './lane.ts';
import { readNewest, readWindow, type Slice, type Track } from './window.ts';

/** Journal rows read at once: a millisecond or two. */
const ROWS = 200;

export class EventLog implements EventSource<number> {
  readonly form = SEQUENCE;
  readonly rings: EventRings;
  readonly #history: EventHistory | undefined;

  /** @param history of the same strategy; without one, what the rings have lost is lost. */
  constructor(rings: EventRings, history?: EventHistory) {
    this.rings = rings;
    this.#history = history;
  }

  get changed$(): Observable<void> {
    return this.rings.changed$;
  }

  last(): number {
    return this.rings.last();
  }

  isAhead(cursor: number): boolean {
    return cursor > this.last();
  }

  read(since: number | undefined, filter: EventFilter): EventPage {
    const { placed, ...rest } = this.slice(since, filter);
    return { ...rest, items: placed.map(({ item }) => item) };
  }

  newest(filter: EventFilter): EventPage {
    const { placed, ...rest } = this.newestSlice(filter);
    return { ...rest, items: placed.map(({ item }) => item) };
  }

  /** As {@link newest}, with each item's place among those of other strategies. */
  newestSlice(filter: EventFilter): Slice {
    return readNewest(this.#tracks(filter), filter, this.rings.last());
  }

  /** As {@link read}, with each item's place among those of other strategies. */
  slice(since: number | undefined, filter: EventFilter): Slice {
    const last = this.rings.last();
    const { lostSeq } = this.rings.lanes.trading;
    const tracks = this.#tracks(filter);
    const trading = LANE_NAMES.indexOf('trading');
    const history = this.#history;
    if (history === undefined || since === undefined || since >= lostSeq || !tracks[trading]!.wanted)
      return readWindow(tracks, since, filter, last);
    const rows = history.after(since, ROWS).filter(({ seq }) => seq <= lostSeq && seq <= last);
    const cut = rows.length === ROWS;
    const end = cut ? rows.at(-1)!.seq : last;
    tracks[trading] = { ...tracks[trading]!, lost: history.missing(lostSeq, this.rings.lastEvicted()) };
    const slice = readWindow([pastTrack(rows), ...tracks], since, filter, end);
    return { ...slice, more: slice.more || cut };
  }

  #tracks(filter: EventFilter): Track[] {
    return LANE_NAMES.map((name) => this.rings.track(name, wantsLane(filter, name)));
  }
}

/** What comes from the journal has no place among other strategies' events any more: it comes first. */
function pastTrack(rows: readonly QktEvent[]): Track {
  return {
    size: rows.length,
    lost: [],
    wanted: true,
    numberAt: (index) => rows[index]!.seq,
    eventAt: (index) => rows[index]!,
    orderAt: () => 0,
  };
}
