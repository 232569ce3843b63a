/** Pending orders that are taken back: asked again and again until a look lacks them, less often where that is refused. */
import type { EpochMs } from '../../domain/time.ts';
import type { AccountContext } from './account-context.ts';
import { retryPause } from './retry-pause.ts';
import type { TradeAnswer } from './types.ts';

interface Attempts {
  readonly failed: number;
  /** Not before. */
  readonly at: EpochMs;
}

const NOT_FOUND = 404;

export class Cancels {
  readonly #context: AccountContext;
  /** Tickets whose answer is awaited. */
  readonly #underWay = new Set<number>();
  readonly #refused = new Map<number, Attempts>();

  constructor(context: AccountContext) {
    this.#context = context;
  }

  cancel(ticket: number): void {
    const { venue, send } = this.#context;
    const notBefore = this.#refused.get(ticket)?.at ?? -Infinity;
    if (this.#underWay.has(ticket) || !venue.isOpen() || venue.clock.now() < notBefore) return;
    this.#underWay.add(ticket);
    send({ kind: 'cancel', ticket });
  }

  /** Whatever the answer says, a look tells: at once where it may be gone. */
  answered(ticket: number, answer: TradeAnswer): void {
    const { venue, wake } = this.#context;
    this.#underWay.delete(ticket);
    if (answer.kind === 'done' || (answer.kind === 'refused' && answer.status === NOT_FOUND)) {
      this.#refused.delete(ticket);
      wake(0);
      return;
    }
    const failed = (this.#refused.get(ticket)?.failed ?? 0) + 1;
    const pauseMs = retryPause(failed);
    this.#refused.set(ticket, { failed, at: venue.clock.now() + pauseMs });
    wake(pauseMs);
  }
}
