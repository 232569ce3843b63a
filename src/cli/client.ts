/** HTTP client of the daemon: its unix socket when there is one, else its control port. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Problem } from '../errors.ts';
import { readOwnerToken } from '../http/owner-token.ts';
import { endpointOf, isOurDaemon, noDaemon, type Endpoint } from './endpoint.ts';
import { DaemonRefusal } from './exit.ts';
import { outcomeUnknown, send, textOf } from './http-call.ts';
import { stateDirOf, type CommonOptions } from './options.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface CommandOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/** A daemon that is silent for longer than this leaves the outcome of a quick question unknown. */
const QUICK_MS = 10_000;

/** The client of the daemon that a verb's options mean. */
export const clientOf = (options: CommonOptions): DaemonClient => new DaemonClient(stateDirOf(options));

export const strategyPath = (name: string, rest = ''): string =>
  `/daemon/strategies/${encodeURIComponent(name)}${rest === '' ? '' : `/${rest}`}`;

export class DaemonClient {
  readonly stateDir: string;
  #endpoint: Endpoint | undefined;

  constructor(stateDir: string) {
    this.stateDir = stateDir;
  }

  /** @throws DaemonRefusal on any status but 2xx; QktError when no daemon answers (QKT_E_NO_DAEMON), or not in time. */
  async get(path: string, query: Query = {}): Promise<Answer> {
    return accepted(await this.ask(path, query));
  }

  /** As {@link get}, but any status is an answer. */
  async ask(path: string, query: Query = {}): Promise<Answer> {
    return read(await this.#send('GET', withQuery(path, query), QUICK_MS));
  }

  /**
   * Sends a command; its key keeps the daemon from doing it twice.
   * @throws as {@link get}; QktError QKT_E_TIMEOUT when it was sent and its outcome is not heard
   */
  async command(method: 'POST' | 'DELETE', path: string, options: CommandOptions = {}): Promise<Answer> {
    const { query = {}, body = {}, timeoutMs = QUICK_MS } = options;
    const message = await this.#send(method, withQuery(path, query), timeoutMs, JSON.stringify(body));
    const answer = await read(message).catch((error: Error) => {
      throw outcomeUnknown(error);
    });
    return accepted(answer);
  }

  /** An answer that goes on; the caller reads it. @throws as {@link get} */
  async stream(path: string, query: Query = {}): Promise<IncomingMessage> {
    const message = await this.#send('GET', withQuery(path, query));
    if (message.statusCode !== 200) accepted(await read(message));
    return message;
  }

  async #send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    timeout?: number,
    body?: string,
  ): Promise<IncomingMessage> {
    const endpoint = await this.#locate();
    const headers = {
      ...authorization(this.stateDir, body !== undefined),
      ...(body === undefined ? {} : headersOf(body)),
    };
    return send({ ...endpoint, method, path, headers, ...(timeout === undefined ? {} : { timeout }) }, body);
  }

  /** Found once. A control port is believed only when this directory's own daemon answers there. */
  async #locate(): Promise<Endpoint> {
    if (this.#endpoint !== undefined) return this.#endpoint;
    const found = endpointOf(this.stateDir);
    if (found === undefined || !(await isOurDaemon(found, this.stateDir))) throw await noDaemon(this.stateDir);
    return (this.#endpoint = found);
  }
}

const read = async (message: IncomingMessage): Promise<Answer> => ({
  status: message.statusCode ?? 0,
  text: await textOf(message),
});

/** The length is said because node:http says none for a DELETE, and its body would be lost. */
const headersOf = (body: string): Readonly<Record<string, string | number>> => ({
  'Content-Type': 'application/json',
  'Content-Length': Buffer.byteLength(body),
  'Idempotency-Key': randomUUID(),
});

/** The owner's token. Reading goes without one where it cannot be had; a change does not. */
function authorization(stateDir: string, needed: boolean): Readonly<Record<string, string>> {
  try {
    return { Authorization: `Bearer ${readOwnerToken(stateDir)}` };
  } catch (error) {
    if (needed) throw error;
    return {};
  }
}

function accepted(answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refusalOf(answer);
}

/** An answer that is none of what was asked for, as an error. */
export const refusalOf = (answer: Answer): DaemonRefusal => new DaemonRefusal(problemOf(answer), answer.text);

/** What is no problem document (a proxy's page, say) is told with its status. */
function problemOf({ status, text }: Answer): Problem {
  const fallback = {
    type: 'about:blank',
    title: `The daemon answered ${status}`,
    status,
    detail: '',
    code: '',
    hint: '',
  };
  try {
    return { ...fallback, ...(JSON.parse(text) as Partial<Problem>) };
  } catch {
    return fallback;
  }
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
