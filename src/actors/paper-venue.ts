/** A paper venue: its market, its gateway and feed as actors, and an account for each strategy. */
import { EMPTY, type Observable } from 'rxjs';
import type { PaperVenueConfig } from '../config/types.ts';
import { createPrng } from '../domain/prng.ts';
import type { FeedFault } from '../domain/market.ts';
import type { AccountLinks, VenueAccount, VenueFaults } from '../domain/venue.ts';
import { QktError } from '../errors.ts';
import type { Market } from '../venues/market.ts';
import { PaperAccount, type PaperOptions } from '../venues/paper.ts';
import { openReplay, type ReplaySource } from '../venues/replay-file.ts';
import { ReplayMarket } from '../venues/replay-market.ts';
import { SyntheticMarket } from '../venues/synthetic-market.ts';
import { FeedActor } from './feed-actor.ts';
import { PaperGateway } from './paper-gateway.ts';
import type { Venue, VenueDependencies } from './venue.ts';

export class PaperVenue implements Venue {
  readonly name: string;
  readonly market: Market;
  readonly replay: ReplaySource | undefined;
  readonly drops$: Observable<FeedFault>;
  readonly gateway: PaperGateway;
  /** Silence is for the synthetic market alone. */
  readonly faults: VenueFaults = {
    silence: (symbol, silent) => this.market.silence(symbol, silent),
    loseGateway: (cause) => this.gateway.lose(cause),
    reject: (share) => (this.#accounts.rejectionRate = share),
  };
  readonly #config: PaperVenueConfig;
  /** How all accounts of the venue behave. */
  readonly #accounts: PaperOptions & { rejectionRate: number };
  readonly #deps: VenueDependencies;
  readonly #feed: FeedActor;

  private constructor(
    config: PaperVenueConfig,
    market: Market,
    replay: ReplaySource | undefined,
    deps: VenueDependencies,
  ) {
    const { name } = config;
    this.name = name;
    this.market = market;
    this.replay = replay;
    this.drops$ = replay?.faults$ ?? EMPTY;
    this.#config = config;
    const { latencyMs, slippagePoints, rejectionRate, partialFillRate, commissionPerLot } = config;
    this.#accounts = { latencyMs, slippagePoints, rejectionRate, partialFillRate, commissionPerLot };
    this.#deps = deps;
    this.gateway = new PaperGateway(name, deps);
    this.#feed = new FeedActor({
      venue: name,
      market,
      clock: deps.clock,
      onTransition: (from, to, cause) => deps.onTransition('feed', name, from, to, cause),
      onFault: (fault) => deps.onMachineFault('feed', name, fault),
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
    failed = (error) => venue.#feed.failed(error);
    return venue;
  }

  start(): void {
    this.gateway.start();
    this.#feed.start();
  }

  settled(): void {
    // Each account is its own book: there is nothing to compare it with.
  }

  async close(): Promise<void> {
    this.market.close();
    this.gateway.close();
    this.#feed.close();
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

  /** A replay has the symbols of its file: as far as that can be known before it is read to its end. */
  async admit(_strategy: string, symbol: string): Promise<void> {
    const { symbol: only } = this.#config;
    if (only !== undefined && this.replay !== undefined && only !== symbol)
      throw new QktError('QKT_E_UNKNOWN_SYMBOL', `the replay has no quotes of ${symbol}`);
  }
}
