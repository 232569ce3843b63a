/**
 * A whole daemon on two MT5 gateways and five strategies on them, to which everything can happen that the table looks
 * for: the same under the virtual clock and in real time.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../src/clock.ts';
import type { RawConfig } from '../../src/config/schema.ts';
import { TestDaemon, type DaemonOptions } from '../doubles/daemon.ts';
import { TroubledBroker } from './troubled-broker.ts';

/** By name: the venue that each trades on. */
const STRATEGIES = { loser: 'exness', silent: 'exness', stormy: 'exness', slipped: 'exness', abroad: 'far' } as const;
export type StrategyName = keyof typeof STRATEGIES;
export const STRATEGY_NAMES = Object.keys(STRATEGIES) as readonly StrategyName[];

/** What the table is made to raise, as keys of the alerts. */
export const TROUBLES = [
  'book_equity_drop:exness',
  'equity_floor:loser',
  'gateway_down:far',
  'headroom_low:loser',
  'high_slippage:slipped',
  'no_trades:silent',
  'rejection_rate:stormy',
  'stale_feed:abroad',
  'strategy_halted:loser',
] as const;

/** A call of a strategy's context, such as `["buy", "gold", { qty: 0.1 }]`. */
type Told = readonly [method: 'buy' | 'close', stream: 'gold', order?: object];

/** No position is without a stop, so that nothing is told of that. */
const BRACKET = { stopLoss: { by: 200 } };
const LITTLE = { qty: 0.01, bracket: BRACKET };
/** Ounces: each dollar that gold falls is a hundred lost. */
const MUCH = { qty: 1, bracket: BRACKET };

/** Does at each tick what has been added to the file beside it. */
const sourceOf = (name: StrategyName, script: string): string => `import { readFileSync } from 'node:fs';
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: '${name}',
  streams: { gold: { symbol: 'XAUUSD', venue: '${STRATEGIES[name]}' } },
  create() {
    let done = 0;
    return {
      onTick(tick, ctx) {
        const lines = readFileSync(${JSON.stringify(script)}, 'utf8').split('\\n').filter((line) => line !== '');
        for (; done < lines.length; done++) {
          const [method, ...args] = JSON.parse(lines[done]);
          ctx[method](...args);
        }
      },
    };
  },
});
`;

export interface TroubledOptions extends Pick<DaemonOptions, 'disk' | 'isolation' | 'alertsFaster'> {
  readonly clock: Clock;
  /** Between two quotes, and between two looks for them. */
  readonly quoteMs: number;
  /** After how long without a trade `silent` is too silent. */
  readonly silentFor: string;
  readonly alerts?: NonNullable<RawConfig['alerts']>;
}

export class TroubledDaemon {
  readonly daemon: TestDaemon;
  readonly exness: TroubledBroker;
  readonly far: TroubledBroker;
  readonly #said = new Map<StrategyName, string>();

  private constructor(daemon: TestDaemon, exness: TroubledBroker, far: TroubledBroker) {
    this.daemon = daemon;
    this.exness = exness;
    this.far = far;
  }

  static async boot({ quoteMs, silentFor, alerts = {}, clock, ...rest }: TroubledOptions): Promise<TroubledDaemon> {
    const exness = await TroubledBroker.open(clock, quoteMs);
    const far = await TroubledBroker.open(clock, quoteMs);
    const at = (port: number, magic: number) =>
      ({ type: 'mt5', profile: 'exness', magic, gatewayUrl: `http://127.0.0.1:${port}`, pollMs: quoteMs }) as const;
    const daemon = await TestDaemon.boot({
      ...rest,
      clock,
      openTransport: async (url) => (new URL(url).port === '5001' ? exness : far).transport(),
      config: {
        venues: { exness: at(5001, 10_001), far: at(5002, 20_001) },
        instruments: {
          XAUUSD: { contractSize: 100, tickSize: 0.001, volumeMin: 0.01, volumeStep: 0.01, session: '24x7' },
        },
        risk: { strategies: { loser: { halt: [{ rule: 'maxDrawdown', basis: 'peak', limit: 0.2 }] } } },
        strategies: { silent: { expectTradesEvery: silentFor }, slipped: { highSlippage: 0.5 } },
        alerts,
      },
    });
    return new TroubledDaemon(daemon, exness, far);
  }

  /** All strategies, and then their market. */
  async deploy(): Promise<void> {
    for (const name of STRATEGY_NAMES) {
      const script = this.#scriptOf(name);
      writeFileSync(script, '');
      await this.daemon.deployed(this.daemon.write(`${name}.ts`, sourceOf(name, script)), { name });
    }
    this.daemon.openMarkets();
  }

  /** Are all of them at it? */
  async trades(): Promise<boolean> {
    const rows = (await this.daemon.get('/daemon/list')).json() as unknown as readonly { readonly state: string }[];
    return rows.length === STRATEGY_NAMES.length && rows.every(({ state }) => state === 'trading');
  }

  /** A small position, entered or left. */
  enter(name: StrategyName): void {
    this.#tell(name, ['buy', 'gold', LITTLE]);
  }

  /** One that can lose a quarter of all that the strategy has. */
  enterLarge(name: StrategyName): void {
    this.#tell(name, ['buy', 'gold', MUCH]);
  }

  leave(name: StrategyName): void {
    this.#tell(name, ['close', 'gold']);
  }

  async holds(name: StrategyName): Promise<boolean> {
    const { positions } = (await this.daemon.get(`/daemon/strategies/${name}/status`)).json();
    return (positions as readonly unknown[]).length > 0;
  }

  /** By hand, as an operator does. */
  async resume(name: StrategyName): Promise<number> {
    return (await this.daemon.post(`/daemon/strategies/${name}/resume`, { reason: 'the price is back' })).status;
  }

  async close(): Promise<void> {
    await this.daemon.close();
    await this.exness.close();
    await this.far.close();
  }

  #tell(name: StrategyName, call: Told): void {
    const said = `${this.#said.get(name) ?? ''}${JSON.stringify(call)}\n`;
    this.#said.set(name, said);
    writeFileSync(this.#scriptOf(name), said);
  }

  #scriptOf(name: StrategyName): string {
    return join(this.daemon.dir, `${name}.ndjson`);
  }
}
