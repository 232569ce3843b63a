/** Where an author's code runs, as the main thread sees it: a thread of its own, or inline. */
import type { Observable } from 'rxjs';
import type { GuestFailure } from './guest-failure.ts';
import type { CallbackName, FromGuest, ToGuest, WireDefinition, WireItem, WireState } from './protocol.ts';

export type CreateMessage = Omit<Extract<ToGuest, { kind: 'create' }>, 'kind'>;

/** What a turn came to. Items after `consumed` have not been seen: send them again once the intents are applied. */
export type TurnResult = Omit<Extract<FromGuest, { kind: 'done' }>, 'kind' | 'id'>;

/**
 * One strategy's code. The order is `load`, `create`, then turns, one at a time; each throws or
 * rejects with a {@link GuestFailure} when the author's code fails, after which the run is over:
 * `terminate` it.
 */
export interface GuestHost {
  load(moduleUrl: string): Promise<WireDefinition>;
  /** Gives the callbacks that the author wrote: what is not wanted need not be sent. */
  create(message: CreateMessage): Promise<readonly CallbackName[]>;
  /** A thread answers later; inline the result is there at once. */
  turn(items: readonly WireItem[], state?: WireState): TurnResult | Promise<TurnResult>;
  /** Ends it at once, whatever it is doing; never waits. What was being asked rejects. Idempotent. */
  terminate(): void;
  /** Failures that no call was there to report: unhandled rejections, throws in the author's own timers, the thread's end. Replays the last one. */
  readonly failures$: Observable<GuestFailure>;
  /** Share of time since the last call of this that the code was busy, 0 to 1. 1 while it does not answer: it spins. Inline: 0. */
  utilization(): number;
}
