/**
 * A count over the events of all strategies of this run. Each event takes its place in it when it happens, so
 * that they can be merged in that order; readers never see it.
 */
import type { Observable } from 'rxjs';
import type { Clock } from '../clock.ts';
import { Notice } from './notice.ts';

export class EventOrder {
  #last = 0;
  readonly #notice: Notice;

  constructor(clock: Clock) {
    this.#notice = new Notice(clock);
  }

  /** Says that any of the strategies has something new; conflated. */
  get changed$(): Observable<void> {
    return this.#notice.changed$;
  }

  next(): number {
    this.#notice.touch();
    return ++this.#last;
  }

  /** Something that was held back may be seen now. */
  announce(): void {
    this.#notice.touch();
  }
}
