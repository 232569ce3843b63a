/**
 * A whole daemon on a simulated MT5 gateway, on real sockets and in this process, in a time that goes on by itself and
 * some twenty times as fast as ours: what takes a minute there takes three seconds here.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import type { RawConfig } from '../../src/config/schema.ts';
import { createMt5Simulator, type Mt5Simulator, type Mt5SimulatorOptions } from '../../src/mt5-sim/simulator.ts';
import type { Answer, Call } from '../http/support.ts';
import { poll, scratchDir, TestDaemon } from '../doubles/daemon.ts';
import { Cable } from './cable.ts';

export const GOLD = 'XAUUSDm';
/** A Monday at noon, UTC. */
export const START = Date.UTC(2026, 0, 5, 12);
/** Its market has been there for so long. */
const PAST_MS = 600_000;
const STEP_MS = 20;
const QUOTE_EVERY_MS = 200;

export type Members = Readonly<Record<string, unknown>>;

/** A call of the strategy's context, such as `["buy", "gold", { qty: 0.1 }]`. */
export type Wish = readonly [method: 'buy' | 'sell' | 'close' | 'cancelAll', ...args: unknown[]];

/** Does each thing once that the file beside it says, whether there are quotes or not. */
const strategyOf = (name: string, script: string): string => `import { readFileSync } from 'node:fs';
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: '${name}',
  streams: { gold: { symbol: 'XAUUSD', venue: 'exness' } },
  timers: { look: { every: '100ms' } },
  create() {
    let done = 0;
    return {
      onTimer(timer, ctx) {
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

/** Does nothing. */
export const sourceOf = (name: string, symbol: string): string => `import { defineStrategy } from 'qkt';
export default defineStrategy({ name: '${name}', streams: { s: { symbol: '${symbol}', venue: 'exness' } }, create: () => ({}) });
`;

export interface GatewaySceneOptions {
  readonly simulator?: Mt5SimulatorOptions;
  /** Of the venue. */
  readonly venue?: Members;
  /** Beside venue and instruments. */
  readonly config?: RawConfig;
}

export class GatewayScene {
  readonly clock: VirtualClock;
  readonly dir = scratchDir();
  readonly simulator: Mt5Simulator;
  readonly cable: Cable;
  daemon!: TestDaemon;
  /** In force, and told again all the time. */
  price = { bid: 2400.1, ask: 2400.35 };
  readonly #config: RawConfig;
  readonly #wishes = new Map<string, readonly string[]>();

  private constructor(
    clock: VirtualClock,
    simulator: Mt5Simulator,
    cable: Cable,
    { venue = {}, config = {} }: GatewaySceneOptions,
  ) {
    this.clock = clock;
    this.simulator = simulator;
    this.cable = cable;
    this.#config = {
      ...config,
      venues: { exness: { type: 'mt5', gatewayUrl: `http://127.0.0.1:${cable.port}`, pollMs: 200, ...venue } },
      instruments: {
        XAUUSD: { contractSize: 100, tickSize: 0.001, volumeMin: 0.01, volumeStep: 0.01, session: '24x7' },
        ...config.instruments,
      },
    };
  }

  /** Simulator, cable and a running daemon; whatever the state of the gateway. */
  static async open(options: GatewaySceneOptions = {}): Promise<GatewayScene> {
    const clock = new VirtualClock(START);
    const simulator = await createMt5Simulator({ clock, feed: 'manual', symbols: ['XAUUSD'], ...options.simulator });
    onTestFinished(() => simulator.close());
    const cable = await Cable.lay(await simulator.listen(0));
    onTestFinished(() => cable.cut().catch(() => undefined));
    const scene = new GatewayScene(clock, simulator, cable, options);
    const pump = setInterval(() => clock.advanceBy(STEP_MS), 1);
    onTestFinished(() => clearInterval(pump));
    for (let at = START - PAST_MS; at < START; at += 10_000)
      simulator.gateway.takeQuote({ symbol: GOLD, ...scene.price, ts: at });
    const quote = (): void => simulator.quote(GOLD, scene.price.bid, scene.price.ask);
    quote();
    onTestFinished(clock.every(QUOTE_EVERY_MS, quote));
    await scene.startDaemon();
    onTestFinished(async () => {
      await scene.daemon.close();
      rmSync(scene.dir, { recursive: true, force: true });
    });
    return scene;
  }

  async startDaemon(): Promise<void> {
    this.daemon = await TestDaemon.boot({
      config: this.#config,
      dir: this.dir,
      clock: this.clock,
      isolation: 'inline',
    });
    this.daemon.openMarkets();
  }

  /** As by SIGTERM. */
  async stopDaemon(): Promise<void> {
    await this.daemon.close();
  }

  /** Ready, with a strategy that trades. */
  static async trading(options: GatewaySceneOptions = {}): Promise<GatewayScene> {
    const scene = await GatewayScene.open(options);
    await scene.gatewayIs('ready');
    await scene.deploy('gold');
    await scene.ready();
    return scene;
  }

  deploy(name: string): Promise<Answer> {
    const script = join(this.dir, `${name}.ndjson`);
    writeFileSync(script, '');
    return this.daemon.deploy(this.daemon.write(`${name}.ts`, strategyOf(name, script)), { name });
  }

  /** Lets the strategy do something within a tenth of a second. */
  wish(...wish: Wish): void {
    const all = [...(this.#wishes.get('gold') ?? []), JSON.stringify(wish)];
    this.#wishes.set('gold', all);
    writeFileSync(join(this.dir, 'gold.ndjson'), `${all.join('\n')}\n`);
  }

  /** So much of the scene's own time. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.at(this.clock.now() + ms, resolve));
  }

  async status(name = 'gold'): Promise<Members> {
    return (await this.daemon.get(`/daemon/strategies/${name}/status`)).json();
  }

  until(what: string, holds: (status: Members) => boolean): Promise<Members> {
    return poll(
      what,
      async () => {
        const status = await this.status();
        return holds(status) ? status : undefined;
      },
      20_000,
    );
  }

  async holds(qty: number): Promise<Members> {
    return this.until(`it holds ${qty}`, (status) => qtyOf(status) === qty);
  }

  async gateway(): Promise<Members> {
    const gateways = JSON.parse((await this.daemon.get('/daemon/gateways')).text) as readonly Members[];
    return gateways.find(({ name }) => name === 'exness')!;
  }

  gatewayIs(state: string): Promise<Members> {
    return poll(
      `the gateway to be ${state}`,
      async () => {
        const gateway = await this.gateway();
        return gateway['state'] === state ? gateway : undefined;
      },
      20_000,
    );
  }

  /** A signal would now become an order. */
  ready(): Promise<unknown> {
    return poll(
      'it to be ready',
      async () => {
        const { status } = await this.daemon.get('/daemon/strategies/gold/health/ready');
        return status === 200 ? true : undefined;
      },
      20_000,
    );
  }

  /** Of the strategy, or of the daemon itself; oldest first. */
  async events(types: string, of: 'gold' | 'daemon' = 'gold'): Promise<readonly Members[]> {
    const path = of === 'daemon' ? '/daemon/events' : `/daemon/strategies/${of}/events`;
    const { text } = await this.daemon.get(`${path}?types=${types}&limit=1000`);
    const events = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Members]));
    return events.filter(({ strategy }) => strategy === of);
  }

  /** From and to of what was told of the gateway. */
  async news(of: 'gold' | 'daemon' = 'gold'): Promise<readonly string[]> {
    return (await this.events('gateway', of)).map(({ from, to }) => `${String(from)} → ${String(to)}`);
  }

  command(path: string, body: object = {}, options: Call = {}): Promise<Answer> {
    return this.daemon.post(`/daemon/strategies/gold/${path}`, body, options);
  }

  fault(name: string, more: Members = {}): void {
    this.simulator.faults.turnOn({ name, ...more });
  }

  /** How often the gateway was asked for that, after so many requests. */
  asked(route: string, since: number): number {
    return this.simulator.gateway.log.since(since).filter((request) => request.route === route).length;
  }
}

export const qtyOf = (status: Members): number =>
  (status['positions'] as readonly { readonly qty: number }[]).reduce((all, { qty }) => all + qty, 0);
