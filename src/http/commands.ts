/** A command from request to answer: run as an operation, answered when its outcome is known or 202. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import { toJson } from '../domain/json.ts';
import type { Operation } from '../domain/ports.ts';
import { QktError, toProblem } from '../errors.ts';
import { sendObject } from './negotiate.ts';
import type { StreamContext } from './open-stream.ts';
import type { OperationRegistry, Outcome } from './operations.ts';
import { asRefusal, hiddenFailure, PROBLEM_TYPE, problemHeaders } from './problems.ts';
import { badField } from './validation.ts';

export interface CommandContext extends StreamContext {
  readonly operations: OperationRegistry;
  /** Before `/operations/<id>` in the answers of this server. */
  readonly operationsPrefix: string;
}

export interface CommandRequest {
  readonly name: string;
  readonly strategy: string | null;
  readonly args: object;
  /** Seconds until 202. */
  readonly wait: number;
  /** Refuses what is not to be begun; a repetition is answered whatever has become of its strategy. */
  readonly admit?: () => void;
  /** @param by name of the caller's token */
  readonly execute: (by: string) => Promise<Outcome>;
}

/** @throws QktError QKT_E_IDEMPOTENCY, QKT_E_BAD_REQUEST; as `admit` does */
export async function answerCommand(
  context: CommandContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { name, strategy, args, wait, admit, execute }: CommandRequest,
): Promise<void> {
  context.open.openCommand(reply.raw);
  const by = request.identity!.name;
  const key = idempotencyKey(request);
  const { id, outcome } = context.operations.run({
    name,
    strategy,
    by,
    args,
    ...(key === undefined ? {} : { key }),
    ...(admit === undefined ? {} : { admit }),
    execute: () => settled(() => execute(by), context, request),
  });
  const known = await within(context.clock, wait * 1000, outcome);
  if (known !== undefined) {
    sendOutcome(request, reply, known);
    return;
  }
  const operation = `${context.operationsPrefix}/operations/${id}`;
  reply.header('location', operation);
  sendObject(request, reply, 202, { operation });
}

/** Answers with an operation's progress. @throws QktError QKT_E_UNKNOWN_OPERATION */
export function answerOperation(
  { operations }: CommandContext,
  request: FastifyRequest,
  reply: FastifyReply,
  belongs: (operation: Operation) => boolean,
): void {
  const { id } = request.params as { readonly id: string };
  const operation = operations.get(id);
  if (operation === undefined || !belongs(operation)) {
    throw new QktError('QKT_E_UNKNOWN_OPERATION', `there is no operation ${JSON.stringify(id.slice(0, 80))} here`);
  }
  sendObject(request, reply, 200, operation);
}

function sendOutcome(request: FastifyRequest, reply: FastifyReply, outcome: Outcome): void {
  if ('result' in outcome) {
    sendObject(request, reply, outcome.status, outcome.result);
    return;
  }
  reply
    .code(outcome.status)
    .headers(problemHeaders(outcome.problem))
    .header('content-type', PROBLEM_TYPE)
    .send(Buffer.from(toJson(outcome.problem)));
}

/** The outcome of a command that may refuse or fail. */
async function settled(
  execute: () => Promise<Outcome>,
  { report }: CommandContext,
  request: FastifyRequest,
): Promise<Outcome> {
  try {
    return await execute();
  } catch (error) {
    let refusal = asRefusal(error);
    if (refusal.code === 'QKT_E_INTERNAL') {
      report({ requestId: request.id, method: request.method, path: request.url, error });
      refusal = hiddenFailure(request.id);
    }
    const problem = toProblem(refusal);
    return { status: problem.status, problem };
  }
}

/** The value, or `undefined` when it takes longer. */
function within<T>(clock: Clock, ms: number, value: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.at(clock.now() + ms, () => resolve(undefined));
    void value.then(resolve, reject).finally(cancel);
  });
}

function idempotencyKey({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw badField('Idempotency-Key', 'the header `Idempotency-Key` must be 1 to 255 visible ASCII characters');
}
