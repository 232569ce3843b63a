/** An MT5 venue: one gateway, one account and one magic number, which all strategies on it share. */
import type { Observable } from 'rxjs';
import type { Mt5VenueConfig } from '../config/mt5-venue.ts';
import type { FeedFault } from '../domain/market.ts';
import type { AccountLinks, VenueAccount } from '../domain/venue.ts';
import { QktError } from '../errors.ts';
import { GatewayClient } from '../venues/mt5/client.ts';
import { Mt5Market } from '../venues/mt5/market.ts';
import { contradiction } from '../venues/mt5/symbol-terms.ts';
import { Mt5Trading } from '../venues/mt5/trading.ts';
import { openTransport, type Transport } from '../venues/mt5/transport.ts';
import type { MarginMode } from '../venues/mt5/types.ts';
import { brokerSymbol, ourSymbol } from '../venues/mt5-profiles.ts';
import { FeedActor } from './feed-actor.ts';
import { Mt5Gateway } from './mt5-gateway.ts';
import type { Venue, VenueDependencies } from './venue.ts';

export interface Mt5Dependencies extends VenueDependencies {
  readonly transport: Transport;
}

export class Mt5Venue implements Venue {
  readonly name: string;
  readonly market: Mt5Market;
  readonly gateway: Mt5Gateway;
  readonly drops$: Observable<FeedFault>;
  readonly replay = undefined;
  readonly faults = undefined;
  readonly #config: Mt5VenueConfig;
  readonly #deps: Mt5Dependencies;
  readonly #client: GatewayClient;
  readonly #trading: Mt5Trading;
  readonly #feed: FeedActor;

  constructor(config: Mt5VenueConfig, deps: Mt5Dependencies) {
    const { clock, instruments, sessions, transport, onTransition, onMachineFault } = deps;
    const { name, magic, deviation, pollMs, apiKey } = config;
    this.name = name;
    this.#config = config;
    this.#deps = deps;
    this.#client = new GatewayClient({
      clock,
      transport,
      magic,
      deviation,
      serverClock: config.clock,
      ...(apiKey !== undefined && { apiKey }),
    });
    this.market = new Mt5Market({
      clock,
      client: this.#client,
      brokerSymbol: (symbol) => brokerSymbol(config, symbol),
      instruments,
      sessions,
      pollMs,
      lost: (reason) => this.#feed.lost(reason),
    });
    this.drops$ = this.market.drops$;
    this.#feed = new FeedActor({
      venue: name,
      market: this.market,
      clock,
      onTransition: (from, to, cause) => onTransition('feed', name, from, to, cause),
      onFault: (fault) => onMachineFault('feed', name, fault),
    });
    this.#trading = this.#openTrading();
    this.gateway = new Mt5Gateway({
      config,
      clock,
      onTransition,
      onMachineFault,
      currency: deps.currency,
      client: this.#client,
      market: this.market,
      trading: this.#trading,
      symbols: () => this.#symbolsInUse(),
      conflict: (mode) => this.#conflict(mode),
    });
  }

  static async open(config: Mt5VenueConfig, deps: VenueDependencies): Promise<Mt5Venue> {
    const transport = await (deps.openTransport ?? openTransport)(config.gatewayUrl);
    return new Mt5Venue(config, { ...deps, transport });
  }

  start(): void {
    this.#feed.start();
  }

  /** Only now can be said whose everything on the account is. */
  settled(): void {
    this.#trading.settled();
    this.gateway.start();
  }

  close(): Promise<void> {
    this.gateway.close();
    this.market.close();
    this.#trading.close();
    this.#feed.close();
    return this.#client.dispose();
  }

  openAccount(strategy: string, links: AccountLinks): VenueAccount {
    return this.#trading.openAccount({ strategy, ...links });
  }

  async admit(strategy: string, symbol: string): Promise<void> {
    this.#checkShared(strategy, symbol);
    if (!this.gateway.isUsable) return;
    const name = brokerSymbol(this.#config, symbol);
    const read = await this.#client.symbol(name);
    // What cannot be read now is read as soon as it can be.
    if (!read.known) {
      void this.gateway.prepare([symbol]);
      return;
    }
    if (read.value === undefined)
      throw new QktError(
        'QKT_E_UNKNOWN_SYMBOL',
        `${this.name} has no symbol ${name}, which is what it would call ${symbol}`,
      );
    const wrong = contradiction(this.#deps.instruments.get(symbol)!, read.value);
    if (wrong !== undefined) throw new QktError('QKT_E_UNKNOWN_SYMBOL', wrong);
    await this.gateway.prepare([symbol]);
  }

  /** @throws QktError QKT_E_SYMBOL_SHARED where two strategies would be netted against each other, or might be */
  #checkShared(strategy: string, symbol: string): void {
    const other = this.#trading.traders(symbol).find((name) => name !== strategy);
    const { mode } = this.gateway;
    if (other === undefined || mode === 'hedging') return;
    const why =
      mode === 'unknown'
        ? 'whether the account nets is not known before its gateway was verified'
        : `the account of ${this.name} nets`;
    throw new QktError('QKT_E_SYMBOL_SHARED', `${other} trades ${symbol} already, and ${why}`);
  }

  /** Two strategies that an account of this mode would net against each other, in words. */
  #conflict(mode: MarginMode): string | undefined {
    if (mode === 'hedging') return undefined;
    for (const symbol of this.#deps.instruments.keys()) {
      const traders = this.#trading.traders(symbol);
      if (traders.length > 1) return `${traders.join(' and ')} trade ${symbol}, and the account nets`;
    }
    return undefined;
  }

  #symbolsInUse(): readonly string[] {
    return [...this.#deps.instruments.keys()].filter((symbol) => this.#trading.traders(symbol).length > 0);
  }

  #openTrading(): Mt5Trading {
    const { clock, instruments, onDifference, onFault } = this.#deps;
    const { name, magic, pollMs, reconcile } = this.#config;
    return new Mt5Trading({
      venue: name,
      magic,
      clock,
      client: this.#client,
      pollMs,
      brokerSymbol: (symbol) => brokerSymbol(this.#config, symbol),
      ourSymbol: (theirs) => ourSymbol(this.#config, theirs),
      instruments,
      quote: (symbol) => this.market.quote(symbol),
      policies: reconcile,
      listener: {
        read: (ok, reason) => this.gateway.read(ok, reason),
        difference: (difference, settled) => onDifference(name, difference, settled),
        fault: (strategy, reason) => onFault(name, strategy, reason),
      },
    });
  }
}
