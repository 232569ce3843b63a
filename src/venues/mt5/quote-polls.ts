/**
 * Asks a gateway for quotes: each symbol that anybody follows once a period, all of them at the same
 * time, and one that is slow holds up no other. While a symbol's market is closed it is asked for rarely.
 */
import type { Cancel, Clock } from '../../clock.ts';
import type { Mt5Quote, Read } from './types.ts';

/** How often a symbol is asked for while its market is closed, in milliseconds. */
const CLOSED_EVERY_MS = 60_000;
/** Rounds without any quote after which the feed counts as gone. */
const FAILED_ROUNDS = 5;

export interface QuotePollsOptions {
  readonly clock: Clock;
  readonly pollMs: number;
  readonly ask: (symbol: string) => Promise<Read<Mt5Quote | undefined>>;
  readonly inSession: (symbol: string) => boolean;
  readonly take: (symbol: string, quote: Mt5Quote) => void;
  /** The feed is gone, and why; undefined: it is there again. */
  readonly lost: (reason: string | undefined) => void;
}

interface Poll {
  /** How many follow it. */
  followers: number;
  readonly since: number;
  /** On the monotonic clock; -Infinity before the first. */
  askedAt: number;
  isUnderWay: boolean;
}

export class QuotePolls {
  readonly #options: QuotePollsOptions;
  readonly #polls = new Map<string, Poll>();
  #timer: Cancel | undefined;
  /** Counts the times that it began: an answer to a question of before is nobody's. */
  #era = 0;
  /** What has come of the round under way so far. */
  #round = { answered: 0, failed: 0, reason: '' };
  #failedRounds = 0;

  constructor(options: QuotePollsOptions) {
    this.#options = options;
  }

  /** Symbols that somebody follows, and since when, on the monotonic clock. */
  followed(): readonly { readonly symbol: string; readonly since: number }[] {
    return [...this.#polls].map(([symbol, { since }]) => ({ symbol, since }));
  }

  /** Asks for it as long as somebody follows it. */
  follow(symbol: string): Cancel {
    const poll = this.#polls.get(symbol) ?? this.#newPoll();
    poll.followers += 1;
    this.#polls.set(symbol, poll);
    if (this.#timer !== undefined && poll.followers === 1) void this.#ask(symbol, poll);
    return () => {
      poll.followers -= 1;
      if (poll.followers === 0) this.#polls.delete(symbol);
    };
  }

  #newPoll(): Poll {
    return { followers: 0, since: this.#options.clock.monotonic(), askedAt: -Infinity, isUnderWay: false };
  }

  begin(): void {
    if (this.#timer !== undefined) return;
    this.#era += 1;
    for (const poll of this.#polls.values()) Object.assign(poll, { askedAt: -Infinity, isUnderWay: false });
    this.#timer = this.#options.clock.every(this.#options.pollMs, () => this.#next());
    this.#askAll();
  }

  rest(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#era += 1;
    this.#round = { answered: 0, failed: 0, reason: '' };
  }

  #next(): void {
    this.#judge();
    this.#askAll();
  }

  #askAll(): void {
    for (const [symbol, poll] of this.#polls) if (this.#isDue(symbol, poll)) void this.#ask(symbol, poll);
  }

  #isDue(symbol: string, { isUnderWay, askedAt }: Poll): boolean {
    if (isUnderWay) return false;
    return this.#options.inSession(symbol) || this.#options.clock.monotonic() - askedAt >= CLOSED_EVERY_MS;
  }

  async #ask(symbol: string, poll: Poll): Promise<void> {
    const era = this.#era;
    poll.isUnderWay = true;
    poll.askedAt = this.#options.clock.monotonic();
    const read = await this.#options.ask(symbol);
    if (era !== this.#era) return;
    poll.isUnderWay = false;
    if (!read.known) {
      this.#round = { ...this.#round, failed: this.#round.failed + 1, reason: read.reason };
      return;
    }
    this.#round.answered += 1;
    // A symbol that has never had a quote has none to give.
    if (read.value !== undefined && poll.followers > 0) this.#options.take(symbol, read.value);
  }

  /** One good answer is enough. */
  #judge(): void {
    const { answered, failed, reason } = this.#round;
    this.#round = { answered: 0, failed: 0, reason: '' };
    if (answered > 0) {
      if (this.#failedRounds >= FAILED_ROUNDS) this.#options.lost(undefined);
      this.#failedRounds = 0;
    } else if (failed > 0) {
      this.#failedRounds += 1;
      if (this.#failedRounds === FAILED_ROUNDS) this.#options.lost(reason);
    }
  }
}
