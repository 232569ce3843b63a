/**
 * Journal first: what a turn has recorded is committed with the state that it led to, and is told
 * to others only once it is on disk. Turns are announced in the order in which they were committed.
 */
import type { QktEvent } from '../domain/events.ts';
import type { EventRings, HeldMark } from '../streams/event-rings.ts';

/** What a turn has left to be kept, all of it or nothing. */
export interface Turn {
  readonly events: readonly QktEvent[];
  /** Gives the whole recoverable state after it; asked for at once, or not at all. */
  readonly state: () => unknown;
  /** A halt is written even where the disk is full. */
  readonly urgent: boolean;
}

/** Where turns are kept. Nothing comes back where nothing has to be waited for (a bounded run). */
export interface TurnStore {
  commit(turn: Turn): { readonly synced: Promise<void> } | undefined;
}

/** Told to others once the turn is on disk; `durable` is false when it could not be written. */
export type Announcement = (durable: boolean) => void;

/** Called as a turn ends, for what must be of the same instant as its record: the view of it. */
export type AtTheEnd = () => Announcement;

interface Committed {
  readonly mark: HeldMark;
  readonly announcements: readonly Announcement[];
}

export class CommitQueue {
  readonly #store: TurnStore;
  readonly #state: () => unknown;
  readonly #rings: EventRings;
  readonly #underWay: Committed[] = [];
  #events: QktEvent[] = [];
  #announcements: Announcement[] = [];
  #mark: HeldMark | undefined;
  #urgent = false;
  #done = 0;
  #last: Promise<boolean> = Promise.resolve(true);
  #atTheEnd: AtTheEnd | undefined;

  /** @param state gives the whole recoverable state, as it is now. */
  constructor(store: TurnStore, rings: EventRings, state: () => unknown) {
    this.#store = store;
    this.#state = state;
    this.#rings = rings;
  }

  /** Has a last word in every turn. */
  onEnd(atTheEnd: AtTheEnd): void {
    this.#atTheEnd = atTheEnd;
  }

  /** What follows in this turn is told to nobody yet. The turn ends by itself when the code that runs now is done. */
  begin(): void {
    if (this.#mark !== undefined) return;
    this.#mark = this.#rings.hold();
    queueMicrotask(() => this.end());
  }

  /** An event of this turn, for the journal. */
  add(event: QktEvent): void {
    this.#events.push(event);
  }

  /** To be run once this turn is on disk. */
  announce(announcement: Announcement): void {
    this.#announcements.push(announcement);
  }

  /** This turn is a halt or a cancel: see {@link Turn}. */
  urgent(): void {
    this.#urgent = true;
  }

  /** Turns that are settled, on disk or not, and those that wait for it. */
  get backlog(): { readonly done: number; readonly waiting: number } {
    return { done: this.#done, waiting: this.#underWay.length };
  }

  /** Is there anything that is not on disk yet? */
  get pending(): boolean {
    return this.#mark !== undefined || this.#underWay.length > 0;
  }

  /** Ends the turn now: commits it, and announces it when it is on disk. */
  end(): void {
    const mark = this.#mark;
    if (mark === undefined) return;
    const last = this.#atTheEnd?.();
    const committed = {
      mark,
      announcements: last === undefined ? this.#announcements : [...this.#announcements, last],
    };
    const written = this.#store.commit({ events: this.#events, state: this.#state, urgent: this.#urgent });
    this.#events = [];
    this.#announcements = [];
    this.#mark = undefined;
    this.#urgent = false;
    this.#underWay.push(committed);
    if (written === undefined) {
      this.#told(true);
      return;
    }
    this.#last = written.synced.then(
      () => this.#told(true),
      () => this.#told(false),
    );
  }

  /** Ends the turn and waits until it is on disk; false when it could not be written. */
  settle(): Promise<boolean> {
    this.end();
    return this.#last;
  }

  #told(durable: boolean): boolean {
    const done = this.#underWay.shift()!;
    this.#done += 1;
    this.#rings.release(this.#underWay[0]?.mark ?? this.#mark);
    for (const announcement of done.announcements) announcement(durable);
    return durable;
  }
}
