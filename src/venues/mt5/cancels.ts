/** Pending orders that are taken back: asked again and again until a look lacks them, less and less often. */
import type { EpochMs } from '../../domain/time.ts';
import type { AccountContext, Look } from './account-context.ts';
import { retryPause } from './retry-pause.ts';
import type { TradeAnswer } from './types.ts';

interface Attempts {
  readonly made: number;
  /** Not before. */
  readonly at: EpochMs;
}

const NOT_FOUND = 404;

export class Cancels {
  readonly #context: AccountContext;
  /** Tickets whose answer is awaited. */
  readonly #underWay = new Set<number>();
  readonly #attempts = new Map<number, Attempts>();

  constructor(context: AccountContext) {
    this.#context = context;
  }

  cancel(ticket: number): void {
    const { venue, send } = this.#context;
    const notBefore = this.#attempts.get(ticket)?.at ?? -Infinity;
    if (this.#underWay.has(ticket) || !venue.isOpen() || venue.clock.now() < notBefore) return;
    this.#underWay.add(ticket);
    send({ kind: 'cancel', ticket });
  }

  /** Whatever the answer says, a look tells: at once where it may be gone. */
  answered(ticket: number, answer: TradeAnswer): void {
    const { venue, wake } = this.#context;
    this.#underWay.delete(ticket);
    const made = (this.#attempts.get(ticket)?.made ?? 0) + 1;
    const mayBeGone = answer.kind === 'done' || (answer.kind === 'refused' && answer.status === NOT_FOUND);
    // One that is said to be done and is still there is asked for less often as well.
    const pauseMs = mayBeGone && made < 2 ? 0 : retryPause(made);
    this.#attempts.set(ticket, { made, at: venue.clock.now() + pauseMs });
    wake(mayBeGone ? 0 : pauseMs);
  }

  /** Those that are gone need not be remembered. */
  settle({ orders }: Look): void {
    for (const ticket of this.#attempts.keys())
      if (!orders.some((order) => order.ticket === ticket)) this.#attempts.delete(ticket);
  }
}
