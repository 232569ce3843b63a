/** A strategy's account: a fold over its fills. Balance, positions and trade count come from here alone. */
import { Decimal } from '../domain/decimal.ts';
import type { Fill } from '../domain/orders.ts';
import { applyFill, unrealizedNative, type Position } from './position.ts';
import { convert, type Rate } from './money.ts';

/** What a fill did to the account. */
export interface Booking {
  readonly fill: Fill;
  readonly position: Position | undefined;
  readonly reducing: boolean;
  /** Gain less commission, in account currency. */
  readonly realized: Decimal;
}

export interface BookingTerms {
  readonly venue: string;
  readonly contractSize: Decimal;
  /** Of the symbol's quote currency at the fill's moment. */
  readonly rate: Rate;
}

/** Bid for a long, ask for a short, and the rate at the mark's moment; undefined where not known. */
export interface MarkTerms {
  readonly mark: Decimal | undefined;
  readonly rate: Rate | undefined;
}

/** Swap of a symbol that no rate could convert yet, in its quote currency. */
interface Owed {
  readonly symbol: string;
  readonly native: Decimal;
}

/** What of it must survive a restart. */
export interface LedgerState {
  readonly realized: Decimal;
  readonly fills: number;
  readonly positions: readonly Position[];
  /** The last fills booked: none of them is booked again. */
  readonly booked: readonly string[];
  /** Left out where nothing is owed; journals of before do not have it. */
  readonly owed?: readonly Owed[];
}

/** Fill ids remembered; a venue repeats itself within minutes, not after so many fills. */
const BOOKED_KEPT = 10_000;
/** Of these, written with the state. */
const BOOKED_SAVED = 200;
const NONE: readonly string[] = [];

export class Ledger {
  readonly currency: string;
  readonly startingBalance: Decimal;
  readonly #positions = new Map<string, Position>();
  readonly #owed = new Map<string, Decimal>();
  readonly #booked = new Set<string>();
  /** The last of them, as they are written. */
  readonly #lastBooked: string[] = [];
  #realized = Decimal.ZERO;
  #fills = 0;

  constructor(currency: string, startingBalance: Decimal) {
    this.currency = currency;
    this.startingBalance = startingBalance;
  }

  /** Books a fill once; the same `fillId` again changes nothing and returns undefined. */
  book(fill: Fill, terms: BookingTerms): Booking | undefined {
    if (this.#booked.has(fill.fillId)) return undefined;
    const key = positionKey(terms.venue, fill.symbol);
    const change = applyFill(this.#positions.get(key), { ...fill, venue: terms.venue }, terms.contractSize);
    const gain = convert(change.gain, terms.rate);
    if (gain === undefined) throw new RangeError(`no rate to book ${fill.symbol} in ${this.currency}`);
    const realized = gain.minus(fill.commission).trimmed();
    this.#remember(fill.fillId);
    this.#fills += 1;
    this.#realized = this.#realized.plus(realized).trimmed();
    if (change.position === undefined) this.#positions.delete(key);
    else this.#positions.set(key, change.position);
    return { fill, position: change.position, reducing: change.reducing, realized };
  }

  /** Swap or a fee: account money that is added to realized; negative is a cost. */
  charge(amount: Decimal): void {
    this.#realized = this.#realized.plus(amount).trimmed();
  }

  /** Swap in the symbol's quote currency, to be charged once a rate is known: realized is not known until then. */
  owe(symbol: string, native: Decimal): void {
    this.#owed.set(symbol, native.plus(this.#owed.get(symbol) ?? Decimal.ZERO).trimmed());
  }

  /** Charges all that a symbol owes; undefined, with nothing changed, where that is nothing or has no rate. */
  pay(symbol: string, rate: Rate | undefined): Decimal | undefined {
    const native = this.#owed.get(symbol);
    const amount = native === undefined ? undefined : convert(native, rate);
    if (amount === undefined) return undefined;
    this.#owed.delete(symbol);
    this.charge(amount);
    return amount;
  }

  /** Symbols whose swap is still to be charged. */
  get owing(): readonly string[] {
    return this.#owed.size === 0 ? NONE : [...this.#owed.keys()];
  }

  save(): LedgerState {
    const owed = [...this.#owed].map(([symbol, native]) => ({ symbol, native }));
    return {
      realized: this.#realized,
      fills: this.#fills,
      positions: this.positions(),
      booked: [...this.#lastBooked],
      ...(owed.length > 0 && { owed }),
    };
  }

  restore({ realized, fills, positions, booked, owed = [] }: LedgerState): void {
    this.#realized = realized;
    this.#fills = fills;
    this.#owed.clear();
    for (const { symbol, native } of owed) this.#owed.set(symbol, native);
    this.#positions.clear();
    for (const position of positions) this.#positions.set(positionKey(position.venue, position.symbol), position);
    this.#booked.clear();
    this.#lastBooked.length = 0;
    for (const fillId of booked) this.#remember(fillId);
  }

  #remember(fillId: string): void {
    this.#booked.add(fillId);
    this.#lastBooked.push(fillId);
    if (this.#lastBooked.length > BOOKED_SAVED) this.#lastBooked.shift();
    if (this.#booked.size <= BOOKED_KEPT) return;
    for (const oldest of this.#booked) {
      this.#booked.delete(oldest);
      return;
    }
  }

  get realized(): Decimal {
    return this.#realized;
  }

  get balance(): Decimal {
    return this.startingBalance.plus(this.#realized);
  }

  get fillCount(): number {
    return this.#fills;
  }

  position(venue: string, symbol: string): Position | undefined {
    return this.#positions.get(positionKey(venue, symbol));
  }

  positions(): readonly Position[] {
    return [...this.#positions.values()];
  }

  /** Σ of the open positions in account currency; undefined as soon as one of them cannot be valued. */
  unrealized(termsOf: (position: Position) => MarkTerms): Decimal | undefined {
    let sum = Decimal.ZERO;
    for (const position of this.#positions.values()) {
      const value = unrealizedOf(position, termsOf(position));
      if (value === undefined) return undefined;
      sum = sum.plus(value);
    }
    return sum.trimmed();
  }
}

/** One position's unrealized in account currency; undefined without a mark or a rate. */
export function unrealizedOf(position: Position, terms: MarkTerms): Decimal | undefined {
  return terms.mark === undefined ? undefined : convert(unrealizedNative(position, terms.mark), terms.rate);
}

const positionKey = (venue: string, symbol: string): string => `${venue}\u0000${symbol}`;
