/** Requests to one gateway: how many at once, how long each may take, which are repeated. Nothing throws. */
import type { Clock } from '../../clock.ts';
import { RequestSlots } from './request-slots.ts';
import { MOST_CONNECTIONS, type HttpAnswer, type HttpRequest, type Transport } from './transport.ts';

export type Reply =
  | ({ readonly answered: true } & HttpAnswer)
  /** `sent` false: it certainly never left. */
  | { readonly answered: false; readonly sent: boolean; readonly reason: string };

export interface Asked {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly transport: Transport;
  /** Sent as a bearer; empty or absent: none. */
  readonly apiKey?: string;
  /** Begins every request id. */
  readonly name: string;
}

const TIMEOUT_MS = 5000;
const RETRIES = 3;
const RETRY_STEP_MS = 200;

export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #slots: RequestSlots;
  readonly #idPrefix: string;
  #requests = 0;
  #closed = false;
  /** Ends those that are under way. */
  readonly #underWay = new Set<(reason: string) => void>();
  /** Ends waits before a retry. */
  readonly #resting = new Set<() => void>();

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#slots = new RequestSlots(options.clock, MOST_CONNECTIONS, TIMEOUT_MS);
    this.#idPrefix = `${options.name}-${options.clock.now().toString(36)}`;
  }

  /** Requests made so far, each repetition counted. */
  get requests(): number {
    return this.#requests;
  }

  /** A read. One that failed on its way or with 5xx is asked again, three times at most. */
  async read(path: string): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.once({ method: 'GET', path });
      const failed = !reply.answered || reply.status >= 500;
      if (!failed || attempt > RETRIES || this.#closed) return reply;
      await this.#rest(RETRY_STEP_MS * attempt);
    }
  }

  /** Exactly one request, or none. */
  async once(asked: Asked): Promise<Reply> {
    if (this.#closed || !(await this.#slots.take(asked.method !== 'GET'))) {
      const reason = this.#closed ? 'the client is closed' : `too many requests: no turn within ${TIMEOUT_MS} ms`;
      return { answered: false, sent: false, reason };
    }
    try {
      return await this.#send(asked);
    } finally {
      this.#slots.release();
    }
  }

  /** Cuts off what is under way, then the connections. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#slots.turnAway();
    for (const stop of this.#underWay) stop('the client was closed');
    for (const wake of this.#resting) wake();
    await this.#options.transport.close();
  }

  #send({ method, path, body, headers }: Asked): Promise<Reply> {
    const { clock, transport } = this.#options;
    const abort = new AbortController();
    const request: HttpRequest = {
      method,
      path,
      headers: { ...this.#headers(body !== undefined), ...headers },
      signal: abort.signal,
      ...(body !== undefined && { body }),
    };
    return new Promise((resolve) => {
      const finish = (reply: Reply): void => {
        cancel();
        this.#underWay.delete(stop);
        resolve(reply);
      };
      // Whoever waits is told at once: a transport may take its time to let go.
      const stop = (reason: string): void => {
        finish({ answered: false, sent: true, reason });
        abort.abort();
      };
      const cancel = clock.at(clock.now() + TIMEOUT_MS, () => stop(`no answer within ${TIMEOUT_MS} ms`));
      this.#underWay.add(stop);
      void sent(transport, request).then(finish);
    });
  }

  #headers(hasBody: boolean): Record<string, string> {
    const { apiKey = '' } = this.#options;
    this.#requests += 1;
    return {
      accept: 'application/json',
      'x-request-id': `${this.#idPrefix}-${this.#requests}`,
      ...(apiKey !== '' && { authorization: `Bearer ${apiKey}` }),
      ...(hasBody && { 'content-type': 'application/json' }),
    };
  }

  #rest(ms: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#resting.delete(wake);
        resolve();
      };
      const cancel = clock.at(clock.now() + ms, wake);
      this.#resting.add(wake);
    });
  }
}

async function sent(transport: Transport, request: HttpRequest): Promise<Reply> {
  try {
    const { status, headers, text } = await transport.send(request);
    return { answered: true, status, headers, text };
  } catch (error) {
    return { answered: false, sent: true, reason: reasonOf(error) };
  }
}

/** A failed attempt at several addresses has a code and no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message === '' ? (code ?? error.name) : error.message;
}
