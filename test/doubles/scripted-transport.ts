/** A gateway that says what a test tells it to say, to a client under a virtual clock. */
import { VirtualClock } from '../../src/clock.ts';
import { GatewayClient, type GatewayClientOptions } from '../../src/venues/mt5/client.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../src/venues/mt5/transport.ts';

/** An answer, a failure on the way, or nothing at all. */
export type Scripted = { readonly status: number; readonly text: string } | Error | 'silence';

export const json = (body: unknown, status = 200): Scripted => ({ status, text: JSON.stringify(body) });

export class ScriptedTransport implements Transport {
  readonly requests: HttpRequest[] = [];
  /** What comes next for any path; the last one stays. */
  answers: Scripted[];
  isClosed = false;

  constructor(...answers: Scripted[]) {
    this.answers = answers;
  }

  send(request: HttpRequest): Promise<HttpAnswer> {
    this.requests.push(request);
    const answer = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
    if (answer === 'silence') return new Promise(() => undefined);
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({ ...answer, headers: {} });
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

export interface ScriptedClient {
  readonly client: GatewayClient;
  readonly transport: ScriptedTransport;
  readonly clock: VirtualClock;
}

/** Starts on a Monday in winter, with a server whose clock shows UTC. */
export function scriptedClient(
  answers: readonly Scripted[],
  options: Partial<GatewayClientOptions> = {},
): ScriptedClient {
  const clock = new VirtualClock(Date.UTC(2026, 0, 5, 10));
  const transport = new ScriptedTransport(...answers);
  const client = new GatewayClient({ clock, transport, magic: 10_001, deviation: 20, serverClock: 'utc', ...options });
  return { client, transport, clock };
}

/** Lets promises run, then time go on to the next timer, until the answer is there. */
export async function whileTimePasses<T>(clock: VirtualClock, answer: Promise<T>): Promise<T> {
  const waiting = { over: false };
  void answer.finally(() => (waiting.over = true)).catch(() => undefined);
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (waiting.over) return answer;
    clock.runNext();
  }
}
