/** The body of `POST /order`. The gateway refuses members that it does not know. */
import type { Decimal } from '../../domain/decimal.ts';
import type { Placement } from './types.ts';

export interface OrderMarks {
  readonly magic: number;
  readonly deviation: number;
}

export interface OrderBody {
  readonly symbol: string;
  readonly type: string;
  readonly volume: Decimal;
  readonly price?: Decimal;
  readonly sl?: Decimal;
  readonly tp?: Decimal;
  readonly deviation: number;
  readonly magic: number;
  readonly comment: string;
  /** Epoch seconds, UTC. */
  readonly expiration?: number;
  readonly client_order_id: string;
}

export function orderBody(order: Placement, { magic, deviation }: OrderMarks): OrderBody {
  const { symbol, side, type, volume, price, sl, tp, comment, expiresAt, key } = order;
  return {
    symbol,
    type: type === 'market' ? side : `${side}_${type.toUpperCase()}`,
    volume,
    ...(price !== undefined && { price }),
    ...(sl !== undefined && { sl }),
    ...(tp !== undefined && { tp }),
    deviation,
    magic,
    comment,
    // Never before the deadline: at it we cancel ourselves.
    ...(expiresAt !== undefined && { expiration: Math.ceil(expiresAt / 1000) }),
    client_order_id: key,
  };
}
