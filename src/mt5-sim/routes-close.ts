/** Open positions: closing them, and moving their stops and targets. */
import { Decimal } from '../domain/decimal.ts';
import { areStops, exitPrice } from '../venues/mt5-sim/order-checks.ts';
import type { Position } from '../venues/mt5-sim/types.ts';
import { done, executed, invalid, type Answer } from './answers.ts';
import { closeAllPositions, closePartly, closePosition } from './close-positions.ts';
import { decimalOf, neededInteger, type Members } from './fields.ts';
import type { Gateway } from './gateway.ts';
import type { Call, Route } from './route.ts';
import { resultRow } from './rows.ts';

function modifyStops({ body, route }: Call, gateway: Gateway): Answer {
  const ticket = neededInteger(body, 'position');
  const position = gateway.position(ticket);
  if (position === undefined) throw invalid(`Position ${ticket} not found`);
  const [sl, tp] = [stopOf(body, 'sl'), stopOf(body, 'tp')];
  if (sl === undefined && tp === undefined) throw invalid('at least one of sl, tp, clear_sl and clear_tp is required');
  checkAgainstMarket(gateway, position, { sl: sl ?? Decimal.ZERO, tp: tp ?? Decimal.ZERO });
  const stops = { sl: sl ?? position.sl, tp: tp ?? position.tp };
  const result = executed('Modify SL/TP', gateway.send({ action: 'stops', position: ticket, ...stops }, route));
  return done({ message: 'Position SL/TP modified successfully', result: resultRow(result) });
}

/** Zero: to be removed; undefined: as it is. */
function stopOf(body: Members, name: 'sl' | 'tp'): Decimal | undefined {
  const price = decimalOf(body, name);
  const clear = body[`clear_${name}`] === true;
  if (clear && price !== undefined) throw invalid(`${name} and clear_${name} exclude each other`);
  if (clear) return Decimal.ZERO;
  if (price !== undefined && price.sign() <= 0) throw invalid(`${name} must be positive: clear_${name} removes it`);
  return price;
}

function checkAgainstMarket(
  { terminal }: Gateway,
  { symbol, side }: Position,
  stops: Pick<Position, 'sl' | 'tp'>,
): void {
  const price = exitPrice(side, terminal.quoteOf(symbol)!);
  const { tickSize } = terminal.symbols.get(symbol)!;
  for (const name of ['sl', 'tp'] as const)
    if (!areStops(side, price, { sl: Decimal.ZERO, tp: Decimal.ZERO, [name]: stops[name] }, tickSize))
      throw invalid(`${name} ${stops[name].toString()} is on the wrong side of the price ${price.toString()}`);
}

export const CLOSE_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/close_position', killable: true, handle: closePosition },
  { method: 'POST', path: '/position_close_partial', killable: true, handle: closePartly },
  { method: 'POST', path: '/close_all_positions', killable: true, handle: closeAllPositions },
  { method: 'POST', path: '/modify_sl_tp', killable: true, handle: modifyStops },
];
