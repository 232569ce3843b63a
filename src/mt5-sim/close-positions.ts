/** Closing positions, in whole, in part, and all of them. */
import type { Decimal } from '../domain/decimal.ts';
import { retcodeOf } from '../venues/mt5-retcodes.ts';
import type { DealRequest, Position, TradeResult } from '../venues/mt5-sim/types.ts';
import { done, executed, invalid, type Answer } from './answers.ts';
import { usualFilling } from './by-hand.ts';
import { integerOf, neededDecimal, neededInteger, textOf, wordOf, type Members } from './fields.ts';
import type { Gateway } from './gateway.ts';
import { confirmed } from './place-order.ts';
import type { Call } from './route.ts';
import { resultRow } from './rows.ts';

const FAILED = 'Failed to close position';

/** The whole position, whatever volume is named. No result is told as a definite failure, which it is not. */
export async function closePosition({ body, route }: Call, gateway: Gateway): Promise<Answer> {
  const named = body['position'];
  if (named === null || typeof named !== 'object') throw invalid('position is required');
  const position = gateway.position(neededInteger(named as Members, 'ticket'));
  if (position === undefined || gateway.terminal.quoteOf(position.symbol) === undefined) throw invalid(FAILED);
  const request = closing(gateway, position, position.volume);
  const sent = gateway.send(request, route);
  if (sent === undefined) throw invalid(FAILED);
  const result = executed('Close position', sent);
  const rest = await fillOf(gateway, request, result);
  return done({
    message: 'Position closed successfully',
    result: { ...rest.result, ...partOf(gateway, request, result) },
    ...rest.source,
  });
}

export async function closePartly({ body, route }: Call, gateway: Gateway): Promise<Answer> {
  const ticket = neededInteger(body, 'ticket');
  const volume = neededDecimal(body, 'volume');
  const position = gateway.position(ticket);
  if (position === undefined) throw invalid(`Position ${ticket} not found`);
  checkPart(gateway, position, volume, body);
  const comment = textOf(body, 'comment') ?? position.comment;
  const request = { ...closing(gateway, position, volume), comment: comment.slice(0, 25) };
  const result = executed('Close position', gateway.send(request, route));
  const rest = await fillOf(gateway, request, result);
  const remaining_volume = position.volume.minus(filledOf(gateway, request, result));
  const partial = retcodeOf(result.retcode).name === 'DONE_PARTIAL';
  return done({
    message: 'Position partially closed',
    result: { ...rest.result, partial, remaining_volume },
    partial,
    remaining_volume,
    ...rest.source,
  });
}

function checkPart(gateway: Gateway, position: Position, volume: Decimal, body: Members): void {
  const { volumeMin, volumeStep } = gateway.terminal.symbols.get(position.symbol)!;
  if (!volume.lessThan(position.volume))
    throw invalid(`volume must be less than the position's ${position.volume.toString()}`);
  if (volume.lessThan(volumeMin)) throw invalid(`volume must be at least ${volumeMin.toString()}`);
  if (!volume.flooredTo(volumeStep).equals(volume))
    throw invalid(`volume must be a multiple of ${volumeStep.toString()}`);
  integerOf(body, 'deviation', 0, 1000);
  const symbol = textOf(body, 'symbol');
  if (symbol !== undefined && symbol !== position.symbol) throw invalid(`Position is of ${position.symbol}`);
}

/** 207 when some would not close. */
export function closeAllPositions({ body, route }: Call, gateway: Gateway): Answer {
  const side = wordOf(body, 'order_type', ['all', 'BUY', 'SELL']) ?? 'all';
  const magic = integerOf(body, 'magic');
  const wanted = gateway
    .positions()
    .filter((position) => side === 'all' || position.side === side.toLowerCase())
    .filter((position) => magic === undefined || position.magic === magic);
  if (wanted.length === 0) return done({ message: 'No positions were closed' });
  const { closed, failed } = closeAll(gateway, wanted, route);
  const message = `Closed ${closed.length} positions${failed.length === 0 ? '' : `, ${failed.length} failed`}`;
  return { status: failed.length === 0 ? 200 : 207, body: { message, closed, failed } };
}

interface ClosedAll {
  readonly closed: readonly object[];
  readonly failed: readonly object[];
}

/** One after the other; one that will not close does not hold up the rest. */
export function closeAll(gateway: Gateway, positions: readonly Position[], route: string): ClosedAll {
  const closed: object[] = [];
  const failed: object[] = [];
  for (const position of positions) {
    const result = gateway.send(closing(gateway, position, position.volume), route);
    const retcode = result === undefined ? undefined : retcodeOf(result.retcode);
    if (result !== undefined && retcode?.kind === 'success') closed.push(resultRow(result));
    else
      failed.push({
        ticket: position.ticket,
        retcode: retcode?.code ?? null,
        retcode_name: retcode?.name ?? null,
        comment: retcode?.comment ?? 'no result',
      });
  }
  return { closed, failed };
}

/** The request keeps the position's magic. */
function closing({ terminal }: Gateway, position: Position, volume: Decimal): DealRequest {
  const { symbol, side, ticket, magic, comment } = position;
  const type = side === 'buy' ? 'SELL' : 'BUY';
  const filling = usualFilling(terminal.symbols.get(symbol)!);
  return { action: 'deal', symbol, type, volume, position: ticket, magic, comment, filling };
}

async function fillOf(gateway: Gateway, request: DealRequest, result: TradeResult) {
  const { source, ...fill } = await confirmed(gateway, request, result);
  return {
    result: { ...resultRow(result), ...fill },
    source: source === undefined ? {} : { fill_price_source: source },
  };
}

function partOf(gateway: Gateway, request: DealRequest, result: TradeResult): object {
  if (retcodeOf(result.retcode).name !== 'DONE_PARTIAL') return { partial: false };
  return { partial: true, remaining_volume: request.volume.minus(filledOf(gateway, request, result)) };
}

/** What was really closed; an answer may not say. */
function filledOf({ terminal }: Gateway, request: DealRequest, { order, volume }: TradeResult): Decimal {
  if (!volume.isZero()) return volume;
  return terminal.history.deals.findLast((deal) => deal.order === order)?.volume ?? request.volume;
}
