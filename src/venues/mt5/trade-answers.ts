/** What became of a trade request: done, certainly not done, or nobody knows. */
import { Type } from 'typebox';
import { codeNamed, retcodeOf } from '../mt5-retcodes.ts';
import {
  integer,
  maybeAmount,
  maybeFlag,
  maybeInteger,
  maybeWhole,
  membersOf,
  present,
  shaped,
  Unreadable,
  whole,
} from './answer-shape.ts';
import type { Reply } from './exchange.ts';
import { complaintOf, jsonIn, jsonOf } from './replies.ts';
import type { TradeAnswer, TradeResult } from './types.ts';

const resultBody = shaped(
  Type.Object({
    result: Type.Object({
      retcode: whole(),
      deal: maybeWhole(),
      order: maybeWhole(),
      volume: maybeAmount(),
      price: maybeAmount(),
      partial: maybeFlag(),
    }),
  }),
);

export interface Asking {
  /** A 400 that names no retcode may hide an unknown outcome. */
  readonly hides?: true;
  /** A success may come without a result; then it is of this ticket. */
  readonly bare?: number;
}

/** Reads the answer to a trade request, whatever it is. */
export function tradeAnswerOf(reply: Reply, asking: Asking = {}): TradeAnswer {
  if (!reply.answered) {
    if (reply.sent) return { kind: 'unknown', reason: reply.reason };
    return { kind: 'refused', code: 'NOT_SENT', reason: reply.reason, status: 0 };
  }
  const { status } = reply;
  const reason = complaintOf(reply);
  if (status >= 200 && status < 300) return succeeded(reply, asking);
  // A conflict of keys, a retryable retcode, a server's error: the contract calls all of them ambiguous.
  if (status < 400 || status === 409 || status >= 500) return { kind: 'unknown', reason };
  const code = refusalOf(reply);
  if (status === 400 && asking.hides === true && !code.byServer) return { kind: 'unknown', reason };
  return { kind: 'refused', code: code.name, reason, status };
}

function succeeded(reply: Reply & { answered: true }, { bare }: Asking): TradeAnswer {
  try {
    const body = jsonOf(reply);
    if (bare !== undefined && membersOf(body)['result'] === undefined)
      return { kind: 'done', result: bareResult(bare) };
    return judged(resultIn(body));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: 'unknown', reason: `HTTP ${reply.status}: ${error.message}` };
  }
}

const bareResult = (order: number): TradeResult => ({
  retcode: DONE,
  deal: 0,
  order,
  volume: undefined,
  price: undefined,
  isPartial: false,
});

/** A gateway tells a refusal by its status; should it not, the retcode still says what it is. */
function judged(result: TradeResult): TradeAnswer {
  const { name, kind, comment } = retcodeOf(result.retcode);
  if (kind === 'success') return { kind: 'done', result };
  if (kind === 'permanent') return { kind: 'refused', code: name, reason: comment, status: 200 };
  return { kind: 'unknown', reason: `retcode ${result.retcode} ${name}` };
}

function resultIn(body: unknown): TradeResult {
  const { retcode, deal, order, volume, price, partial } = resultBody(body).result;
  const code = integer(retcode);
  return {
    retcode: code,
    deal: maybeInteger(deal) ?? 0,
    order: maybeInteger(order) ?? 0,
    volume: present(volume),
    price: present(price),
    isPartial: retcodeOf(code).name === 'DONE_PARTIAL' || partial === true,
  };
}

interface Refusal {
  readonly name: string;
  /** The trade server said so itself. */
  readonly byServer: boolean;
}

const KILLED = 423;
const DONE = codeNamed('DONE');

function refusalOf(reply: Reply & { answered: true }): Refusal {
  if (reply.status === KILLED) return { name: 'KILL_SWITCH', byServer: false };
  const body = membersOf(jsonIn(reply.text));
  const { retcode, retcode_name } = membersOf(body['mt5_error']);
  const checked = membersOf(body['details'])['retcode'];
  if (typeof retcode_name === 'string' && retcode_name !== '') return { name: retcode_name, byServer: true };
  if (isCode(retcode)) return { name: retcodeOf(Number(retcode)).name, byServer: true };
  // The gateway's own check beforehand: nothing was sent.
  if (isCode(checked)) return { name: retcodeOf(Number(checked)).name, byServer: true };
  const { error_type } = body;
  if (typeof error_type === 'string' && error_type !== '') return { name: error_type.toUpperCase(), byServer: false };
  return { name: `HTTP_${reply.status}`, byServer: false };
}

const isCode = (value: unknown): boolean => Number.isInteger(Number(value)) && Number(value) > 0;
