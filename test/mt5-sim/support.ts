/** A simulator under a virtual clock, spoken to over a real socket. */
import { onTestFinished } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { createMt5Simulator, type Mt5Simulator, type Mt5SimulatorOptions } from '../../src/mt5-sim/simulator.ts';
import { poll } from '../doubles/daemon.ts';

/** A Monday in winter. */
export const START = Date.UTC(2026, 0, 5, 10);
export const GOLD = 'XAUUSDm';
export const EURO = 'EURUSDm';

type Members = Readonly<Record<string, unknown>>;

/** A position, order, deal or result: numbers that tests go on with, and the rest. */
export interface Row extends Members {
  readonly ticket: number;
  readonly order: number;
  readonly magic: number;
  readonly volume: number;
}

/** An answer; a test that asks for a member knows that it is there. */
export interface Json extends Members {
  readonly data: readonly Row[];
  readonly orders: readonly Row[];
  readonly positions: readonly Row[];
  readonly deals: readonly Row[];
  readonly requests: readonly (Members & { readonly body: string })[];
  readonly result: Row;
  readonly details: Members;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

/** A request that waits for time to go on. */
interface Late {
  readonly reply: Promise<Reply>;
  later(): Promise<Reply>;
}

export class Sim {
  readonly simulator: Mt5Simulator;
  readonly clock: VirtualClock;
  readonly url: string;

  constructor(simulator: Mt5Simulator, clock: VirtualClock, port: number) {
    this.simulator = simulator;
    this.clock = clock;
    this.url = `http://127.0.0.1:${port}`;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(this.url + path, { method, ...json, headers: { ...type, ...headers } });
    const text = await response.text();
    const parsed = text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as Json) : ({} as Json);
    return { status: response.status, headers: response.headers, text, json: parsed };
  }

  get = (path: string, headers?: Record<string, string>): Promise<Reply> => this.send('GET', path, undefined, headers);
  post = (path: string, body: unknown = {}, headers?: Record<string, string>): Promise<Reply> =>
    this.send('POST', path, body, headers);

  order(members: Members, headers?: Record<string, string>): Promise<Reply> {
    return this.post('/order', { symbol: GOLD, type: 'BUY', volume: 0.1, ...members }, headers);
  }

  /** A request that will not be answered before time goes on; settles once it has arrived. */
  async begin(request: () => Promise<Reply>): Promise<Late> {
    const reply = request();
    await poll('it waits', () => this.clock.nextDue() < Infinity || undefined);
    return { reply, later: () => this.#advanceUntil(reply) };
  }

  /** Virtual time goes on until the reply is there. */
  async #advanceUntil(reply: Promise<Reply>): Promise<Reply> {
    const waiting = { over: false };
    void reply.finally(() => (waiting.over = true)).catch(() => undefined);
    while (!waiting.over) {
      this.clock.advanceBy(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return reply;
  }

  gold(bid: number, ask = Math.round((bid + 0.25) * 1000) / 1000): void {
    this.simulator.quote(GOLD, bid, ask);
  }

  /** Sends an order that is executed. @returns its ticket */
  async placed(members: Members = {}): Promise<number> {
    return (await this.order(members)).json.result.order;
  }

  async positions(): Promise<readonly Row[]> {
    return (await this.get('/get_positions')).json.data;
  }

  async deals(): Promise<readonly Row[]> {
    return (await this.get('/history_deals_get?from_date=2025-01-01&to_date=2030-01-01')).json.data;
  }

  fault(name: string, more: Members = {}): void {
    this.simulator.faults.turnOn({ name, ...more });
  }
}

/** Gold at 2400.10 / 2400.35, the euro at 1.1 / 1.10008, where these names are offered. */
export async function simulator(options: Mt5SimulatorOptions = {}): Promise<Sim> {
  const clock = new VirtualClock(START);
  const created = await createMt5Simulator({ clock, feed: 'manual', ...options });
  const port = await created.listen(0);
  onTestFinished(() => created.close());
  const sim = new Sim(created, clock, port);
  created.quote(GOLD, 2400.1, 2400.35);
  created.quote(EURO, 1.1, 1.10008);
  return sim;
}
