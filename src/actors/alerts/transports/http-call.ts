/** One request of a channel over HTTP. Its time is the channel's: nothing here has a limit of its own. */
import { Agent, request } from 'undici';
import { toJson } from '../../../domain/json.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { SendFailure } from '../channel-machine.ts';

/** An answer is read to this length: what comes after it is nobody's. */
const LONGEST_ANSWER = 64 * 1024;
const SHOWN = 200;

export interface Call {
  readonly url: string;
  readonly method?: 'POST' | 'GET';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly now: () => EpochMs;
}

export class HttpCaller {
  /** Connections are few and far between: each is closed soon, and none is waited for. */
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 1000, pipelining: 0 });

  /** @throws SendFailure unless the answer is 2xx */
  async call({ url, method = 'POST', body, headers = {}, signal, now }: Call): Promise<void> {
    const sent = body === undefined ? undefined : toJson(body);
    const answer = await request(url, {
      method,
      dispatcher: this.#agent,
      signal,
      headers: { ...(sent !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(sent !== undefined && { body: sent }),
    }).catch((error: unknown) => {
      throw new SendFailure(reasonOf(error));
    });
    const text = await bodyOf(answer.body).catch((error: unknown) => {
      throw new SendFailure(`the answer was cut: ${reasonOf(error)}`);
    });
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) return;
    const said = text === '' ? '' : `: ${text.slice(0, SHOWN).replaceAll(/\s+/g, ' ')}`;
    throw new SendFailure(`it answered ${statusCode}${said}`, retryAfterMs(answer.headers['retry-after'], text, now()));
  }

  close(): void {
    void this.#agent.destroy().catch(() => undefined);
  }
}

async function bodyOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length > LONGEST_ANSWER) break;
  }
  return Buffer.concat(pieces).toString('utf8').slice(0, LONGEST_ANSWER);
}

/** A system's code where it has one: its message may name the address, which may be a secret. */
function reasonOf(error: unknown): string {
  const { code, name } = error as { readonly code?: string; readonly name?: string };
  return code ?? name ?? 'it failed';
}

/** Seconds, or a date; Telegram says it in the body. */
function retryAfterMs(header: string | string[] | undefined, body: string, now: EpochMs): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text !== undefined && /^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (text !== undefined && !Number.isNaN(Date.parse(text))) return Math.max(0, Date.parse(text) - now);
  const inBody = /"retry_after"\s*:\s*(\d{1,9})/.exec(body)?.[1];
  return inBody === undefined ? undefined : Number(inBody) * 1000;
}
