/** What the gate is told of an order: the facts around it as the desk knows them at this moment. */
import { Decimal, dec } from '../domain/decimal.ts';
import type { Order } from '../domain/orders.ts';
import { convert } from '../ledger/money.ts';
import { isReducing } from '../risk/gate.ts';
import type { GateInput } from '../risk/gate-input.ts';
import type { DeskDependencies } from './desk-types.ts';
import { isClosing, type OrderStore } from './order-store.ts';

export type OrderFacts = Pick<Order, 'symbol' | 'side' | 'qty' | 'type' | 'role' | 'price'>;

/** @param closed why entries are closed; undefined while they are open */
export function gateInput(
  { symbol, side, qty, type, role, price }: OrderFacts,
  deps: DeskDependencies,
  orders: OrderStore,
  closed: string | undefined,
): GateInput {
  const { ledger, venue, clock } = deps;
  const position = ledger.position(venue, symbol)?.qty ?? Decimal.ZERO;
  const quote = deps.quote(symbol);
  const entries = orders.entries();
  const rate = deps.rate(symbol);
  const input: GateInput = {
    now: clock.now(),
    symbol,
    side,
    qty,
    type,
    price,
    reduceOnly: isClosing(role),
    position,
    // A closing order never opens, whatever else is working: the venue takes care of that.
    reducingQty: isClosing(role) ? orders.closingQty(symbol) : orders.reducingQty(symbol, position),
    workingQty: entries
      .filter((entry) => entry.symbol === symbol && entry.side === side)
      .reduce((sum, entry) => sum.plus(entry.qty.minus(entry.filledQty)), Decimal.ZERO),
    exposed: [...new Set([...ledger.positions(), ...entries].map((item) => item.symbol))],
    closed,
    gatewayReady: deps.gatewayReady(),
    gatewayCause: deps.gatewayCause?.(),
    unknownOrder: orders.unknown(symbol),
    warm: deps.warm(),
    feed: deps.feed(symbol),
    reference: quote === undefined ? undefined : dec(side === 'BUY' ? quote.ask : quote.bid),
    contractSize: deps.instrument(symbol).contractSize,
    toAccount: (native) => convert(native, rate),
    history: deps.history,
    margin: deps.account.margin(),
    limits: deps.limits(),
  };
  // A gateway that answers late or in part takes exits all the same.
  return input.gatewayReady || !isReducing(input) ? input : { ...input, gatewayReady: deps.takesExits() };
}
