/** A market of known prices and short strategies on it, for tests of what becomes of a running strategy. */
import { onTestFinished } from 'vitest';
import { poll, TestDaemon } from '../doubles/daemon.ts';
import { call, type Answer } from '../http/support.ts';

/** Ten quotes a second of market time, sixty times as fast; the bid moves over a hundredth of a cent. */
const QUOTES = 36_000;
const SPEED = 60;

export const BID = '1.1';
export const ASK = '1.1002';

/** An hour of EURUSD that stands still, then for good at `after` from the given quote on. */
export function marketFile(after?: { readonly from: number; readonly bid: string; readonly ask: string }): string {
  const rows = ['timestamp,symbol,bid,ask'];
  for (let i = 0; i < QUOTES; i++) {
    const { bid, ask } = after !== undefined && i >= after.from ? after : { bid: BID, ask: ASK };
    rows.push(`${1_700_000_000_000 + i * 100},EURUSD,${bid},${ask}`);
  }
  return rows.join('\n');
}

/** A strategy on EURUSD around its callbacks; `ticks` counts the calls of `onTick`, which starts at line 8. */
export const strategySource = (
  name: string,
  onTick: string,
  callbacks = '',
): string => `import { defineStrategy, param } from 'qkt';
export default defineStrategy({
  name: '${name}',
  params: { at: param.integer(5, { min: 1 }) },
  streams: { eur: { symbol: 'EURUSD' } },
  create({ params }) {
    let ticks = 0;
    return { ${callbacks} onTick(tick, ctx) { ticks += 1;
${onTick}
    } };
  },
});
`;

/** Line of the first line of `onTick`'s body in {@link strategySource}. */
export const BODY_LINE = 9;

/** Buys 10000 once, unless it holds them already. */
export const holder = (name: string, order = '', callbacks = ''): string =>
  strategySource(
    name,
    `if (ticks === params.at && ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 10000 ${order} });`,
    callbacks,
  );

export interface Deployed {
  readonly name: string;
  readonly port: number;
  /** Asks the strategy's own server. */
  get(path: string): Promise<Answer>;
  /** Commands it, with the owner's token. */
  post(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  status(): Promise<Record<string, unknown>>;
}

export interface SceneOptions {
  /** The market from some quote on. */
  readonly after?: Parameters<typeof marketFile>[0];
  /** Where tests run side by side: the `onTestFinished` of this one. */
  readonly atEnd?: typeof onTestFinished;
}

export class Scene {
  readonly daemon: TestDaemon;

  private constructor(daemon: TestDaemon) {
    this.daemon = daemon;
  }

  /** A daemon with threads, closed with the test. Its market opens with {@link TestDaemon.openMarkets}. */
  static async open({ after, atEnd = onTestFinished }: SceneOptions = {}): Promise<Scene> {
    const paper = { type: 'paper', feed: 'replay', file: 'quotes.csv', speed: SPEED } as const;
    const daemon = await TestDaemon.boot({
      config: { venues: { paper } },
      files: { 'quotes.csv': marketFile(after) },
    });
    atEnd(() => daemon.close());
    return new Scene(daemon);
  }

  /** Writes the strategy into a file of its name and deploys it. */
  async deploy(name: string, source: string): Promise<Deployed> {
    const port = await this.daemon.deployed(this.daemon.write(`${name}.ts`, source), { name });
    return this.at(name, port);
  }

  at(name: string, port: number): Deployed {
    const { token } = this.daemon;
    const get = (path: string): Promise<Answer> => call(port, path);
    return {
      name,
      port,
      get,
      post: (path, headers = {}) => call(port, path, { method: 'POST', token, body: {}, headers }),
      status: async () => (await get('/status')).json(),
    };
  }

  /** Commands the daemon about a strategy. */
  command(name: string, command: string): Promise<Answer> {
    return this.daemon.post(`/daemon/strategies/${name}/${command}`);
  }
}

/** Events of these types that the rings hold, oldest first; all that the status knows of are announced by then. */
export async function eventsOf(strategy: Deployed, ...types: readonly string[]): Promise<Record<string, unknown>[]> {
  const { seq } = (await strategy.status()) as { seq: number };
  const text = await poll('the events to be announced', async () => {
    const answer = await strategy.get(`/events?types=${types.join(',')}`);
    return Number(answer.headers['qkt-next-since']) >= seq ? answer.text : undefined;
  });
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

/** The first so many states that the strategy has entered, once they are announced. */
export const statesOf = (strategy: Deployed, count: number): Promise<readonly unknown[]> =>
  poll(`${count} states of ${strategy.name}`, async () => {
    const states = (await eventsOf(strategy, 'lifecycle')).map(({ to }) => to);
    return states.length >= count ? states.slice(0, count) : undefined;
  });

/** The status once the strategy is in that state. */
export const untilState = (strategy: Deployed, state: string, withinMs = 10_000): Promise<Record<string, unknown>> =>
  poll(
    `${strategy.name} to be ${state}`,
    async () => {
      const status = await strategy.status();
      if (status['state'] !== state) return undefined;
      // The state is the machine's at once; figures are shown when they are on disk.
      const { since } = (await strategy.get('/machine')).json() as { since: string };
      return (status['asOf'] as string) >= since ? status : undefined;
    },
    withinMs,
  );

/** The status once the strategy has made so many trades. */
export const untilTrades = (strategy: Deployed, count: number, withinMs = 10_000): Promise<Record<string, unknown>> =>
  poll(
    `${strategy.name} to have made ${count} trades`,
    async () => {
      const status = await strategy.status();
      return status['tradesTotal'] === count ? status : undefined;
    },
    withinMs,
  );
