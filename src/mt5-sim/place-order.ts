/** `POST /order`, and what is remembered of it under its key. */
import { createHash } from 'node:crypto';
import stableStringify from 'safe-stable-stringify';
import { retcodeOf } from '../venues/mt5-retcodes.ts';
import type { DealRequest, PendingRequest, TradeResult } from '../venues/mt5-sim/types.ts';
import { done, executed, invalid, keyConflict, keyInProgress, Refused, type Answer } from './answers.ts';
import { textOf, type Members } from './fields.ts';
import type { Gateway } from './gateway.ts';
import { checkFields, nativeCheck, readOrder } from './order-rules.ts';
import type { Call } from './route.ts';
import { resultRow } from './rows.ts';

const LONGEST_KEY = 128;
/** What is kept under a key: what was executed, and what nobody knows. */
const UNKNOWN = 502;

export async function placeOrder(call: Call, gateway: Gateway): Promise<Answer> {
  checkFields(call.body);
  const key = keyOf(call);
  if (gateway.faults.state('forget-idempotency') !== undefined) gateway.keys.forget();
  if (gateway.faults.hit('in-progress-not-executed', call.route) !== undefined) throw keyInProgress();
  if (key === undefined) return place(call, gateway, undefined);
  const known = gateway.keys.begin(key, stableStringify(call.body));
  switch (known.kind) {
    case 'conflict':
      throw keyConflict();
    case 'running':
      throw keyInProgress();
    case 'done':
      return { ...known.answer, headers: { 'Idempotent-Replayed': 'true' } };
    default:
      return placeOnce(call, gateway, key);
  }
}

async function placeOnce(call: Call, gateway: Gateway, key: string): Promise<Answer> {
  try {
    const answer = await place(call, gateway, key);
    gateway.keys.store(key, answer);
    return answer;
  } catch (error) {
    if (error instanceof Refused && error.answer.status === UNKNOWN) gateway.keys.store(key, error.answer);
    else gateway.keys.release(key);
    throw error;
  }
}

/** Header and body may both name it. @throws Refused when they differ */
function keyOf({ idempotencyKey: header, body }: Call): string | undefined {
  const member = textOf(body, 'client_order_id');
  if (header !== undefined && member !== undefined && header !== member)
    throw invalid('Idempotency-Key and client_order_id must be equal');
  const key = header ?? member;
  if (key !== undefined && (key.length < 1 || key.length > LONGEST_KEY))
    throw invalid(`Idempotency-Key must have 1 to ${LONGEST_KEY} characters`);
  return key;
}

async function place({ body, route }: Call, gateway: Gateway, key: string | undefined): Promise<Answer> {
  const request = readOrder(gateway, body, magicOf(key));
  nativeCheck(gateway, request);
  const result = executed('Send order', gateway.send(request, route));
  return placed(body, result, await confirmed(gateway, request, result));
}

function placed(body: Members, result: TradeResult, { source, ...fill }: Confirmed): Answer {
  const { name } = retcodeOf(result.retcode);
  return done({
    message: 'Order executed successfully',
    state: name === 'PLACED' ? 'placed' : name === 'DONE' ? 'executed' : 'partially_executed',
    result: { ...resultRow(result), ...fill },
    sl_confirmed: null,
    tp_confirmed: null,
    partial_fill: name === 'DONE_PARTIAL',
    client_order_id: body['client_order_id'] ?? null,
    ...(source !== undefined && { fill_price_source: source }),
  });
}

interface Confirmed extends Partial<Pick<TradeResult, 'price' | 'deal'>> {
  readonly source?: 'order_send' | 'deal' | 'unresolved';
}

/** A gateway of 0.3.17 says where the price of a market order is from, and waits for its deal if it has none. */
export async function confirmed(
  gateway: Gateway,
  request: DealRequest | PendingRequest,
  result: TradeResult,
): Promise<Confirmed> {
  if (!gateway.has('0.3.17') || request.action === 'pending') return {};
  if (!result.price.isZero()) return { source: 'order_send' };
  const deal = await gateway.dealOf(result.order);
  return deal === undefined ? { source: 'unresolved' } : { source: 'deal', price: deal.price, deal: deal.ticket };
}

/** Four bytes of BLAKE2s over the key; 0 without one. */
const magicOf = (key: string | undefined): number =>
  key === undefined ? 0 : createHash('blake2s256').update(key).digest().readUInt32BE(0);
