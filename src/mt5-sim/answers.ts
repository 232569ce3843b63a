/** What the gateway answers with where it does not answer with what was asked for. */
import { retcodeOf } from '../venues/mt5-retcodes.ts';
import type { TradeResult } from '../venues/mt5-sim/types.ts';

export interface Answer {
  readonly status: number;
  /** An object gets `ok` and `request_id`, a list is put into `data`, a text is sent as it is. */
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with that answer. */
export class Refused extends Error {
  readonly answer: Answer;

  constructor(status: number, body: { readonly error: string } & Readonly<Record<string, unknown>>) {
    super(body.error);
    this.name = 'Refused';
    this.answer = { status, body };
  }
}

export const done = (body: object): Answer => ({ status: 200, body });

export const invalid = (error: string, details?: object): Refused =>
  new Refused(400, { error, error_type: 'validation_error', ...(details !== undefined && { details }) });

export const notFound = (error: string): Refused => new Refused(404, { error, error_type: 'not_found' });

export const unauthorized = (): Refused =>
  new Refused(401, { error: 'Unauthorized', error_type: 'authentication_error' });

export const killed = (): Refused =>
  new Refused(423, { error: 'Kill switch is active', error_type: 'kill_switch_active' });

/** An exception in the gateway. @param operation what it was at */
export const internalError = (operation: string, detail: string): Refused =>
  new Refused(500, { error: 'Internal server error', operation, detail });

export const mt5Unavailable = (status: string): Refused =>
  new Refused(503, { error: 'MT5 unavailable', detail: 'MT5 terminal is not connected', mt5_status: status });

export const connectionError = (what: string): Refused =>
  new Refused(503, { error: `${what} failed: the terminal does not answer`, error_type: 'connection_error' });

export const keyConflict = (): Refused =>
  new Refused(409, {
    error: 'Idempotency key was already used with a different request',
    error_type: 'idempotency_conflict',
  });

export const keyInProgress = (): Refused =>
  new Refused(409, {
    error: 'A request with this idempotency key is still in progress',
    error_type: 'idempotency_in_progress',
  });

const GUIDANCE = 'Do not send it again: look at positions, orders and deals for what became of it.';

/** The result of a trade request that was executed; anything else refuses. @param what begins the message: `Send order` */
export function executed(what: string, result: TradeResult | undefined): TradeResult {
  if (result === undefined)
    throw new Refused(502, {
      error: `${what} outcome is unknown`,
      error_type: 'unknown_outcome',
      retry_guidance: GUIDANCE,
      mt5_error: { last_error: IPC_TIMEOUT },
    });
  const { name, kind, comment } = retcodeOf(result.retcode);
  if (kind === 'success') return result;
  const mt5_error = { retcode: result.retcode, retcode_name: name, comment };
  if (kind === 'ambiguous')
    throw new Refused(502, {
      error: `${what} outcome is unknown`,
      error_type: 'unknown_outcome',
      retry_guidance: GUIDANCE,
      mt5_error,
    });
  const error = `${what} failed: ${comment}`;
  if (kind === 'retryable') throw new Refused(409, { error, error_type: 'retryable', mt5_error });
  throw new Refused(400, { error, error_type: 'mt5_rejected', mt5_error });
}

/** The terminal's last error after a call that came to nothing. */
export const IPC_TIMEOUT: readonly [number, string] = [-10_005, 'IPC timeout'];
