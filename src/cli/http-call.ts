/** One HTTP exchange over node:http, on a unix socket or a TCP port. */
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { QktError } from '../errors.ts';

/** Nothing listens there, or what listened went away without a word. */
const GONE = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'ENOTSOCK']);

/**
 * Sends a request and gives the answer as soon as its headers are there.
 * @throws QktError QKT_E_NO_DAEMON when nothing answers, QKT_E_TIMEOUT after `options.timeout` ms of silence,
 * and when a command (what has a body) had been taken by somebody who went away then.
 */
export function send(options: RequestOptions, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let isTaken = false;
    const outgoing = request({ ...options, agent: false }, resolve);
    outgoing.on('socket', (socket) => socket.once('connect', () => (isTaken = true)));
    outgoing.on('timeout', () =>
      outgoing.destroy(
        new QktError('QKT_E_TIMEOUT', `no answer within ${Math.round((options.timeout ?? 0) / 1000)} s`),
      ),
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const reason = translated(error);
      reject(isTaken && body !== undefined ? outcomeUnknown(reason) : reason);
    });
    outgoing.end(body);
  });
}

/** The whole body. @throws QktError as {@link send}. */
export async function textOf(message: IncomingMessage): Promise<string> {
  message.setEncoding('utf8');
  let text = '';
  try {
    for await (const chunk of message) text += String(chunk);
  } catch (error) {
    throw translated(error as NodeJS.ErrnoException);
  }
  return text;
}

/** What is left to say of a command that was sent, when it is not heard what came of it. */
export function outcomeUnknown(cause: Error): QktError {
  if (cause instanceof QktError && cause.code === 'QKT_E_TIMEOUT') return cause;
  return new QktError('QKT_E_TIMEOUT', `the command was sent, but its outcome is not known: ${cause.message}`, {
    cause,
    members: { hint: 'It may have been done: look at qkt status and qkt journal before it is given again.' },
  });
}

function translated(error: NodeJS.ErrnoException): Error {
  if (error instanceof QktError) return error;
  return new QktError(
    'QKT_E_NO_DAEMON',
    GONE.has(error.code ?? '') ? 'the daemon does not answer' : `the daemon cannot be reached: ${error.message}`,
    { cause: error },
  );
}
