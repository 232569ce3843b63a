/**
 * The gateway of an MT5 venue: it is looked at each second, its account is held to what it must be,
 * and the book is compared before anything is traded. While it cannot be used the market has no
 * quotes and the trading core rests: what is not known is shown as unknown.
 */
import type { Observable } from 'rxjs';
import type { Cancel, Clock } from '../clock.ts';
import type { Mt5VenueConfig } from '../config/mt5-venue.ts';
import type { GatewayEvent as GatewayNotice } from '../domain/events.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { GatewayAccountView, GatewayView } from '../domain/gateway-views.ts';
import type { GatewayClient } from '../venues/mt5/client.ts';
import type { Mt5Market } from '../venues/mt5/market.ts';
import type { TradingCore } from '../venues/mt5/trading-types.ts';
import type { MarginMode, Mt5AccountInfo, Read } from '../venues/mt5/types.ts';
import { accountTrouble } from './account-check.ts';
import { GatewayActor } from './gateway-actor.ts';
import { LinkError, type GatewayEvent, type GatewayLink } from './gateway-events.ts';
import { probeGateway, type Probe } from './gateway-probe.ts';
import { gatewayView } from './gateway-view.ts';
import { GatewayWatch, type Trouble } from './gateway-watch.ts';
import type { GatewayState } from './gateway.ts';
import { Maintenance } from './maintenance.ts';
import type { GatewayTrouble, VenueDependencies, VenueGateway } from './venue.ts';

export interface Mt5GatewayOptions extends Pick<VenueDependencies, 'clock' | 'onTransition' | 'onMachineFault'> {
  readonly config: Mt5VenueConfig;
  /** Of our books. */
  readonly currency: string;
  readonly client: GatewayClient;
  readonly market: Mt5Market;
  readonly trading: TradingCore;
  /** Symbols that the strategies on it trade. */
  readonly symbols: () => readonly string[];
  /** Why these strategies cannot share an account of that mode; undefined where they can. */
  readonly conflict: (mode: MarginMode) => string | undefined;
}

/** States in which the venue is followed. */
const USABLE: ReadonlySet<GatewayState> = new Set(['ready', 'degraded', 'killed']);
const ACCOUNT_EVERY_MS = 5000;
/** Reads in a row that fail before entries are closed. */
const READS = 3;

export class Mt5Gateway implements VenueGateway {
  readonly #options: Mt5GatewayOptions;
  readonly #clock: Clock;
  readonly #actor: GatewayActor;
  readonly #watch: GatewayWatch;
  readonly #maintenance: Maintenance;
  #info: { readonly value: Mt5AccountInfo; readonly at: EpochMs } | undefined;
  /** The account as it was verified first. */
  #verified: Mt5AccountInfo | undefined;
  /** What is wrong with the account as it was read last. */
  #wrong: Trouble | undefined;
  /** Reads of the book in a row that failed, and the last reason. */
  #unread = { times: 0, reason: '' };
  /** Stops reading the account; set while the venue is followed. */
  #unfollow: Cancel | undefined;

  constructor(options: Mt5GatewayOptions) {
    const { config, clock, client, onTransition, onMachineFault } = options;
    this.#options = options;
    this.#clock = clock;
    this.#maintenance = new Maintenance(config.maintenance);
    this.#actor = new GatewayActor({
      name: config.name,
      clock,
      steps: {
        connect: () => this.#step(this.#connect()),
        verify: () => this.#step(this.#verify()),
        reconcile: () => this.#step(this.#reconcile()),
      },
      onTransition: (from, to, cause) => {
        if (USABLE.has(to)) this.#follow();
        else this.#rest();
        onTransition('gateway', config.name, from, to, cause);
      },
      onFault: (fault) => onMachineFault('gateway', config.name, fault),
    });
    this.#watch = new GatewayWatch({
      clock,
      probe: () => probeGateway(client, clock),
      state: () => ({ state: this.#actor.state, killed: this.#actor.context.killed }),
      lost: (probe) => this.#lost(probe),
      degraded: () => this.#degraded(),
      send: (event) => this.#send(event),
    });
  }

  start(): void {
    this.#actor.start();
    this.#watch.start();
  }

  close(): void {
    this.#watch.stop();
    this.#actor.close();
    this.#rest();
  }

  get state(): GatewayState {
    return this.#actor.state;
  }

  get trouble(): GatewayTrouble | undefined {
    return this.#actor.trouble;
  }

  get notices$(): Observable<GatewayNotice> {
    return this.#actor.notices$;
  }

  get checkAgeMs(): number {
    return this.#watch.goodAgeMs;
  }

  /** Whether it can be asked at all. */
  get isUsable(): boolean {
    return USABLE.has(this.#actor.state);
  }

  /** Of the account as it was verified last; `unknown` before it was. */
  get mode(): MarginMode {
    return this.#verified?.marginMode ?? 'unknown';
  }

  takes(what: 'entries' | 'exits'): boolean {
    return this.#actor.takes(what);
  }

  /** The trading core has looked at the book. */
  read(ok: boolean, reason = ''): void {
    this.#unread = ok ? { times: 0, reason: '' } : { times: this.#unread.times + 1, reason };
  }

  /** The terms of symbols are known from now on. The reason says what is wrong. */
  prepare(symbols: readonly string[]): Promise<Read<void>> {
    const { trading } = this.#options;
    return this.#info === undefined
      ? Promise.resolve({ known: false, reason: 'the account has not been verified yet' })
      : trading.prepare(this.#info.value, symbols);
  }

  view(): GatewayView {
    const { config, client, trading } = this.#options;
    const { offsetMs, measuredAt } = client.serverTime();
    return {
      ...gatewayView(config.name, 'mt5', this.#actor, this.#clock, this.#watch.lastGood),
      inMaintenance: this.#maintenance.isOn(this.#clock.now()),
      probeMs: this.#watch.tookMs,
      serverOffsetMs: measuredAt === undefined ? null : offsetMs,
      account: this.#info === undefined ? null : accountView(this.#info.value, this.#info.at),
      differences: trading.differences().map((one) => ({ ...one, since: iso(one.since) })),
      requests: client.requests,
    };
  }

  async #connect(): Promise<void> {
    const { client } = this.#options;
    const { trouble, killed } = await probeGateway(client, this.#clock);
    if (trouble !== undefined) throw new LinkError(trouble.link, trouble.cause);
    if (killed !== this.#actor.context.killed) this.#actor.send({ type: killed ? 'KILLED' : 'RELEASED' });
  }

  async #verify(): Promise<void> {
    const { trading, symbols, conflict } = this.#options;
    const info = known(await this.#readAccount(), 'account');
    const trouble = this.#wrong;
    if (trouble !== undefined) throw new LinkError(trouble.link, trouble.cause);
    const shared = conflict(info.marginMode);
    if (shared !== undefined) throw new LinkError('account', shared);
    known(await trading.prepare(info, symbols()), 'account');
    this.#verified ??= info;
  }

  async #reconcile(): Promise<void> {
    // The machine starts this before it tells of its state.
    this.#rest();
    known(await this.#options.trading.reconcile(), 'reconciliation');
    this.read(true);
  }

  /** What has failed in a known maintenance window says so. */
  async #step(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      throw new LinkError(error.link, this.#maintenance.explain(error.message, this.#clock.now()));
    }
  }

  #send(event: GatewayEvent): void {
    const told =
      event.type === 'LOST' ? { ...event, cause: this.#maintenance.explain(event.cause, this.#clock.now()) } : event;
    this.#actor.send(told);
  }

  /** Quotes, the book and the account are read. */
  #follow(): void {
    if (this.#unfollow !== undefined) return;
    this.#unfollow = this.#clock.every(ACCOUNT_EVERY_MS, () => void this.#readAccount());
    this.#options.market.resume();
    this.#options.trading.begin();
  }

  /** Nothing is: what was known is not known any more. */
  #rest(): void {
    if (this.#unfollow === undefined) return;
    this.#unfollow();
    this.#unfollow = undefined;
    this.#options.market.suspend();
    this.#options.trading.suspend();
  }

  async #readAccount(): Promise<Read<Mt5AccountInfo>> {
    const { client, config, currency } = this.#options;
    const read = await client.account();
    if (!read.known) return read;
    this.#info = { value: read.value, at: this.#clock.now() };
    this.#wrong = accountTrouble(read.value, { expect: config.expect, currency, before: this.#verified });
    return read;
  }

  /** Another account, another mode: nothing of it is ours. */
  #lost({ login }: Probe): Trouble | undefined {
    const must = this.#verified?.login;
    if (login !== undefined && must !== undefined && login !== must)
      return { link: 'login', cause: `the terminal is logged in to ${login} instead of ${must}` };
    return this.isUsable ? this.#wrong : undefined;
  }

  #degraded(): Trouble | undefined {
    const { times, reason } = this.#unread;
    if (times >= READS) return { link: 'reconciliation', cause: `the book cannot be read: ${reason}` };
    const cause = this.#options.market.quotesMissing();
    return cause === undefined ? undefined : { link: 'quotes', cause };
  }
}

/** @throws LinkError for what could not be read */
function known<T>(read: Read<T>, link: GatewayLink): T {
  if (read.known) return read.value;
  throw new LinkError(link, read.reason);
}

function accountView(info: Mt5AccountInfo, at: EpochMs): GatewayAccountView {
  const { login, server, currency, tradeMode, marginMode, leverage, balance, equity, marginLevel } = info;
  return {
    login: login ?? null,
    server,
    currency,
    tradeMode,
    marginMode,
    leverage: leverage ?? null,
    balance,
    equity,
    marginLevel,
    asOf: iso(at),
  };
}
