/** New orders and answers to requests, each with the next number of its kind. */
import { Decimal } from '../../domain/decimal.ts';
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import { retcodeOf } from '../mt5-retcodes.ts';
import {
  isMarket,
  ORDER_STATE,
  REASON,
  type DealRequest,
  type Order,
  type PendingRequest,
  type TradeResult,
} from './types.ts';

/** Brokers keep so much of a comment. */
const COMMENT_LENGTH = 16;
const FIRST_ORDER = 70_010_001;

export class Tickets {
  #nextOrder: number;
  #nextRequest = 1;

  /** @param last the highest number given so far; 0: none */
  constructor(last: number) {
    this.#nextOrder = Math.max(FIRST_ORDER, last + 1);
  }

  /** An order as it is when the server takes it. @param known what is not as usual */
  order(request: Omit<DealRequest | PendingRequest, 'action'>, at: EpochMs, known: Partial<Order> = {}): Order {
    const { symbol, type, volume, sl = Decimal.ZERO, tp = Decimal.ZERO, magic, reason = REASON.expert } = request;
    return {
      ticket: this.#nextOrder++,
      symbol,
      type,
      volume,
      volumeLeft: volume,
      price: Decimal.ZERO,
      stoplimit: Decimal.ZERO,
      sl,
      tp,
      magic,
      comment: request.comment.slice(0, COMMENT_LENGTH),
      // A pending order is filled as far as it goes and stays with the rest, whatever was asked for.
      filling: isMarket(type) ? request.filling : 'RETURN',
      reason,
      state: ORDER_STATE.placed,
      positionId: 0,
      placedAt: at,
      ...known,
    };
  }

  /** @param tick the quote in force, where the request is about a symbol that has one */
  result(retcode: number, tick: Tick | undefined, known: Partial<TradeResult>): TradeResult {
    return {
      retcode,
      deal: known.deal ?? 0,
      order: known.order ?? 0,
      volume: known.volume ?? Decimal.ZERO,
      price: known.price ?? Decimal.ZERO,
      bid: tick?.bid ?? 0,
      ask: tick?.ask ?? 0,
      comment: retcodeOf(retcode).comment,
      requestId: this.#nextRequest++,
    };
  }
}
