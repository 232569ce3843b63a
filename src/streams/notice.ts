/** "There is something new", said at most once in a while, and at no cost when nobody listens. */
import { Subject, type Observable } from 'rxjs';
import type { Clock } from '../clock.ts';

/** A reader may learn of an event this much later (milliseconds); a thousand events in it are one notice. */
const CONFLATE_MS = 20;

export class Notice {
  readonly changed$: Observable<void>;
  readonly #clock: Clock;
  readonly #subject = new Subject<void>();
  #armed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.changed$ = this.#subject.asObservable();
  }

  /** Called for every event, on the hot path. */
  touch(): void {
    if (this.#armed || !this.#subject.observed) return;
    this.#armed = true;
    this.#clock.at(this.#clock.now() + CONFLATE_MS, () => {
      this.#armed = false;
      this.#subject.next();
    });
  }
}
