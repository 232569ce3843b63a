/** What a strategy's journaled events come to, event by event: its figures at a past moment. */
import { Decimal } from '../domain/decimal.ts';
import type { EventItem, OrderEvent, PositionEvent, QktEvent } from '../domain/events.ts';
import type { PastCause, PastFigures, PastOrder, PastPosition } from '../domain/history.ts';
import type { OrderStatus } from '../domain/orders.ts';
import { iso } from '../domain/time.ts';

const LIVE: ReadonlySet<OrderStatus> = new Set(['created', 'submitted', 'working', 'partiallyFilled', 'unknown']);

/** Take the trading events of a strategy in their order, from the first. */
export class PastFold {
  readonly #startingBalance: Decimal;
  #positions = new Map<string, PastPosition>();
  #orders = new Map<string, PastOrder>();
  #causes = new Map<string, PastCause>();
  #realized = Decimal.ZERO;
  #trades = 0;
  #signals = 0;
  #denied = 0;
  #rejected = 0;
  #isWhole = true;

  constructor(startingBalance: Decimal) {
    this.#startingBalance = startingBalance;
  }

  /** One of its own, that stands where this one does. */
  copy(): PastFold {
    const copy = new PastFold(this.#startingBalance);
    copy.#positions = new Map(this.#positions);
    copy.#orders = new Map(this.#orders);
    copy.#causes = new Map(this.#causes);
    copy.#realized = this.#realized;
    copy.#trades = this.#trades;
    copy.#signals = this.#signals;
    copy.#denied = this.#denied;
    copy.#rejected = this.#rejected;
    copy.#isWhole = this.#isWhole;
    return copy;
  }

  get realized(): Decimal {
    return this.#realized;
  }

  get isFlat(): boolean {
    return this.#positions.size === 0;
  }

  /** False once events were missing: sums over them are not known. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  take(event: EventItem): void {
    switch (event.type) {
      case 'gap':
        this.#isWhole = false;
        break;
      case 'signal':
        this.#signals += 1;
        break;
      case 'order':
        this.#order(event);
        break;
      case 'cancel':
        this.#orders.delete(event.orderId);
        break;
      case 'rejection':
        this.#orders.delete(event.orderId);
        if (event.status === 'denied') this.#denied += 1;
        else this.#rejected += 1;
        break;
      case 'fill':
        this.#trades += 1;
        this.#realized = this.#realized.plus(event.realized);
        break;
      case 'position':
        this.#position(event);
        break;
      case 'halt':
      case 'resume':
        this.#halts(event);
        break;
      default:
    }
  }

  figures(): PastFigures {
    const whole = this.#isWhole;
    const balance = whole ? this.#startingBalance.plus(this.#realized).trimmed() : null;
    const isFlat = this.#positions.size === 0;
    return {
      balance,
      realized: whole ? this.#realized.trimmed() : null,
      unrealized: whole && isFlat ? Decimal.ZERO : null,
      equity: isFlat ? balance : null,
      positions: [...this.#positions.values()],
      orders: [...this.#orders.values()],
      tradesTotal: whole ? this.#trades : null,
      signals: whole ? this.#signals : null,
      denied: whole ? this.#denied : null,
      rejected: whole ? this.#rejected : null,
      halted: this.#causes.size > 0,
      causes: [...this.#causes.values()],
    };
  }

  #order({ orderId: id, status, symbol, side, orderType: type, role, qty, filledQty, price }: OrderEvent): void {
    if (!LIVE.has(status)) {
      this.#orders.delete(id);
      return;
    }
    const order = { id, symbol, side, type, role, qty, filledQty, ...(price !== undefined && { price }), status };
    this.#orders.set(id, order);
  }

  #position({ symbol, qty, avgPrice, swap }: PositionEvent): void {
    if (swap !== undefined) this.#realized = this.#realized.plus(swap);
    if (qty.sign() === 0) this.#positions.delete(symbol);
    else this.#positions.set(symbol, { symbol, qty, avgPrice });
  }

  /** A resume of before its causes were named lifts all of them. */
  #halts(event: Extract<QktEvent, { type: 'halt' | 'resume' }>): void {
    if (event.type === 'resume') {
      for (const id of event.lifted ?? [...this.#causes.keys()]) this.#causes.delete(id);
      return;
    }
    const { causeId = `seq-${event.seq}`, rule, scope, reason, by, restored, ts } = event;
    // A start of the daemon tells anew what is in force already.
    if (restored === true && this.#causes.has(causeId)) return;
    this.#causes.set(causeId, { causeId, rule, scope, reason, since: iso(ts), by });
  }
}
