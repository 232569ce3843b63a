/**
 * The daemon's own count over the events of all strategies. Each event takes its place in it when it
 * happens, so the merged stream has an exact order and nothing is copied for it.
 */
import type { Observable } from 'rxjs';
import type { Clock } from '../clock.ts';
import { Notice } from './notice.ts';

export class EventOrder {
  /** Highest number given. */
  last: number;
  readonly #notice: Notice;

  /** @param start first number to give; a daemon that goes on from an earlier run starts above that run's. */
  constructor(clock: Clock, start: number = 1) {
    this.last = start - 1;
    this.#notice = new Notice(clock);
  }

  /** Says that any of the strategies has something new; conflated. */
  get changed$(): Observable<void> {
    return this.#notice.changed$;
  }

  next(): number {
    this.#notice.touch();
    return ++this.last;
  }

  /** Something that was held back may be seen now. */
  announce(): void {
    this.#notice.touch();
  }
}
