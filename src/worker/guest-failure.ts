/** A strategy's failure as the main thread holds it. */
import type { LossCause } from '../domain/loss-views.ts';
import { CATALOGUE, QktError, type ErrorCode } from '../errors.ts';
import { clip, MAX_MESSAGE } from './log-fields.ts';
import type { FromGuest, WireError, WireLog } from './protocol.ts';

type Failed = Extract<FromGuest, { kind: 'failed' }>;

/** What an author's code can come to by itself; the others are the daemon's to say. */
export type GuestLoss = Exclude<LossCause, 'launchFailed' | 'fault'>;

/** `wire` is for `CompiledStrategy.mapError`, which finds the author's file, line and column; `logs` are the lines before it. */
export class GuestFailure extends QktError {
  override readonly cause: GuestLoss;
  readonly wire: WireError;
  readonly during: Failed['during'];
  readonly logs: readonly WireLog[];

  constructor({
    during,
    cause,
    error,
    logs,
  }: Pick<Failed, 'during' | 'error' | 'logs'> & { readonly cause: GuestLoss }) {
    super(Object.hasOwn(CATALOGUE, error.code) ? (error.code as ErrorCode) : 'QKT_E_CALLBACK', error.message);
    this.cause = cause;
    this.wire = error;
    this.during = during;
    this.logs = logs;
  }
}

const CODES: Readonly<Partial<Record<GuestLoss, ErrorCode>>> = {
  flooding: 'QKT_E_FLOODING',
  spinning: 'QKT_E_UNRESPONSIVE',
  idle: 'QKT_E_UNRESPONSIVE',
};

/**
 * A loss that the daemon saw and the author's code did not tell: its end, or what it did to its boundary.
 * @param last what its process printed at the end
 */
export function lossFailure(cause: GuestLoss, message: string, last = ''): GuestFailure {
  const error = { code: CODES[cause] ?? 'QKT_E_WORKER_EXIT', message, stack: '' };
  const logs = last === '' ? [] : [{ level: 'error' as const, message: clip(last, MAX_MESSAGE) }];
  return new GuestFailure({ during: 'background', cause, error, logs });
}

/** The answer of the kind that was asked for. @throws GuestFailure when it is a failure. */
export function expectReply<Kind extends FromGuest['kind']>(
  reply: FromGuest,
  kind: Kind,
): Extract<FromGuest, { kind: Kind }> {
  if (reply.kind === 'failed') throw new GuestFailure(reply);
  if (reply.kind !== kind) throw new QktError('QKT_E_INTERNAL', `the strategy answered ${reply.kind}, not ${kind}`);
  return reply as Extract<FromGuest, { kind: Kind }>;
}
