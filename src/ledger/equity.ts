/**
 * Equity as it moves: peak, drawdown from the peak, the worst of it, and the day's reference.
 * On the tick path a double decides whether an exact look is needed at all; every figure that is
 * kept comes from the exact one.
 */
import { Decimal } from '../domain/decimal.ts';
import type { Tick } from '../domain/market.ts';
import { ratio } from '../domain/ratio.ts';
import type { Ledger } from './ledger.ts';
import type { MarkTerms } from './ledger.ts';
import { unitRate, type Rate } from './money.ts';
import type { Position } from './position.ts';

export type TermsOf = (position: Position) => MarkTerms;

/** Doubles closer than this share of the equity are looked at exactly. */
const TOLERANCE = 1e-9;

/** Equity contribution of a position as a line in its mark: `value × mark − cost`, times the rate. */
interface Line {
  readonly position: Position;
  readonly long: boolean;
  readonly value: number;
  readonly cost: number;
  /** `own`: the position's pair itself, so that the rate moves with the mark; `other`: it moves by itself. */
  readonly source: 'none' | 'own' | 'other';
  rate: number;
  mark: number;
}

/** What the day's figures are measured from, taken at the roll-over. */
export interface DayReference {
  /** Undefined until the positions could be valued. */
  readonly equity: Decimal | undefined;
  readonly balance: Decimal;
  readonly realized: Decimal;
}

/** What of it must survive a restart. */
export interface EquityState {
  readonly peak: Decimal;
  readonly worst: Decimal;
  readonly day: DayReference;
}

export class EquityTracker {
  readonly #ledger: Ledger;
  readonly #termsOf: TermsOf;
  #peak: Decimal;
  #worst = Decimal.ZERO;
  #day: DayReference;
  #lines: Line[] = [];
  #base = 0;
  #peakAt = 0;
  #worstAt = 0;

  constructor(ledger: Ledger, termsOf: TermsOf) {
    this.#ledger = ledger;
    this.#termsOf = termsOf;
    this.#peak = ledger.startingBalance;
    this.#day = { equity: ledger.startingBalance, balance: ledger.startingBalance, realized: Decimal.ZERO };
    this.rebase();
  }

  get peak(): Decimal {
    return this.#peak;
  }

  /** The largest (peak − equity) / peak so far, 0 to 1 and beyond. */
  get maxDrawdown(): Decimal {
    return this.#worst;
  }

  get day(): DayReference {
    return this.#day;
  }

  save(): EquityState {
    return { peak: this.#peak, worst: this.#worst, day: this.#day };
  }

  /** After the ledger has been restored. */
  restore({ peak, worst, day }: EquityState): void {
    this.#peak = peak;
    this.#worst = worst;
    this.#day = day;
    this.rebase();
  }

  /** A person takes the peak anew, at the equity of now; false while that is not known. */
  rebasePeak(): boolean {
    const equity = this.equity();
    if (equity === undefined) return false;
    this.#peak = equity;
    this.#look();
    return true;
  }

  /** Exact; undefined while a position cannot be valued, or a swap cannot be charged. */
  equity(): Decimal | undefined {
    if (this.#ledger.owing.length > 0) return undefined;
    const unrealized = this.#ledger.unrealized(this.#termsOf);
    return unrealized === undefined ? undefined : this.#ledger.balance.plus(unrealized).trimmed();
  }

  /** (peak − equity) / peak now; 0 when the peak is not positive. */
  drawdown(equity: Decimal): Decimal {
    return ratio(this.#peak.minus(equity), this.#peak);
  }

  /** The day's reference less equity, never negative; undefined when the reference could not be taken. */
  dailyLoss(equity: Decimal): Decimal | undefined {
    return this.#day.equity === undefined ? undefined : Decimal.max(this.#day.equity.minus(equity), Decimal.ZERO);
  }

  /** At the roll-over, before anything of the new day is applied. */
  startDay(): void {
    this.#day = { equity: this.equity(), balance: this.#ledger.balance, realized: this.#ledger.realized };
  }

  /** A swap of before the day's reference was taken is charged only now: it is no loss of this day. */
  chargedLate(amount: Decimal): void {
    const { balance, realized } = this.#day;
    // Its equity was not known.
    this.#day = { ...this.#day, balance: balance.plus(amount).trimmed(), realized: realized.plus(amount).trimmed() };
    this.rebase();
  }

  /** After every booking: positions have changed. */
  rebase(): void {
    this.#base = this.#ledger.owing.length > 0 ? Number.NaN : this.#ledger.balance.toNumber();
    this.#lines = this.#ledger.positions().map((position) => this.#line(position));
    this.#look();
  }

  /**
   * After every tick that has been marked. Cheap unless it makes a new peak or a new worst drawdown.
   * Gives the equity as a double: near enough to decide whether a rule needs an exact look.
   */
  onTick(tick: Tick): number {
    if (this.#lines.length === 0) return this.#base;
    let touched = false;
    let equity = this.#base;
    for (const line of this.#lines) {
      if (line.position.symbol === tick.symbol) {
        line.mark = line.long ? tick.bid : tick.ask;
        touched = true;
      }
      if (line.source === 'other') {
        line.rate = rateNumber(this.#termsOf(line.position).rate);
        touched = true;
      }
      const native = line.value * line.mark - line.cost;
      equity += line.source === 'own' ? native / line.mark : native * line.rate;
    }
    if (touched && !(equity < this.#peakAt && equity > this.#worstAt)) this.#look();
    return equity;
  }

  #line(position: Position): Line {
    const { mark, rate } = this.#termsOf(position);
    const own = rate?.kind === 'inverse' && mark !== undefined && rate.price.equals(mark);
    return {
      position,
      long: position.qty.sign() > 0,
      value: position.qty.times(position.contractSize).toNumber(),
      cost: position.cost.toNumber(),
      source: own ? 'own' : rate?.kind === 'same' ? 'none' : 'other',
      rate: rateNumber(rate),
      mark: mark?.toNumber() ?? Number.NaN,
    };
  }

  #look(): void {
    const equity = this.equity();
    if (equity === undefined) return;
    if (this.#day.equity === undefined) this.#day = { ...this.#day, equity };
    if (equity.greaterThan(this.#peak)) this.#peak = equity;
    const drawdown = this.drawdown(equity);
    if (drawdown.greaterThan(this.#worst)) this.#worst = drawdown;
    const peak = this.#peak.toNumber();
    const slack = Math.abs(peak) * TOLERANCE;
    this.#peakAt = peak - slack;
    this.#worstAt = peak * (1 - this.#worst.toNumber()) + slack;
  }
}

/** Not a number where there is no rate: every comparison with it fails, and the exact look decides. */
const rateNumber = (rate: Rate | undefined): number => unitRate(rate) ?? Number.NaN;
