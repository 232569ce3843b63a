/**
 * An MT5 gateway without HTTP: a simulated terminal behind the client's own interface. A test says what
 * goes wrong on the way: answers that are lost, reads that fail, deals that appear late.
 */
import type { VirtualClock } from '../../src/clock.ts';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import { codeNamed, retcodeOf } from '../../src/venues/mt5-retcodes.ts';
import { PROFILES } from '../../src/venues/mt5-profiles.ts';
import { termsOf, type SymbolChanges } from '../../src/venues/mt5-sim/symbols.ts';
import { Terminal } from '../../src/venues/mt5-sim/terminal.ts';
import {
  ENTRY,
  ORDER_STATE,
  REASON,
  type AccountMode,
  type Deal,
  type Order,
  type Position,
  type TradeRequest,
} from '../../src/venues/mt5-sim/types.ts';
import type {
  DealReason,
  MarginMode,
  Mt5AccountInfo,
  Mt5Client,
  Mt5Deal,
  Mt5Order,
  Mt5Position,
  Mt5Snapshot,
  Mt5Symbol,
  OrderEnd,
  PendingType,
  Placement,
  Read,
  Stops,
  TradeAnswer,
} from '../../src/venues/mt5/types.ts';

export const MAGIC = 10_001;

/**
 * `lost`: done, and its answer is lost. `never`: not done, and nobody can say so. `refused`: certainly not done.
 * `ignored`: said to be done, and not done. `bare`: done, and the answer names no deal. `partial`: half of it is done.
 */
export type Mishap = 'lost' | 'never' | 'refused' | 'ignored' | 'bare' | 'partial';

export interface ScriptedOptions {
  readonly mode?: AccountMode | 'unknown';
  readonly commissionPerLot?: string;
  readonly terms?: SymbolChanges;
}

const unread = (reason: string): Read<never> => ({ known: false, reason });
const read = <T>(value: T): Read<T> => ({ known: true, value });

export class ScriptedMt5 implements Mt5Client {
  readonly terminal: Terminal;
  /** Every write, as `place XAUUSDm BUY market 0.1`. */
  readonly writes: string[] = [];
  readonly placements: Placement[] = [];
  reads = 0;
  /** How long the answer of a full look is on its way, with what was true when it was asked. */
  lookMs = 0;
  looks = 0;
  /** Nothing can be read or sent. */
  down = false;
  /** Full looks fail, or light ones show no position at all. */
  unreadable = false;
  emptyPositions = false;
  /** Deals from this place on are not shown yet. */
  dealsShown = Infinity;
  /** Added to what the terminal has; for rows that no simulated broker would make. */
  extraDeals: readonly Mt5Deal[] = [];
  extraPositions: readonly Mt5Position[] = [];
  hiddenPositions: ReadonlySet<number> = new Set();
  readonly #clock: VirtualClock;
  readonly #mode: MarginMode;
  readonly #mishaps: { readonly verb: string; readonly mishap: Mishap }[] = [];

  constructor(clock: VirtualClock, { mode = 'hedging', commissionPerLot = '0', terms = {} }: ScriptedOptions = {}) {
    this.#clock = clock;
    this.#mode = mode;
    this.terminal = new Terminal({
      clock,
      serverClock: 'utc',
      mode: mode === 'netting' ? 'netting' : 'hedging',
      symbols: termsOf(['XAUUSD', 'EURUSD'], PROFILES.exness, terms),
      currency: 'USD',
      leverage: 500,
      balance: dec(1_000_000),
      costs: { commissionPerLot: dec(commissionPerLot), feePerLot: Decimal.ZERO },
      stopOutLevel: Decimal.ZERO,
    });
  }

  /** What happens to the next write of that kind (`place`, `cancel`, `close`, `closePart`, `setStops`). */
  next(verb: string, mishap: Mishap): void {
    this.#mishaps.push({ verb, mishap });
  }

  forgetMishaps(): void {
    this.#mishaps.length = 0;
  }

  /** How many deals there are to show. */
  shownDeals(): number {
    return this.terminal.history.deals.filter(({ type }) => type !== 'balance').length;
  }

  /** Positions as the broker has them: signed volume of a symbol. */
  held(symbol = 'XAUUSDm'): number {
    return this.terminal.positions
      .all()
      .filter((position) => position.symbol === symbol)
      .reduce((sum, { side, volume }) => sum.plus(side === 'buy' ? volume : volume.negated()), Decimal.ZERO)
      .toNumber();
  }

  account(): Promise<Read<Mt5AccountInfo>> {
    const { balance, equity, margin, marginFree, marginLevel } = this.terminal.account.figures();
    const identity = { login: 1, server: 'Demo', name: 'demo', currency: 'USD', leverage: 500 } as const;
    const modes = { marginMode: this.#mode, tradeMode: 'demo', tradeAllowed: true } as const;
    return this.#read({ ...identity, ...modes, balance, equity, margin, marginFree, marginLevel });
  }

  symbol(name: string): Promise<Read<Mt5Symbol | undefined>> {
    const terms = this.terminal.symbols.get(name);
    if (terms === undefined) return this.#read(undefined);
    const { digits, tickSize: point, stopsLevel, freezeLevel, volumeMin, volumeStep, volumeMax, contractSize } = terms;
    const [stopsDistance, freezeDistance] = [point.times(dec(stopsLevel)), point.times(dec(freezeLevel))];
    const volumes = { volumeMin, volumeStep, volumeMax, contractSize, profitCurrency: terms.quote };
    return this.#read({ name, digits, point, tickSize: point, stopsDistance, freezeDistance, ...volumes });
  }

  positions(): Promise<Read<readonly Mt5Position[]>> {
    return this.#read(this.emptyPositions ? [] : this.#positions());
  }

  positionsTotal(): Promise<Read<number>> {
    return this.#read(this.#positions().length);
  }

  orders(): Promise<Read<readonly Mt5Order[]>> {
    return this.#read(this.terminal.pendings().map(pendingRow));
  }

  deals(from: number, to: number, positionId?: number): Promise<Read<readonly Mt5Deal[]>> {
    const within = ({ at, positionId: id }: Mt5Deal): boolean =>
      at >= from && at <= to && (positionId === undefined || id === positionId);
    return this.#read(this.#deals().filter(within));
  }

  orderEnd(ticket: number): Promise<Read<OrderEnd | undefined>> {
    const done = this.terminal.history.orders.find((order) => order.ticket === ticket);
    if (done !== undefined) return this.#read(ENDS.get(done.state));
    return this.#read(this.terminal.pending(ticket) === undefined ? undefined : 'working');
  }

  reconcile(): Promise<Read<Mt5Snapshot>> {
    if (this.unreadable) return Promise.resolve(unread('HTTP 503'));
    const now = this.#clock.now();
    const deals = this.#deals().filter(({ at }) => at > now - 86_400_000);
    const orders = this.terminal.pendings().map(pendingRow);
    const answer = this.#read({ asOf: now, positions: this.#positions(), orders, deals });
    this.looks += 1;
    if (this.lookMs === 0) return answer;
    return new Promise((resolve) => this.#clock.at(now + this.lookMs, () => resolve(answer)));
  }

  place(order: Placement): Promise<TradeAnswer> {
    this.placements.push(order);
    const { symbol, side, type, volume, price } = order;
    const at = price === undefined ? '' : `@${price.toString()}`;
    return this.#write('place', `${symbol} ${side} ${type} ${volume.toString()}${at}`, requestOf(order));
  }

  /** The trade server carries out the same once more, or late. */
  workAgain(order: Placement): void {
    this.terminal.send(requestOf(order));
  }

  cancel(ticket: number): Promise<TradeAnswer> {
    return this.#write('cancel', String(ticket), { action: 'remove', order: ticket });
  }

  modify(): Promise<TradeAnswer> {
    throw new Error('nothing changes a pending order');
  }

  close(ticket: number): Promise<TradeAnswer> {
    return this.#closing('close', ticket, this.terminal.positions.get(ticket)?.volume);
  }

  closePart(ticket: number, volume: Decimal): Promise<TradeAnswer> {
    return this.#closing('closePart', ticket, volume);
  }

  setStops(position: number, { sl, tp }: Stops): Promise<TradeAnswer> {
    const text = `${position} ${sl?.toString() ?? 'none'} ${tp?.toString() ?? 'none'}`;
    const levels = { sl: sl ?? Decimal.ZERO, tp: tp ?? Decimal.ZERO };
    return this.#write('setStops', text, { action: 'stops', position, ...levels });
  }

  health = (): Promise<never> => Promise.reject(new Error('trading asks for no health'));
  ready = this.health;
  quote = this.health;
  bars = this.health;
  kill = this.health;
  releaseKill = this.health;
  serverTime = (): { offsetMs: number; measuredAt: undefined; skewMs: number } => ({
    offsetMs: 0,
    measuredAt: undefined,
    skewMs: 0,
  });
  utc = (serverTime: number): number => serverTime;

  #read<T>(value: T): Promise<Read<T>> {
    this.reads += 1;
    return Promise.resolve(this.down ? unread('it is down') : read(value));
  }

  #closing(verb: string, ticket: number, volume: Decimal | undefined): Promise<TradeAnswer> {
    const position = this.terminal.positions.get(ticket);
    if (position === undefined || volume === undefined) {
      this.writes.push(`${verb} ${ticket}`);
      return Promise.resolve({ kind: 'unknown', reason: 'HTTP 400: Failed to close position' });
    }
    const { symbol, side, comment } = position;
    const text = verb === 'close' ? String(ticket) : `${ticket} ${volume.toString()}`;
    const basics = { symbol, volume, magic: position.magic, comment, filling: 'IOC' } as const;
    return this.#write(verb, text, {
      action: 'deal',
      type: side === 'buy' ? 'SELL' : 'BUY',
      position: ticket,
      ...basics,
    });
  }

  #write(verb: string, text: string, request: TradeRequest): Promise<TradeAnswer> {
    this.writes.push(`${verb} ${text}`);
    if (this.down) return Promise.resolve({ kind: 'unknown', reason: 'no answer within 5000 ms' });
    const at = this.#mishaps.findIndex((one) => one.verb === verb);
    const mishap = at < 0 ? undefined : this.#mishaps.splice(at, 1)[0]!.mishap;
    if (mishap === 'never') return Promise.resolve({ kind: 'unknown', reason: 'HTTP 502' });
    if (mishap === 'refused')
      return Promise.resolve({ kind: 'refused', code: 'MARKET_CLOSED', reason: 'Market closed', status: 400 });
    if (mishap === 'ignored') return Promise.resolve({ kind: 'done', result: NOTHING_DONE });
    const share = mishap === 'partial' ? { share: dec('0.5') } : {};
    const { retcode, deal, order, volume, price } = this.terminal.send(request, share);
    if (mishap === 'lost') return Promise.resolve({ kind: 'unknown', reason: 'HTTP 502' });
    const { name, kind, comment } = retcodeOf(retcode);
    if (kind !== 'success') return Promise.resolve({ kind: 'refused', code: name, reason: comment, status: 400 });
    const told = mishap === 'bare' ? { deal: 0, price: undefined } : { deal, price };
    const isPartial = retcode === codeNamed('DONE_PARTIAL');
    return Promise.resolve({ kind: 'done', result: { retcode, order, volume, isPartial, ...told } });
  }

  #positions(): readonly Mt5Position[] {
    const shown = this.terminal.positions.all().filter(({ ticket }) => !this.hiddenPositions.has(ticket));
    return [...shown.map(positionRow), ...this.extraPositions];
  }

  #deals(): readonly Mt5Deal[] {
    const trades = this.terminal.history.deals.filter(({ type }) => type !== 'balance');
    return [...trades.slice(0, this.dealsShown).map(dealRow), ...this.extraDeals];
  }
}

const NOTHING_DONE = {
  retcode: codeNamed('DONE'),
  deal: 0,
  order: 0,
  volume: undefined,
  price: undefined,
  isPartial: false,
} as const;

function requestOf({ symbol, side, type, volume, price, sl, tp, comment, expiresAt }: Placement): TradeRequest {
  const stops = { ...(sl !== undefined && { sl }), ...(tp !== undefined && { tp }) };
  const basics = { symbol, volume, magic: MAGIC, comment, filling: 'IOC', ...stops } as const;
  if (type === 'market') return { action: 'deal', type: side, ...basics };
  const kind = `${side}_${type === 'limit' ? 'LIMIT' : 'STOP'}` as const;
  return { action: 'pending', type: kind, price: price!, ...basics, ...(expiresAt !== undefined && { expiresAt }) };
}

const level = (value: Decimal): Decimal | undefined => (value.isZero() ? undefined : value);
const wordOf = (side: 'buy' | 'sell') => (side === 'buy' ? 'BUY' : 'SELL');

function positionRow({ side, priceOpen, sl, tp, ...position }: Position): Mt5Position {
  const { ticket, symbol, volume, swap, magic, comment, openedAt } = position;
  const rest = { ticket, symbol, volume, swap, magic, comment, openedAt, profit: Decimal.ZERO };
  return { ...rest, side: wordOf(side), openPrice: priceOpen, sl: level(sl), tp: level(tp) };
}

function pendingRow({ ticket, symbol, type, volumeLeft, price, sl, tp, magic, comment }: Order): Mt5Order {
  const rest = { ticket, symbol, price, magic, comment, sl: level(sl), tp: level(tp) };
  return { ...rest, type: type as PendingType, volume: volumeLeft };
}

function dealRow(deal: Deal): Mt5Deal {
  const { ticket, order, positionId, symbol, volume, price, commission, swap, fee, profit, magic, comment, at } = deal;
  const entry = deal.entry === ENTRY.in ? 'in' : deal.entry === ENTRY.out ? 'out' : 'inOut';
  const figures = { volume, price, commission, swap, fee, profit, magic, comment, at };
  const side = wordOf(deal.type as 'buy' | 'sell');
  return { ticket, order, positionId, symbol, side, entry, reason: REASONS.get(deal.reason) ?? 'other', ...figures };
}

const REASONS = new Map<number, DealReason>([
  [REASON.desktop, 'desktop'],
  [REASON.expert, 'expert'],
  [REASON.stopLoss, 'stopLoss'],
  [REASON.takeProfit, 'takeProfit'],
  [REASON.stopOut, 'stopOut'],
]);

const ENDS = new Map<number, OrderEnd>([
  [ORDER_STATE.placed, 'working'],
  [ORDER_STATE.cancelled, 'cancelled'],
  [ORDER_STATE.partial, 'partial'],
  [ORDER_STATE.filled, 'filled'],
  [ORDER_STATE.rejected, 'rejected'],
  [ORDER_STATE.expired, 'expired'],
]);
