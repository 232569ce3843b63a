/**
 * The MT5 gateway simulator: a simulated terminal, account and market behind the gateway's HTTP API.
 *
 *     const simulator = await createMt5Simulator({ feed: 'manual', account: 'hedging' });
 *     const port = await simulator.listen(0);
 *     simulator.quote('EURUSDm', 1.1, 1.10008);
 *     …
 *     await simulator.close();
 */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { WallClock, type Clock } from '../clock.ts';
import { Decimal, dec, type DecimalLike } from '../domain/decimal.ts';
import type { Tick } from '../domain/market.ts';
import type { EpochMs } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import { brokerSymbol, PROFILES, type ProfileName } from '../venues/mt5-profiles.ts';
import { FaultBoard, type FaultRequest } from '../venues/mt5-sim/fault-board.ts';
import { manualFeed, replayFeed, syntheticFeed, type QuoteFeed } from '../venues/mt5-sim/feeds.ts';
import { KillSwitch } from '../venues/mt5-sim/kill-switch.ts';
import { notConvertible } from '../venues/mt5-sim/money.ts';
import type { ServerClock } from '../venues/mt5-server-clock.ts';
import type { KeptState } from '../venues/mt5-sim/kept-state.ts';
import { StateFile, type Identity, type OpenedState } from '../venues/mt5-sim/state-file.ts';
import { DEFAULT_SYMBOLS, termsOf, type SymbolChanges } from '../venues/mt5-sim/symbols.ts';
import { Terminal } from '../venues/mt5-sim/terminal.ts';
import type { AccountMode, SymbolTerms } from '../venues/mt5-sim/types.ts';
import { openReplay } from '../venues/replay-file.ts';
import type { GatewayVersion } from './choices.ts';
import { exchange, type WireAnswer, type WireRequest } from './exchange.ts';
import { Gateway } from './gateway.ts';
import { GATEWAY_ROUTE_LABELS } from './routes.ts';
import { CUT } from './respond.ts';
import { createServer } from './server.ts';

export interface Mt5SimulatorOptions {
  /** The machine's when absent. */
  readonly clock?: Clock;
  /** Names of symbols and the server's clock; `exness` when absent. */
  readonly profile?: ProfileName;
  /** Instead of the profile's. */
  readonly serverClock?: ServerClock;
  readonly account?: AccountMode;
  readonly balance?: DecimalLike;
  readonly currency?: string;
  readonly leverage?: number;
  readonly login?: number;
  readonly server?: string;
  readonly version?: GatewayVersion;
  /** Under our names. */
  readonly symbols?: readonly string[];
  /** For all symbols. */
  readonly terms?: SymbolChanges;
  /** In account money for a lot and deal; positive costs. */
  readonly commissionPerLot?: DecimalLike;
  readonly feePerLot?: DecimalLike;
  /** `replay:<file>` is a CSV file of quotes or bars. */
  readonly feed?: 'synthetic' | 'manual' | `replay:${string}`;
  readonly seed?: number;
  /** Empty or absent: open to all. */
  readonly apiKey?: string;
  /** Where the kill switch is kept; absent: in memory. */
  readonly killFile?: string;
  /** Where the account is kept: it outlives the simulator then. What it holds wins over balance. */
  readonly stateFile?: string;
  /** Margin level in percent at which positions are closed by the broker; 0 when absent. */
  readonly stopOutLevel?: DecimalLike;
  /** Under our names; orders for other symbols are refused. */
  readonly whitelist?: readonly string[];
  readonly faults?: readonly FaultRequest[];
  /** Hears of a replay that fails in the middle. */
  readonly feedFailed?: (error: unknown) => void;
}

const LOOPBACK = '127.0.0.1';
const LONGEST_PAST_MS = 86_400_000;

/**
 * Ready to listen; quotes come in from then on.
 * @throws QktError QKT_E_UNKNOWN_SYMBOL, QKT_E_BAD_REQUEST for a fault, QKT_E_REPLAY_FILE, QKT_E_REPLAY_SYMBOL, QKT_E_USAGE;
 * QKT_E_LOCKED or QKT_E_STATE_DIR for the state file
 */
export async function createMt5Simulator(options: Mt5SimulatorOptions = {}): Promise<Mt5Simulator> {
  const { clock = new WallClock(), profile: name = 'exness', faults: wanted = [] } = options;
  const profile = PROFILES[name];
  const symbols = termsOf(options.symbols ?? DEFAULT_SYMBOLS, profile, options.terms);
  const faults = new FaultBoard(clock, GATEWAY_ROUTE_LABELS);
  for (const fault of wanted) faults.turnOn(fault);
  const serverClock = options.serverClock ?? profile.clock;
  const { login = 4_410_021, server = 'Demo-Server1', version = '0.3.12', apiKey = '', feed: kind } = options;
  const money = accountOf(options, symbols);
  const feed = await feedOf(options, clock, symbols);
  const identity = { login, mode: money.mode, currency: money.currency, profile: name };
  const { file, kept }: OpenedState = await stateOf(options.stateFile, identity, clock);
  try {
    checkSymbols(kept, symbols);
    const state = { ...(file !== undefined && { keeper: file }), ...(kept !== undefined && { kept }) };
    const keepsQuotes = kind === 'manual';
    const terminal = new Terminal({ clock, serverClock, symbols, ...money, ...state, keepsQuotes });
    const kill = new KillSwitch(options.killFile);
    const names = options.whitelist?.map((symbol) => brokerSymbol(profile, symbol));
    const whitelist = names === undefined ? {} : { whitelist: new Set(names) };
    const told = { login, server, version, apiKey, ...whitelist };
    const gateway = new Gateway({ clock, serverClock, terminal, faults, kill, ...told });
    return new Mt5Simulator(gateway, feed, file, kept?.until);
  } catch (error) {
    file?.close();
    throw error;
  }
}

async function stateOf(path: string | undefined, identity: Identity, clock: Clock): Promise<OpenedState> {
  return path === undefined ? {} : await StateFile.open({ path, identity, clock });
}

function checkSymbols(kept: KeptState | undefined, symbols: ReadonlyMap<string, SymbolTerms>): void {
  if (kept === undefined) return;
  const held = [...kept.positions.values(), ...kept.pendings.values()].map(({ symbol }) => symbol);
  const missing = held.find((symbol) => !symbols.has(symbol));
  if (missing !== undefined)
    throw new QktError('QKT_E_USAGE', `the account holds ${missing}, which --symbols leaves out`);
}

function accountOf(options: Mt5SimulatorOptions, symbols: ReadonlyMap<string, SymbolTerms>) {
  const { account: mode = 'hedging', currency = 'USD', leverage = 100, balance = 10_000 } = options;
  const unknown = notConvertible(currency, symbols);
  if (unknown.length > 0)
    throw new QktError('QKT_E_USAGE', `no symbol here has a rate from ${unknown.join(', ')} into ${currency}`);
  const costs = { commissionPerLot: dec(options.commissionPerLot ?? 0), feePerLot: dec(options.feePerLot ?? 0) };
  const stopOutLevel = dec(options.stopOutLevel ?? 0);
  return { mode, currency, leverage, balance: Decimal.of(balance), costs, stopOutLevel };
}

async function feedOf(
  {
    feed = 'synthetic',
    seed = 1,
    symbols: ours = DEFAULT_SYMBOLS,
    profile = 'exness',
    feedFailed,
  }: Mt5SimulatorOptions,
  clock: Clock,
  symbols: ReadonlyMap<string, SymbolTerms>,
): Promise<QuoteFeed> {
  if (feed === 'manual') return manualFeed();
  if (feed === 'synthetic') return syntheticFeed(clock, seed, symbols.values());
  const names = new Map(ours.map((symbol) => [symbol, brokerSymbol(PROFILES[profile], symbol)]));
  const [only] = ours;
  const source = await openReplay(feed.slice('replay:'.length), {
    ...(ours.length === 1 && only !== undefined && { symbol: only }),
    spreadOf: (symbol) => symbols.get(names.get(symbol) ?? '')?.spread.toNumber() ?? 0,
  });
  return replayFeed(clock, source, (symbol) => names.get(symbol), feedFailed ?? (() => undefined));
}

export class Mt5Simulator {
  /** The truth, and every switch. */
  readonly gateway: Gateway;
  #server: FastifyInstance | undefined;
  readonly #feed: QuoteFeed;
  readonly #file: StateFile | undefined;

  /** @param until the last change of an account that has come back: later quotes still have their effect on it */
  constructor(gateway: Gateway, feed: QuoteFeed, file?: StateFile, until: EpochMs = -Infinity) {
    this.gateway = gateway;
    this.#feed = feed;
    this.#file = file;
    const startedAt = gateway.clock.now();
    const take = (tick: Tick): void => {
      if (tick.ts <= until) this.terminal.remember(tick);
      else gateway.takeQuote(tick, tick.ts < startedAt ? tick.ts : undefined);
    };
    feed.start(take, marketSince(file, startedAt));
  }

  get terminal(): Terminal {
    return this.gateway.terminal;
  }
  get faults(): FaultBoard {
    return this.gateway.faults;
  }

  /**
   * Listens on this machine only. @param port 0 takes any that is free. @returns the port
   * @throws QktError QKT_E_PORT_BUSY
   */
  async listen(port: number): Promise<number> {
    const server = (this.#server = createServer(this.gateway));
    try {
      await server.listen({ host: LOOPBACK, port });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      throw new QktError('QKT_E_PORT_BUSY', `port ${port} is taken; --port takes another`, { cause: error });
    }
    return (server.server.address() as AddressInfo).port;
  }

  /** A request without a socket: what a listening simulator would answer. @throws when it would cut the connection */
  async inject(request: WireRequest): Promise<WireAnswer> {
    const answer = await exchange(this.gateway, request);
    if (answer === CUT) throw new Error('the connection was cut');
    return answer;
  }

  /** A quote by hand. @param symbol the broker's name */
  quote(symbol: string, bid: number, ask: number): void {
    this.gateway.takeQuote({ symbol, bid, ask, ts: this.gateway.clock.now() });
  }

  /** Ends quotes, timers and connections; idempotent. */
  async close(): Promise<void> {
    this.#feed.stop();
    this.gateway.stop();
    this.#file?.close();
    await this.#server?.close();
  }
}

/** A market goes on from where it began, unless that is too long ago to be drawn again. */
function marketSince(file: StateFile | undefined, now: EpochMs): EpochMs {
  return file === undefined || now - file.since > LONGEST_PAST_MS ? now : file.since;
}
