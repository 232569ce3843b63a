/**
 * The pre-trade gate: an ordered list of pure stages, first refusal wins. The list below is the
 * policy. A stage says why not, or nothing; its code is stable and is what counts are kept by.
 */
import type { Decimal } from '../domain/decimal.ts';
import type { OrderType, Side } from '../domain/orders.ts';

/** Everything that a stage may look at, taken in one turn. */
export interface GateInput {
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Decimal;
  readonly type: OrderType;
  /** Signed open quantity. */
  readonly position: Decimal;
  /** Quantity of reducing orders already on their way, so that two exits cannot flip a position. */
  readonly reducingQty: Decimal;
  /** Why entries are closed (halting, halted, stopping…); undefined while open. */
  readonly closed: string | undefined;
  readonly gatewayReady: boolean;
  /** An order of this symbol whose fate is not known. */
  readonly unknownOrder: string | undefined;
  readonly warm: boolean;
  readonly priced: boolean;
  /** Can the quote currency be valued in account money? */
  readonly convertible: boolean;
}

export interface Stage {
  readonly code: string;
  /** Risk-reducing orders pass this stage. */
  readonly sparesReducing: boolean;
  readonly refuses: (input: GateInput) => string | undefined;
}

export interface GateDenial {
  readonly code: string;
  readonly reason: string;
}

export const STAGES: readonly Stage[] = [
  { code: 'HALTED', sparesReducing: true, refuses: ({ closed }) => closed },
  {
    code: 'GATEWAY_DOWN',
    sparesReducing: false,
    refuses: (i) => (i.gatewayReady ? undefined : 'the gateway is not ready'),
  },
  {
    code: 'UNKNOWN_ORDER',
    sparesReducing: false,
    refuses: ({ unknownOrder }) =>
      unknownOrder === undefined ? undefined : `order ${unknownOrder} is not settled: its fate is unknown`,
  },
  {
    code: 'WARMUP',
    sparesReducing: true,
    refuses: ({ warm }) => (warm ? undefined : 'the warm-up bars are not complete'),
  },
  {
    code: 'UNPRICEABLE',
    sparesReducing: false,
    refuses: ({ symbol, priced, convertible }) =>
      !priced
        ? `no price reference for ${symbol}`
        : convertible
          ? undefined
          : `no rate from the currency of ${symbol} to the account's`,
  },
];

/** Opposite to the position, and no more than what is left of it once other exits have filled. */
export function isReducing({ side, qty, position, reducingQty }: GateInput): boolean {
  const opposite = side === 'BUY' ? position.sign() < 0 : position.sign() > 0;
  return opposite && qty.compare(position.abs().minus(reducingQty)) <= 0;
}

/** The first refusal in the order of {@link STAGES}, or undefined: the order may go. */
export function checkGate(input: GateInput): GateDenial | undefined {
  const reducing = isReducing(input);
  for (const stage of STAGES) {
    if (reducing && stage.sparesReducing) continue;
    const reason = stage.refuses(input);
    if (reason !== undefined) return { code: stage.code, reason };
  }
  return undefined;
}
