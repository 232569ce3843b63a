/** A strategy's failure as the main thread holds it. */
import { CATALOGUE, QktError, type ErrorCode } from '../errors.ts';
import type { FromGuest, WireError, WireLog } from './protocol.ts';

type Failed = Extract<FromGuest, { kind: 'failed' }>;

/** `wire` is for `CompiledStrategy.mapError`, which finds the author's file, line and column; `logs` are the lines before it. */
export class GuestFailure extends QktError {
  readonly wire: WireError;
  readonly during: Failed['during'];
  readonly logs: readonly WireLog[];

  constructor({ during, error, logs }: Pick<Failed, 'during' | 'error' | 'logs'>) {
    super(Object.hasOwn(CATALOGUE, error.code) ? (error.code as ErrorCode) : 'QKT_E_CALLBACK', error.message);
    this.wire = error;
    this.during = during;
    this.logs = logs;
  }
}

/** The end of a thread, or of its being asked, in the form of a failure. */
export function exitFailure(message: string): GuestFailure {
  const error = { code: 'QKT_E_WORKER_EXIT', message, stack: '' };
  return new GuestFailure({ during: 'background', error, logs: [] });
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
