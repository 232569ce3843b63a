/**
 * Strategies with everything that is trusted around them, on one virtual clock: runtime, book, desk,
 * rules, journal and paper account are the real ones; the author's code is what a test says.
 */
import { Subject } from 'rxjs';
import { BookHalts } from '../../src/actors/book-halts.ts';
import type { Turn, TurnStore } from '../../src/actors/commit-queue.ts';
import type { Deployment } from '../../src/actors/deployment.ts';
import type { Logger } from '../../src/actors/log-sink.ts';
import { createStrategyActor } from '../../src/actors/strategy-actor.ts';
import type { BookState } from '../../src/actors/book-types.ts';
import { StrategyBook } from '../../src/actors/strategy-book.ts';
import { StrategyRuntime } from '../../src/actors/strategy-runtime.ts';
import { readIntent } from '../../src/actors/wire.ts';
import { VirtualClock } from '../../src/clock.ts';
import { dec, Decimal, type DecimalLike } from '../../src/domain/decimal.ts';
import type { QktEvent } from '../../src/domain/events.ts';
import type { Instrument, Tick } from '../../src/domain/market.ts';
import { createPrng } from '../../src/domain/prng.ts';
import type { VenueReport } from '../../src/domain/venue.ts';
import { FeedGuard } from '../../src/risk/feed-guard.ts';
import type { RuleSettings } from '../../src/risk/halt-rule.ts';
import { riskOf, type RiskSettings } from '../../src/risk/risk-settings.ts';
import { Session } from '../../src/risk/sessions.ts';
import { parseRollover } from '../../src/risk/trading-day.ts';
import { fromStored, toStored } from '../../src/store/stored.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { Market } from '../../src/venues/market.ts';
import { PaperAccount, type PaperOptions } from '../../src/venues/paper.ts';
import type { GuestHost, TurnResult } from '../../src/worker/host.ts';
import type { WireDefinition, WireIntent, WireItem } from '../../src/worker/protocol.ts';
import { instrument, START } from '../doubles/engine.ts';

/** Lets everything run that only waits for promises. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Quotes come when the test gives them. */
class TestMarket extends Market {
  readonly ended: Promise<void> = new Promise(() => {});

  constructor({ clock, instruments }: Pick<DeskScene, 'clock' | 'instruments'>) {
    super(clock, instruments);
  }

  open(): void {}

  protected pastBars(): readonly [] {
    return [];
  }

  protected newGuard(): FeedGuard {
    return new FeedGuard(new Session(), Infinity);
  }

  give(tick: Tick): void {
    this.accept({ ...tick, path: true });
  }
}

export interface DeskSceneOptions {
  readonly instruments?: readonly Instrument[];
  readonly paper?: Partial<PaperOptions>;
  readonly seed?: number | string;
  readonly rollover?: string;
  readonly start?: number;
  /** Per strategy. */
  readonly halt?: readonly RuleSettings[];
  readonly gate?: Readonly<Record<string, unknown>>;
  readonly book?: readonly RuleSettings[];
  readonly startingBalance?: DecimalLike;
  readonly strategies?: readonly string[];
  /** False for many ticks of a scene that is not restarted. */
  readonly keeps?: boolean;
  /** Of every strategy's definition: `hold` unless said. */
  readonly onHang?: WireDefinition['onHang'];
  /** Virtual time that a turn takes to reach the disk; undefined: as soon as promises run. */
  readonly syncMs?: number;
}

/** A halt rule as a configuration file would have it. */
export const rule = (name: string, limit: DecimalLike, more: Partial<RuleSettings> = {}): RuleSettings => ({
  rule: name,
  limit: dec(limit),
  ...more,
});

/** An order as a test asks for it: on stream X and GTC unless said. */
export type Asked = Pick<PlaceWire, 'side' | 'type' | 'qty'> &
  Partial<Omit<PlaceWire, 'kind' | 'orderId' | 'signalId'>>;
type PlaceWire = Extract<WireIntent, { kind: 'place' }>;

/** What the author's code does with an item. */
export type Author = (item: WireItem) => readonly WireIntent[];

/** What the disk holds of one strategy. */
class Disk implements TurnStore {
  readonly events: QktEvent[] = [];
  state: unknown;
  /** Set: nothing can be written. */
  full = false;
  readonly #clock: VirtualClock;
  readonly #options: Pick<DeskSceneOptions, 'syncMs' | 'keeps'>;
  #isGone = false;

  constructor(clock: VirtualClock, options: DeskSceneOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** The process that wrote on it is gone; gives what the next one finds. */
  crashed(): Disk {
    const next = new Disk(this.#clock, this.#options);
    next.events.push(...this.events);
    next.state = this.state;
    this.#isGone = true;
    return next;
  }

  commit({ events, state }: Turn): { readonly synced: Promise<void> } {
    if (this.#isGone) return { synced: new Promise(() => {}) };
    if (this.full) return { synced: Promise.reject(new Error('the disk is full')) };
    const { keeps = true, syncMs } = this.#options;
    if (keeps) {
      this.events.push(...events);
      this.state = toStored(state());
    }
    if (syncMs === undefined) return { synced: Promise.resolve() };
    return { synced: new Promise((resolve) => this.#clock.at(this.#clock.now() + syncMs, resolve)) };
  }
}

const nothing = (): void => {};
const QUIET: Logger = {
  flooded: () => undefined,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  author: nothing,
};

export class Strategy {
  readonly name: string;
  readonly book: StrategyBook;
  readonly runtime: StrategyRuntime;
  readonly disk: Disk;
  /** Told of every report before the desk is. */
  onReport: (report: VenueReport) => void = () => {};
  author: Author = () => [];
  readonly faults: unknown[] = [];
  /** Its log at `info` and `warn`: message and fields. */
  readonly lines: unknown[][] = [];
  #sequence = 0;
  /** The author's code does not come back from its turns until then. */
  #hang: { readonly over: Promise<void>; readonly end: () => void } | undefined;

  constructor(name: string, scene: DeskScene, disk: Disk, recalled: BookState | undefined) {
    this.name = name;
    this.disk = disk;
    const { options, market, instruments, clock } = scene;
    const risk: RiskSettings = {
      gate: options.gate ?? {},
      halt: options.halt ?? [],
      book: [],
      strategies: {},
    };
    const streams = [...instruments.keys()].map((symbol) => ({ key: symbol, symbol, warmup: 0 }));
    const definition = { name, version: 1, params: [], streams, timers: [], onHang: options.onHang ?? 'hold' };
    const settings = riskOf(undefined, risk, name);
    this.book = new StrategyBook({
      name,
      venue: 'paper',
      market,
      currency: 'USD',
      startingBalance: dec(options.startingBalance ?? 10_000),
      instruments,
      rates: new Map(),
      rollover: parseRollover(options.rollover ?? '00:00 UTC')!,
      events: new EventRings({ strategy: name, clock, start: scene.nextSeq(name) }),
      store: disk,
      remembered: settings.remembered,
      gatewayReady: () => scene.gatewayReady,
      takesExits: () => scene.gatewayReady,
      openAccount: ({ report }) =>
        new PaperAccount(
          {
            latencyMs: 0,
            slippagePoints: 0,
            rejectionRate: 0,
            partialFillRate: 0,
            commissionPerLot: Decimal.ZERO,
            ...options.paper,
          },
          {
            clock,
            prng: createPrng(`${options.seed ?? 1}:${name}`),
            instrument: (symbol) => instruments.get(symbol),
            quote: (symbol) => market.quote(symbol),
            account: name,
            report: (message) => {
              this.onReport(message);
              report(message);
            },
          },
        ),
    });
    this.runtime = new StrategyRuntime({
      name,
      deployment: { definition, params: {}, compiled: { moduleUrl: 'test:' } } as unknown as Deployment,
      book: this.book,
      recalled,
      risk: () => settings,
      reserve: () => {},
      clock,
      createHost: () => this.#host(),
      spawn: createStrategyActor,
      log: {
        ...QUIET,
        info: (...args: unknown[]) => void this.lines.push(['info', ...args]),
        warn: (...args: unknown[]) => void this.lines.push(['warn', ...args]),
        error: (...args: unknown[]) => void this.faults.push(args),
      },
      onTransition: () => {},
    });
  }

  get state(): string {
    return this.runtime.actor.state();
  }

  get causes(): StrategyRuntime['halts']['causes'] {
    return this.runtime.halts.causes;
  }

  /** Signed quantity that is open. */
  qty(symbol = 'X'): number {
    return this.book.ledger.position('paper', symbol)?.qty.toNumber() ?? 0;
  }

  /** An intent as the author's turn hands it over: `order`, `nothing`, or the code of its denial. */
  ask(intent: Asked): string {
    const id = `${this.name}-9-${++this.#sequence}`;
    const outcome = this.book.desk.handle(
      readIntent({ kind: 'place', tif: 'GTC', stream: 'X', ...intent, orderId: id, signalId: `${id}s` }),
    );
    return typeof outcome === 'string' ? outcome : outcome.code;
  }

  /** A market order. */
  trade(side: 'BUY' | 'SELL', qty: number, stream = 'X'): string {
    return this.ask({ side, type: 'market', qty: String(qty), stream });
  }

  close(stream = 'X'): string {
    const id = `${this.name}-9-${++this.#sequence}`;
    const outcome = this.book.desk.handle({ kind: 'close', stream, orderId: id, signalId: `${id}s` });
    return typeof outcome === 'string' ? outcome : outcome.code;
  }

  /** From its next turn on the author's code does not come back. */
  hang(): void {
    let end!: () => void;
    const over = new Promise<void>((resolve) => (end = resolve));
    this.#hang = { over, end };
  }

  /** It comes back after all. */
  answer(): void {
    this.#hang?.end();
    this.#hang = undefined;
  }

  #host(): GuestHost {
    return {
      load: () => Promise.resolve(this.runtime.deployment.definition),
      create: () => Promise.resolve(['onTick', 'onTimer']),
      turn: (items) => this.#hang?.over.then(() => this.#worked(items)) ?? this.#worked(items),
      terminate: () => {},
      failures$: new Subject(),
      utilization: () => 0,
    };
  }

  #worked(items: readonly WireItem[]): TurnResult {
    for (const [index, item] of items.entries()) {
      const asked = this.author(item);
      if (asked.length > 0) return { consumed: index + 1, intents: asked, logs: [], evaluations: 0 };
    }
    return { consumed: items.length, intents: [], logs: [], evaluations: 0 };
  }
}

export class DeskScene {
  readonly options: DeskSceneOptions;
  readonly clock: VirtualClock;
  market: TestMarket;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly strategies = new Map<string, Strategy>();
  gatewayReady = true;
  book!: BookHalts;
  /** What the disk holds of the book. */
  bookState: unknown;
  readonly #disks = new Map<string, Disk>();

  private constructor(options: DeskSceneOptions) {
    this.options = options;
    this.clock = new VirtualClock(options.start ?? START);
    this.instruments = new Map((options.instruments ?? [instrument('X')]).map((terms) => [terms.symbol, terms]));
    this.market = new TestMarket(this);
  }

  /** Strategies (one named `s` unless said) that trade. */
  static async open(options: DeskSceneOptions = {}): Promise<DeskScene> {
    const scene = new DeskScene(options);
    scene.#build();
    await scene.start();
    return scene;
  }

  get s(): Strategy {
    return this.strategies.get('s')!;
  }

  nextSeq(name: string): number {
    return (this.#disks.get(name)?.events.at(-1)?.seq ?? 0) + 1;
  }

  async start(): Promise<void> {
    for (const { runtime } of this.strategies.values()) runtime.actor.send({ type: 'START', by: 'test' });
    await this.rest();
  }

  /** Another one is deployed, as the fleet does it. */
  async deploy(name: string): Promise<Strategy> {
    this.#add(name);
    const strategy = this.strategies.get(name)!;
    await this.book.shareWith(strategy.runtime);
    strategy.runtime.actor.send({ type: 'START', by: 'test' });
    await this.rest();
    return strategy;
  }

  /** Takes one out; what it leaves on disk stays. */
  remove(name: string): void {
    const { runtime } = this.strategies.get(name)!;
    runtime.dispose();
    this.strategies.delete(name);
    this.book.leave(name);
  }

  /** The process is gone, and comes up with what is on disk, `downMs` later. */
  async restart(downMs = 0): Promise<void> {
    const kept = this.bookState;
    for (const { name, disk, runtime } of this.strategies.values()) {
      this.#disks.set(name, disk.crashed());
      runtime.dispose();
    }
    this.book.close();
    this.bookState = kept;
    this.strategies.clear();
    this.jump(downMs);
    // Quotes are not kept.
    this.market = new TestMarket(this);
    this.#build();
    await this.start();
  }

  /** A quote a millisecond later, or `afterMs`; without a spread unless there is an ask. */
  quote(bid: number, ask: number = bid, { symbol = 'X', afterMs = 1 } = {}): void {
    const ts = this.clock.now() + afterMs;
    this.clock.advanceTo(ts);
    this.market.give({ symbol, ts, bid, ask });
  }

  /** As time passes while nothing happens: only the timers of the last second run one by one. */
  jumpTo(time: number): void {
    this.clock.setNow(time - 1000);
    this.clock.advanceTo(time);
  }

  jump(ms: number): void {
    this.jumpTo(this.clock.now() + ms);
  }

  /** Until nothing waits any more that does not wait for time of its own; at most a second of it. */
  async rest(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      await settled();
      this.clock.advanceBy(25);
    }
    await settled();
  }

  #build(): void {
    const { strategies = ['s'], book = [] } = this.options;
    this.book = new BookHalts({
      rules: book,
      clock: this.clock,
      rollover: parseRollover(this.options.rollover ?? '00:00 UTC')!,
      memory: {
        recallBook: () => fromStored(this.bookState) as never,
        keepBook: (state) => void (this.bookState = toStored(state)),
      },
      runtimes: () => [...this.strategies.values()].map(({ runtime }) => runtime),
    });
    for (const name of strategies) this.#add(name);
    this.book.recovered();
  }

  #add(name: string): void {
    const disk = this.#disks.get(name) ?? new Disk(this.clock, this.options);
    this.#disks.set(name, disk);
    const recalled = disk.state === undefined ? undefined : (fromStored(disk.state) as BookState);
    const strategy = new Strategy(name, this, disk, recalled);
    this.strategies.set(name, strategy);
    this.book.join(strategy.runtime);
  }
}
