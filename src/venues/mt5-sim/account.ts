/** One account: its positions and money. Balance is the sum of all deals, so books can be held to it. */
import type { Clock } from '../../clock.ts';
import { Decimal, dec } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { History } from './history.ts';
import { moneyOf, type Keeper, type KeptState } from './kept-state.ts';
import { CURRENCY_DIGITS, Money } from './money.ts';
import { exitPrice } from './order-checks.ts';
import { PositionBook, type Effect, type Execution } from './position-book.ts';
import { fromServerTime, serverOffsetMs, type ServerClock } from '../mt5-server-clock.ts';
import {
  ENTRY,
  REASON,
  sideOf,
  type AccountFigures,
  type AccountMode,
  type Deal,
  type Order,
  type Position,
  type Side,
  type SymbolTerms,
} from './types.ts';

/** What trading costs, in account money for a lot and deal. */
export interface Costs {
  readonly commissionPerLot: Decimal;
  readonly feePerLot: Decimal;
}

/** What an account is opened with. */
export interface AccountTerms {
  readonly clock: Clock;
  readonly serverClock: ServerClock;
  readonly mode: AccountMode;
  readonly currency: string;
  readonly leverage: number;
  readonly balance: Decimal;
  readonly symbols: ReadonlyMap<string, SymbolTerms>;
  readonly costs: Costs;
  /** Percent. */
  readonly stopOutLevel: Decimal;
}

interface AccountOptions extends Omit<AccountTerms, 'clock'> {
  readonly now: () => EpochMs;
  readonly quote: (symbol: string) => Tick | undefined;
  readonly history: History;
  readonly keeper: Keeper;
  readonly kept: KeptState | undefined;
}

const FIRST_DEAL = 80_010_001;
const DAY_MS = 86_400_000;
const PERCENT = dec(100);
/** Nights of swap by the weekday that ends, Sunday first: Wednesday brings the weekend's. */
const NIGHTS = [0, 1, 1, 3, 1, 1, 0];

export class Account {
  readonly positions: PositionBook;
  readonly money: Money;
  readonly mode: AccountMode;
  readonly currency: string;
  readonly leverage: number;
  /** Margin level in percent at which the broker closes positions by itself. */
  readonly stopOutLevel: Decimal;
  #balance: Decimal;
  #nextDeal: number;
  /** Day on the server's clock up to which swap is booked. */
  #day: number;
  /** When that day ends. */
  #midnight: EpochMs = -Infinity;
  readonly #options: AccountOptions;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.mode = options.mode;
    this.currency = options.currency;
    this.leverage = options.leverage;
    this.stopOutLevel = options.stopOutLevel;
    const { kept, keeper } = options;
    this.positions = new PositionBook(options.mode, keeper, kept);
    this.money = new Money(options);
    this.#day = kept?.day ?? this.#today();
    this.#balance = kept?.balance ?? Decimal.ZERO;
    this.#nextDeal = (kept?.deals.at(-1)?.ticket ?? FIRST_DEAL - 1) + 1;
    if (kept !== undefined) return;
    keeper.note({ kind: 'day', day: this.#day });
    this.#deposit(options.balance);
  }

  figures(): AccountFigures {
    this.passNights();
    let [profit, swap, margin] = [Decimal.ZERO, Decimal.ZERO, Decimal.ZERO];
    for (const position of this.positions.all()) {
      profit = profit.plus(this.profitOf(position));
      swap = swap.plus(position.swap);
      margin = margin.plus(this.#marginOf(position));
    }
    const balance = this.#balance;
    const equity = balance.plus(profit).plus(swap);
    const marginLevel = margin.isZero() ? Decimal.ZERO : equity.dividedBy(margin).times(PERCENT).rounded(2);
    return { balance, profit, swap, equity, margin, marginFree: equity.minus(margin), marginLevel };
  }

  /** At the quote in force. */
  profitOf({ symbol, side, volume, priceOpen }: Position): Decimal {
    const { symbols, quote } = this.#options;
    const tick = quote(symbol);
    if (tick === undefined) return Decimal.ZERO;
    const price = exitPrice(side, tick);
    return this.money.profit(symbols.get(symbol)!, side, volume, priceOpen, price) ?? Decimal.ZERO;
  }

  /** Is there money for that order at that price? What it closes on a netting account binds nothing. */
  affords({ symbol, type, volume }: Pick<Order, 'symbol' | 'type' | 'volume'>, price: Decimal): boolean {
    const opens = this.#opens(symbol, sideOf(type), volume);
    if (opens.sign() <= 0) return true;
    const margin = this.money.margin(this.#options.symbols.get(symbol)!, opens, price);
    return margin !== undefined && !this.figures().marginFree.lessThan(margin);
  }

  /** Books the deal of an execution that the positions have taken. */
  book(execution: Execution, effect: Effect): Deal {
    const { order, side, volume, price, magic, comment, reason, symbol, at, visibleAt } = execution;
    const { commissionPerLot, feePerLot } = this.#options.costs;
    return this.#add({
      type: side,
      order,
      volume,
      price,
      magic,
      comment,
      reason,
      symbol,
      at,
      visibleAt,
      entry: effect.entry,
      positionId: effect.positionId,
      commission: commissionPerLot.times(volume).rounded(CURRENCY_DIGITS).negated(),
      fee: feePerLot.times(volume).rounded(CURRENCY_DIGITS).negated(),
      swap: effect.closed?.swap ?? Decimal.ZERO,
      profit: this.#realized(execution, effect),
    });
  }

  /** Books the swap of every midnight on the server's clock that has passed since the last look. */
  passNights(): void {
    const { now, serverClock, keeper } = this.#options;
    if (now() < this.#midnight) return;
    const today = this.#today();
    if (today > this.#day) keeper.note({ kind: 'day', day: today });
    for (; this.#day < today; this.#day++) {
      const nights = dec(NIGHTS[new Date(this.#day * DAY_MS).getUTCDay()]!);
      for (const position of this.positions.all()) {
        const swap = position.swap.plus(this.#nightOf(position).times(nights));
        if (!swap.equals(position.swap)) this.positions.update({ ...position, swap });
      }
    }
    this.#midnight = fromServerTime(serverClock, (today + 1) * DAY_MS);
  }

  #realized({ symbol, price }: Execution, { closed }: Effect): Decimal {
    if (closed === undefined) return Decimal.ZERO;
    const terms = this.#options.symbols.get(symbol)!;
    return this.money.profit(terms, closed.side, closed.volume, closed.priceOpen, price) ?? Decimal.ZERO;
  }

  #nightOf({ symbol, side, volume, priceOpen }: Position): Decimal {
    return this.money.swap(this.#options.symbols.get(symbol)!, side, volume, priceOpen) ?? Decimal.ZERO;
  }

  #marginOf({ symbol, volume, priceOpen }: Position): Decimal {
    return this.money.margin(this.#options.symbols.get(symbol)!, volume, priceOpen) ?? Decimal.ZERO;
  }

  #opens(symbol: string, side: Side, volume: Decimal): Decimal {
    const met = this.mode === 'netting' ? this.positions.onSymbol(symbol) : undefined;
    if (met === undefined || met.side === side) return volume;
    return volume.minus(met.volume.plus(met.volume));
  }

  #today(): number {
    const { serverClock } = this.#options;
    const now = this.#options.now();
    return Math.floor((now + serverOffsetMs(serverClock, now)) / DAY_MS);
  }

  #deposit(amount: Decimal): void {
    const at = this.#options.now();
    const zero = Decimal.ZERO;
    const nothing = { volume: zero, price: zero, commission: zero, fee: zero, swap: zero };
    const what = { type: 'balance', entry: ENTRY.in, reason: REASON.desktop, comment: 'Deposit' } as const;
    this.#add({
      order: 0,
      positionId: 0,
      magic: 0,
      symbol: '',
      at,
      visibleAt: at,
      ...nothing,
      ...what,
      profit: amount,
    });
  }

  #add(deal: Omit<Deal, 'ticket'>): Deal {
    const booked: Deal = { ...deal, ticket: this.#nextDeal++ };
    this.#balance = this.#balance.plus(moneyOf(booked));
    this.#options.history.addDeal(booked);
    return booked;
  }
}
