/** A paper venue: its market, its gateway and feed as actors, and an account for each strategy. */
import { createActor, fromPromise, type ActorRefFrom } from 'xstate';
import type { Cancel, Clock } from '../clock.ts';
import type { PaperVenueConfig } from '../config/types.ts';
import type { Instrument } from '../domain/market.ts';
import { createPrng } from '../domain/prng.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { AccountLinks, VenueAccount, VenueFaults } from '../domain/venue.ts';
import type { GatewayView } from '../domain/views.ts';
import type { SessionHours } from '../risk/sessions.ts';
import type { Market } from '../venues/market.ts';
import { PaperAccount, type PaperOptions } from '../venues/paper.ts';
import { openReplay, type ReplaySource } from '../venues/replay-file.ts';
import { ReplayMarket } from '../venues/replay-market.ts';
import { SyntheticMarket } from '../venues/synthetic-market.ts';
import { errorView, faultTolerant } from './fault-tolerant.ts';
import { feedMachine } from './feed.ts';
import { gatewayMachine } from './gateway.ts';
import { GATEWAY_LIMIT_MS, Lease } from './leases.ts';
import type { DeadlineInput } from './strategy-events.ts';

/** How often the feed's actor hears of the last tick, at most, in milliseconds. */
const LAST_TICK_EVERY_MS = 100;

export interface VenueDependencies {
  /** The wall clock. */
  readonly clock: Clock;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly sessions: ReadonlyMap<string, SessionHours>;
  readonly onTransition: (actor: 'gateway' | 'feed', venue: string, from: string, to: string, cause: string) => void;
  /** Stands in for the reader of replay files. */
  readonly openReplay?: typeof openReplay;
}

export class PaperVenue {
  readonly name: string;
  readonly market: Market;
  /** Set for a replay: its counts and its progress. */
  readonly replay: ReplaySource | undefined;
  /** What it can be made to suffer; silence is for the synthetic market alone. */
  readonly faults: VenueFaults = {
    silence: (symbol, silent) => this.market.silence(symbol, silent),
    loseGateway: (cause) => this.#loseGateway(cause),
    reject: (share) => (this.#accounts.rejectionRate = share),
  };
  readonly #config: PaperVenueConfig;
  /** How all accounts of the venue behave. */
  readonly #accounts: PaperOptions & { rejectionRate: number };
  readonly #deps: VenueDependencies;
  readonly #gateway: ActorRefFrom<typeof gatewayMachine>;
  readonly #feed: ActorRefFrom<typeof feedMachine>;
  readonly #stopWatch: Cancel;
  /** Renewed by every check that the gateway has taken in. */
  readonly #checks: Lease;
  #lastCheck: EpochMs | null = null;
  #ticksSeen = 0;
  /** Why the venue cannot be reached; undefined while it can. */
  #lost: string | undefined;

  private constructor(
    config: PaperVenueConfig,
    market: Market,
    replay: ReplaySource | undefined,
    deps: VenueDependencies,
  ) {
    this.name = config.name;
    this.market = market;
    this.replay = replay;
    this.#config = config;
    const { latencyMs, slippagePoints, rejectionRate, partialFillRate, commissionPerLot } = config;
    this.#accounts = { latencyMs, slippagePoints, rejectionRate, partialFillRate, commissionPerLot };
    this.#deps = deps;
    const { clock } = deps;
    const ports = { actors: { connect: fromPromise<unknown, DeadlineInput>(() => this.#connect()) } };
    this.#gateway = createActor(faultTolerant(gatewayMachine.provide(ports)), {
      input: { name: this.name, clock },
      clock: clock.xstate,
    });
    this.#feed = createActor(faultTolerant(feedMachine), { input: { venue: this.name, clock }, clock: clock.xstate });
    this.#checks = new Lease(`gateway:${this.name}`, GATEWAY_LIMIT_MS, clock);
    this.#gateway.subscribe(({ context }) => this.#checked(context.lastCheck));
    this.#tell('gateway', this.#gateway);
    this.#tell('feed', this.#feed);
    this.#stopWatch = clock.every(LAST_TICK_EVERY_MS, () => this.#lookAtFeed());
    void market.ended.then(() => {
      // A market that is closed ends as well, and its feed is gone then.
      if (this.#feed.getSnapshot().status === 'active') this.#feed.send({ type: 'ENDED' });
    });
  }

  /** @throws QktError when the replay file cannot be used. */
  static async open(config: PaperVenueConfig, deps: VenueDependencies): Promise<PaperVenue> {
    const { clock, instruments, sessions } = deps;
    if (config.feed === 'synthetic')
      return new PaperVenue(
        config,
        new SyntheticMarket({ seed: config.seed, clock, instruments, sessions }),
        undefined,
        deps,
      );
    const spreadOf = (symbol: string): number => instruments.get(symbol)?.spread.toNumber() ?? 0;
    const source = await (deps.openReplay ?? openReplay)(config.file!, {
      ...(config.symbol !== undefined && { symbol: config.symbol }),
      spreadOf,
    });
    let failed: (error: unknown) => void = () => {};
    const market = new ReplayMarket(source, {
      speed: config.speed,
      wall: clock,
      instruments,
      sessions,
      failed: (error) => failed(error),
    });
    const venue = new PaperVenue(config, market, source, deps);
    failed = (error) => venue.#feed.send({ type: 'FAILED', error: errorView(error) });
    return venue;
  }

  start(): void {
    this.#gateway.start();
    this.#feed.start();
    this.#gateway.send({ type: 'CONNECT' });
  }

  close(): void {
    this.#stopWatch();
    this.market.close();
    this.#gateway.send({ type: 'DISCONNECT' });
    this.#gateway.stop();
    this.#feed.stop();
  }

  /** An account of its own: on paper each strategy has one. */
  openAccount(strategy: string, { report }: AccountLinks): VenueAccount {
    return new PaperAccount(this.#accounts, {
      clock: this.market.clock,
      prng: createPrng(`${this.#config.seed}:${strategy}`),
      instrument: (symbol) => this.#deps.instruments.get(symbol),
      quote: (symbol) => this.market.quote(symbol),
      account: strategy,
      report,
    });
  }

  /** The replay has no quotes of this symbol: as far as that can be known before it is read to its end. */
  lacks(symbol: string): boolean {
    return this.#config.symbol !== undefined && this.replay !== undefined && this.#config.symbol !== symbol;
  }

  get gatewayReady(): boolean {
    return this.#gateway.getSnapshot().hasTag('takesEntries');
  }

  gatewayState(): string {
    return this.#gateway.getSnapshot().value;
  }

  /** Milliseconds since the gateway was last looked at. */
  get checkAgeMs(): number {
    return this.#checks.ageMs;
  }

  view(): GatewayView {
    const { value, context } = this.#gateway.getSnapshot();
    return {
      name: this.name,
      type: 'paper',
      state: value,
      lastCheck: context.lastCheck === null ? null : iso(context.lastCheck),
      failingLink: context.failingLink,
      cause: context.cause,
    };
  }

  #connect(): Promise<void> {
    return this.#lost === undefined ? Promise.resolve() : Promise.reject(new Error(this.#lost));
  }

  #loseGateway(cause: string | undefined): void {
    this.#lost = cause;
    if (cause !== undefined) this.#gateway.send({ type: 'LOST', cause, link: 'venue' });
  }

  #checked(at: EpochMs | null): void {
    if (at === this.#lastCheck) return;
    this.#lastCheck = at;
    this.#checks.renew();
  }

  #lookAtFeed(): void {
    if (this.market.tickCount !== this.#ticksSeen) this.#feed.send({ type: 'LAST_TICK', at: this.#deps.clock.now() });
    this.#ticksSeen = this.market.tickCount;
    this.#gateway.send({ type: 'CHECKED' });
  }

  #tell(actor: 'gateway' | 'feed', ref: Watched): void {
    let before = ref.getSnapshot().value;
    ref.subscribe(({ value, context }) => {
      if (value === before) return;
      const from = before;
      before = value;
      this.#deps.onTransition(actor, this.name, from, value, context.cause ?? context.lastError?.message ?? '');
    });
  }
}

/** What the gateway's and the feed's actor have in common for one who tells of their changes. */
interface Watched {
  getSnapshot(): WatchedSnapshot;
  subscribe(next: (snapshot: WatchedSnapshot) => void): unknown;
}
interface WatchedSnapshot {
  readonly value: string;
  readonly context: { readonly cause?: string | null; readonly lastError?: { readonly message: string } | null };
}
