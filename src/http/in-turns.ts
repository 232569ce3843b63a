/** Long reading a step at a time, one in a turn of the event loop and out of a share: it must not hold up trading. */
import type { FastifyReply } from 'fastify';
import type { Steps } from '../domain/steps.ts';
import { QktError } from '../errors.ts';
import { nextTurn } from './event-poll.ts';
import type { ReaderShare } from './reader-share.ts';

/** The next of what is read in steps. Undefined, and nothing is read, once the signal has aborted. */
export async function nextStep<Piece, Result>(
  steps: Iterator<Piece, Result>,
  share: ReaderShare,
  signal: AbortSignal,
): Promise<IteratorResult<Piece, Result> | undefined> {
  await nextTurn();
  await share.turn(signal);
  return signal.aborted ? undefined : share.spend(() => steps.next());
}

/** What all the steps come to. */
export async function inTurns<Result>(steps: Steps<Result>, share: ReaderShare, signal: AbortSignal): Promise<Result> {
  for (;;) {
    const step = await nextStep(steps, share, signal);
    if (step === undefined) throw new QktError('QKT_E_BAD_REQUEST', 'nobody waits for the answer any more');
    if (step.done === true) return step.value;
  }
}

/** Aborts when the reader has gone. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
