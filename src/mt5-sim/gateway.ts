/**
 * The gateway as a process: one terminal behind it, its memory of idempotency keys, its kill switch,
 * and whatever is wrong with it at the moment. The terminal's truth passes through here to every route.
 */
import type { Cancel, Clock } from '../clock.ts';
import { Decimal, dec } from '../domain/decimal.ts';
import type { Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import type { FaultBoard } from '../venues/mt5-sim/fault-board.ts';
import { IdempotencyStore } from '../venues/mt5-sim/idempotency.ts';
import type { KillSwitch } from '../venues/mt5-sim/kill-switch.ts';
import { RequestLog } from '../venues/mt5-sim/request-log.ts';
import { codeNamed, retcodeOf } from '../venues/mt5-retcodes.ts';
import { serverOffsetMs, type ServerClock } from '../venues/mt5-server-clock.ts';
import type { Terminal } from '../venues/mt5-sim/terminal.ts';
import type { Deal, Position, TradeRequest, TradeResult } from '../venues/mt5-sim/types.ts';
import { IPC_TIMEOUT, type Answer } from './answers.ts';
import { actsByHand } from './by-hand.ts';
import { GATEWAY_VERSIONS, type GatewayVersion } from './choices.ts';
import { Metrics } from './metrics.ts';

export interface GatewayOptions {
  readonly clock: Clock;
  readonly terminal: Terminal;
  readonly serverClock: ServerClock;
  readonly faults: FaultBoard;
  readonly kill: KillSwitch;
  readonly login: number;
  readonly server: string;
  readonly version: GatewayVersion;
  /** Empty: open to all. */
  readonly apiKey: string;
  /** The broker's names of the symbols that orders may be for; absent: all. */
  readonly whitelist?: ReadonlySet<string>;
}

/** How long a gateway of 0.3.17 waits for the deal of an order that was answered with price 0, and how often it looks. */
const FILL_CONFIRM_MS = 3000;
const FILL_POLL_MS = 200;

/** Between attempts to reach the terminal. */
const RECONNECT_DELAYS_MS = [1000, 2000];

/** The gateway has ended while a request was under way. */
export class Stopped extends Error {}

const HOUR_MS = 3_600_000;
const HUNDREDTH = dec('0.01');

export class Gateway {
  readonly clock: Clock;
  readonly terminal: Terminal;
  readonly faults: FaultBoard;
  readonly kill: KillSwitch;
  readonly log = new RequestLog();
  readonly keys: IdempotencyStore<Answer>;
  readonly options: GatewayOptions;
  metrics = new Metrics();
  /** What the terminal says of its last call. */
  lastError: readonly [number, string] = [1, 'Success'];
  #startedAt: number;
  #wasDown = false;
  #reconnecting = false;
  #away = false;
  /** Ends those who wait for time to pass. */
  readonly #waiting = new Set<() => void>();
  /** What other hands are still to do. */
  readonly #acts = new Set<Cancel>();

  constructor(options: GatewayOptions) {
    this.options = options;
    this.clock = options.clock;
    this.terminal = options.terminal;
    this.faults = options.faults;
    this.kill = options.kill;
    this.keys = new IdempotencyStore(options.clock);
    this.#startedAt = options.clock.monotonic();
  }

  /** As if the process had ended and come again: what it only had in memory is forgotten, what it was at is cut off; the account is not its own. */
  restart(): void {
    this.#stopWaiting();
    this.keys.forget();
    this.metrics = new Metrics();
    this.lastError = [1, 'Success'];
    this.#startedAt = this.clock.monotonic();
  }

  /** No timer is left behind. */
  stop(): void {
    this.#stopWaiting();
    for (const cancel of this.#acts) cancel();
    this.#acts.clear();
  }

  get uptimeSeconds(): number {
    return Math.round(this.clock.monotonic() - this.#startedAt) / 1000;
  }

  has(version: GatewayVersion): boolean {
    return GATEWAY_VERSIONS.indexOf(this.options.version) >= GATEWAY_VERSIONS.indexOf(version);
  }

  /** Is the terminal there? A return is counted when it is first noticed. */
  isConnected(): boolean {
    const down = this.faults.state('mt5-down') !== undefined || this.faults.state('mt5-reconnecting') !== undefined;
    if (this.#wasDown && !down) this.metrics.reconnects += 1;
    this.#wasDown = down;
    return !down;
  }

  /** What the gateway says of its terminal. */
  get mt5Status(): 'connected' | 'disconnected' | 'reconnecting' {
    if (this.isConnected()) return 'connected';
    return this.#reconnecting ? 'reconnecting' : 'disconnected';
  }

  /** One request at a time tries to reach a terminal that is away. @returns is it there now? */
  async reconnects(): Promise<boolean> {
    if (this.isConnected()) return true;
    if (this.#reconnecting || this.faults.state('mt5-reconnecting') === undefined) return false;
    this.#reconnecting = true;
    try {
      for (const delayMs of RECONNECT_DELAYS_MS) {
        await this.pause(delayMs);
        if (this.isConnected()) return true;
      }
      return false;
    } finally {
      this.#reconnecting = false;
    }
  }

  isKilled(): boolean {
    return this.kill.active || this.faults.state('kill-switch') !== undefined;
  }

  /**
   * A quote comes in, unless the symbol's are held back. Times of a symbol never go back or repeat.
   * @param at when it takes effect; absent: now
   */
  takeQuote(tick: Tick, at?: EpochMs): void {
    const frozen = this.faults.state('frozen-quotes');
    if (frozen === '*' || frozen === tick.symbol) return;
    const last = this.terminal.quoteOf(tick.symbol)?.ts ?? -Infinity;
    this.terminal.quote(tick.ts > last ? tick : { ...tick, ts: last + 1 }, at);
  }

  /** Every second time. */
  looksAway(): boolean {
    this.#away = !this.#away;
    return this.#away;
  }

  /** How far the server's clock is ahead of UTC at that instant. */
  offsetMs(at: EpochMs): number {
    const further = this.faults.state('clock-offset');
    return serverOffsetMs(this.options.serverClock, at) + (typeof further === 'number' ? further * HOUR_MS : 0);
  }

  /** An instant as the terminal writes it: the server's clock as if it were UTC, in milliseconds. */
  shown(at: EpochMs): number {
    return at + this.offsetMs(at);
  }

  /** As {@link shown}, in whole seconds; 0 for none. */
  shownSeconds(at: EpochMs | undefined): number {
    return at === undefined ? 0 : Math.floor(this.shown(at) / 1000);
  }

  /** The instant at which the server's clock shows that time. */
  instant(shown: number): EpochMs {
    return shown - this.offsetMs(shown - this.offsetMs(shown));
  }

  /** The positions that the terminal shows. */
  positions(): readonly Position[] {
    this.terminal.account.passNights();
    const now = this.clock.now();
    return this.terminal.positions.all().filter(({ visibleAt }) => visibleAt <= now);
  }

  /** The one of that ticket, if the terminal shows it. */
  position(ticket: number): Position | undefined {
    return this.positions().find((position) => position.ticket === ticket);
  }

  /** The deals that the terminal shows, oldest first. */
  deals(): readonly Deal[] {
    const lag = this.faults.state('history-lag');
    const now = this.clock.now() - (typeof lag === 'number' ? lag : 0);
    return this.terminal.history.deals.filter(({ visibleAt }) => visibleAt <= now);
  }

  /** The retcode that the trade server would refuse with; 0: none. */
  check(request: TradeRequest): number {
    return this.#mayTrade() ? this.terminal.check(request) : codeNamed('TRADE_DISABLED');
  }

  /** Sends a request to the trade server. @returns undefined when no result came back, executed or not */
  send(request: TradeRequest, route: string): TradeResult | undefined {
    const result = this.#send(request, route);
    this.lastError = result === undefined ? IPC_TIMEOUT : [1, 'Success'];
    this.metrics.count(request, result);
    return result;
  }

  #send(request: TradeRequest, route: string): TradeResult | undefined {
    if (!this.isConnected()) return undefined;
    const refusal = this.#refusalOf(route);
    if (refusal !== undefined) return this.terminal.refuse(refusal, request);
    if (this.faults.hit('unknown-not-executed', route) !== undefined) return undefined;
    const result = this.#execute(request, route);
    if (retcodeOf(result.retcode).kind === 'success') this.#expectActs(request, result, route);
    return this.faults.hit('unknown-executed', route) === undefined ? result : undefined;
  }

  #refusalOf(route: string): number | undefined {
    if (!this.#mayTrade()) return codeNamed('TRADE_DISABLED');
    if (this.faults.hit('requote', route) !== undefined) return codeNamed('REQUOTE');
    return this.faults.hit('retcode', route) as number | undefined;
  }

  /** Market orders may be filled in part, or answered before their deal is there. */
  #execute(request: TradeRequest, route: string): TradeResult {
    if (request.action !== 'deal' || this.terminal.check(request) !== 0) return this.terminal.send(request);
    const told = this.faults.hit('partial-fill', route);
    const untold = told === undefined ? this.faults.hit('partial-without-volume', route) : undefined;
    const percent = told ?? untold;
    const hiddenForMs = this.faults.hit('zero-price', route);
    const result = this.terminal.send(request, {
      ...(typeof percent === 'number' && { share: dec(percent).times(HUNDREDTH) }),
      ...(typeof hiddenForMs === 'number' && { hiddenForMs }),
    });
    return {
      ...result,
      ...(untold !== undefined && { volume: Decimal.ZERO }),
      ...(hiddenForMs !== undefined && { price: Decimal.ZERO, deal: 0 }),
    };
  }

  #expectActs(request: TradeRequest, result: TradeResult, route: string): void {
    for (const { afterMs, act } of actsByHand(this.terminal, this.faults, { request, result, route })) {
      const cancel = this.clock.at(this.clock.now() + afterMs, () => {
        this.#acts.delete(cancel);
        act();
      });
      this.#acts.add(cancel);
    }
  }

  #mayTrade(): boolean {
    return this.faults.state('trade-not-allowed') === undefined;
  }

  /** Waits as gateways of 0.3.17 do for the deal of an order that was answered without a price. */
  async dealOf(order: number): Promise<Deal | undefined> {
    for (let waited = 0; ; waited += FILL_POLL_MS) {
      const deal = this.deals().find((one) => one.order === order);
      if (deal !== undefined || waited >= FILL_CONFIRM_MS) return deal;
      await this.pause(FILL_POLL_MS);
    }
  }

  /** @throws Stopped when the gateway ends or starts again meanwhile */
  pause(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.at(this.clock.now() + ms, () => {
        this.#waiting.delete(stop);
        resolve();
      });
      const stop = (): void => {
        cancel();
        reject(new Stopped());
      };
      this.#waiting.add(stop);
    });
  }

  #stopWaiting(): void {
    for (const stop of this.#waiting) stop();
    this.#waiting.clear();
  }
}
