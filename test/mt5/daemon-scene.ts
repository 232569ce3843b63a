/** A whole daemon on a simulated MT5 gateway, both in this process and on real sockets, and a strategy that does what a test says. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { createMt5Simulator, type Mt5Simulator, type Mt5SimulatorOptions } from '../../src/mt5-sim/simulator.ts';
import type { RawConfig } from '../../src/config/schema.ts';
import type { Deal } from '../../src/venues/mt5-sim/types.ts';
import { poll, TestDaemon } from '../doubles/daemon.ts';

export const GOLD = 'XAUUSDm';
export const NAME = 'puppet';

type Members = Readonly<Record<string, unknown>>;

/** What the strategy is told: a call of its context, such as `["buy", "gold", { qty: 0.1 }]`. */
export type Told = readonly [method: 'buy' | 'sell' | 'close' | 'cancel' | 'cancelAll', ...args: unknown[]];

/** Does each thing once that the file beside it says, in the order of its lines. */
const puppet = (script: string): string => `import { readFileSync } from 'node:fs';
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: '${NAME}',
  streams: { gold: { symbol: 'XAUUSD', venue: 'exness' } },
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

const EVERY_MS = 100;

export interface SceneOptions {
  readonly simulator?: Mt5SimulatorOptions;
  /** Of the venue. */
  readonly venue?: Members;
}

export class DaemonScene {
  readonly simulator: Mt5Simulator;
  readonly #script: string;
  readonly daemon: TestDaemon;
  #said: readonly string[] = [];
  /** In force, and told again all the time. */
  price = { bid: 2400.1, ask: 2400.35 };

  private constructor(simulator: Mt5Simulator, daemon: TestDaemon, script: string) {
    this.simulator = simulator;
    this.daemon = daemon;
    this.#script = script;
  }

  /** The gateway is ready, and the strategy trades. */
  static async open({ simulator: options = {}, venue = {} }: SceneOptions = {}): Promise<DaemonScene> {
    const simulator = await createMt5Simulator({
      feed: 'manual',
      symbols: ['XAUUSD'],
      commissionPerLot: 3.5,
      ...options,
    });
    onTestFinished(() => simulator.close());
    const config = configOf(await simulator.listen(0), venue);
    const daemon = await TestDaemon.boot({ config, files: { 'script.ndjson': '' } });
    const script = join(daemon.dir, 'script.ndjson');
    const scene = new DaemonScene(simulator, daemon, script);
    onTestFinished(() => scene.daemon.close());
    const quotes = setInterval(() => simulator.quote(GOLD, scene.price.bid, scene.price.ask), EVERY_MS);
    onTestFinished(() => clearInterval(quotes));
    simulator.quote(GOLD, scene.price.bid, scene.price.ask);
    await scene.gatewayIs('ready');
    await daemon.deployed(daemon.write('puppet.ts', puppet(script)), { name: NAME });
    daemon.openMarkets();
    await scene.until('it trades', ({ state }) => state === 'trading');
    return scene;
  }

  /** Lets the strategy do something at its next tick. */
  tell(...call: Told): void {
    this.#said = [...this.#said, JSON.stringify(call)];
    writeFileSync(this.#script, `${this.#said.join('\n')}\n`);
  }

  /** Another client orders something of gold. */
  async place(order: Members): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ symbol: GOLD, ...order });
    const { status } = await this.simulator.inject({ method: 'POST', url: '/order', headers, body });
    expect(status).toBe(200);
  }

  async status(): Promise<Members> {
    return (await this.daemon.get(`/daemon/strategies/${NAME}/status`)).json();
  }

  /** Events of money, oldest first. */
  async events(...types: readonly string[]): Promise<readonly Members[]> {
    const { text } = await this.daemon.get(`/daemon/strategies/${NAME}/events?types=${types.join(',')}&limit=1000`);
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Members]));
  }

  async fills(): Promise<readonly Members[]> {
    return this.events('fill');
  }

  /** Statuses of the last order that was asked for, oldest first. */
  async statuses(): Promise<readonly unknown[]> {
    const all = await this.events('order');
    const entries = all.filter(({ role }) => role === 'entry' || role === 'close');
    return entries.filter(({ orderId }) => orderId === entries.at(-1)?.['orderId']).map(({ status }) => status);
  }

  async gateway(): Promise<Members> {
    const gateways = JSON.parse((await this.daemon.get('/daemon/gateways')).text) as readonly Members[];
    return gateways.find(({ name }) => name === 'exness')!;
  }

  async differences(): Promise<readonly Members[]> {
    return (await this.gateway())['differences'] as readonly Members[];
  }

  async gatewayIs(state: string): Promise<Members> {
    return poll(`the gateway to be ${state}`, async () => {
      const gateway = await this.gateway();
      return gateway['state'] === state ? gateway : undefined;
    }, 30_000); // prettier-ignore
  }

  /** Until the strategy's status is so. */
  until(what: string, holds: (status: Members) => boolean, withinMs = 30_000): Promise<Members> {
    return poll(
      what,
      async () => {
        const status = await this.status();
        return holds(status) ? status : undefined;
      },
      withinMs,
    );
  }

  /** What the strategy holds of gold, signed. */
  async holds(qty: number): Promise<Members> {
    return this.until(`it holds ${qty}`, (status) => qtyOf(status) === qty);
  }

  /** Until the broker shows that stop of the first position; 0 for none. */
  async stopThere(level: number): Promise<void> {
    const { positions } = this.simulator.terminal;
    await poll(`the stop at ${level}`, () => positions.all()[0]?.sl.toNumber() === level || undefined, 30_000);
  }

  /** Deals of trades, oldest first. */
  deals(): readonly Deal[] {
    return this.simulator.terminal.history.deals.filter(({ type }) => type !== 'balance');
  }

  /** How often the gateway was asked for that. */
  asked(route: string): number {
    return this.simulator.gateway.log.since(0).filter((request) => request.route === route).length;
  }

  fault(name: string, more: Members = {}): void {
    this.simulator.faults.turnOn({ name, ...more });
  }

  /** Every deal is booked once, for its own price. */
  async bookedOnce(): Promise<void> {
    const deals = this.deals().map(({ price, volume }) => [price.toNumber(), volume.toNumber()]);
    const fills = (await this.fills()).map(({ price, qty }) => [Number(price), Number(qty)]);
    expect(fills).toEqual(deals);
  }
}

export const qtyOf = (status: Members): number =>
  (status['positions'] as readonly { readonly qty: number }[]).reduce((all, { qty }) => all + qty, 0);

function configOf(port: number, venue: Members): RawConfig {
  return {
    venues: { exness: { type: 'mt5', gatewayUrl: `http://127.0.0.1:${port}`, pollMs: 100, ...venue } },
    instruments: {
      XAUUSD: { contractSize: 100, tickSize: 0.001, volumeMin: 0.01, volumeStep: 0.01, session: '24x7' },
    },
  };
}
