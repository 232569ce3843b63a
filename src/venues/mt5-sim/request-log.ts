/** The last requests with their bodies, so that it can be told what a client has sent, and how often. */
import type { EpochMs } from '../../domain/time.ts';
import { keepLast } from './quote-history.ts';

export interface LoggedRequest {
  /** From 1, in the order of arrival. */
  readonly n: number;
  readonly at: EpochMs;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** `POST /order`; null when there is no such route. */
  readonly route: string | null;
  readonly requestId: string;
  readonly idempotencyKey: string | null;
  /** What was sent, as text; null: nothing. */
  readonly body: string | null;
  /** Null: not answered yet, or never. */
  readonly status: number | null;
}

const KEPT_REQUESTS = 2000;

export class RequestLog {
  readonly #requests: LoggedRequest[] = [];
  #next = 1;

  add(request: Omit<LoggedRequest, 'n' | 'status'>): number {
    keepLast(this.#requests, KEPT_REQUESTS);
    this.#requests.push({ n: this.#next, ...request, status: null });
    return this.#next++;
  }

  /** What came with the request, and what it was answered. */
  amend(n: number, change: Partial<Pick<LoggedRequest, 'body' | 'status'>>): void {
    const at = n - (this.#requests[0]?.n ?? 0);
    const request = this.#requests[at];
    if (request !== undefined) this.#requests[at] = { ...request, ...change };
  }

  /** How many there have been. */
  get total(): number {
    return this.#next - 1;
  }

  /** After that number, oldest first. */
  since(n: number): readonly LoggedRequest[] {
    return this.#requests.filter((request) => request.n > n);
  }
}
