/** What a gateway remembers of requests with a key: in memory, for an hour. */
import type { Clock } from '../../clock.ts';
import type { EpochMs } from '../../domain/time.ts';

export const IDEMPOTENCY_TTL_MS = 3_600_000;
/** The oldest is forgotten beyond this. */
const MOST_KEYS = 50_000;

interface Kept<Answer> {
  readonly body: string;
  readonly since: EpochMs;
  /** Absent while the first request runs. */
  readonly answer?: Answer;
}

export type KeyState<Answer> =
  | { readonly kind: 'new' }
  | { readonly kind: 'running' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'done'; readonly answer: Answer };

export class IdempotencyStore<Answer> {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept<Answer>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is known of the key; a new one is running from then on. @param body the request in one form */
  begin(key: string, body: string): KeyState<Answer> {
    const kept = this.#kept.get(key);
    const now = this.#clock.now();
    if (kept === undefined || (kept.answer !== undefined && now - kept.since >= IDEMPOTENCY_TTL_MS)) {
      this.#kept.delete(key);
      for (const oldest of this.#kept.keys()) if (this.#kept.size >= MOST_KEYS) this.#kept.delete(oldest);
      this.#kept.set(key, { body, since: now });
      return { kind: 'new' };
    }
    if (kept.body !== body) return { kind: 'conflict' };
    return kept.answer === undefined ? { kind: 'running' } : { kind: 'done', answer: kept.answer };
  }

  /** Keeps the answer to the request that runs under the key. */
  store(key: string, answer: Answer): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined) this.#kept.set(key, { ...kept, answer });
  }

  release(key: string): void {
    this.#kept.delete(key);
  }

  /** As when the gateway starts again. */
  forget(): void {
    this.#kept.clear();
  }
}
