/** A refused request may still be sending its body. */
import type { IncomingMessage } from 'node:http';

const MOST_DISCARDED = 4 * 1024 * 1024;

/**
 * Reads on and throws away, so that the sender gets to see the refusal instead of a reset
 * connection; one that goes on for too long is cut off (and at 10 s in any case).
 */
export function discardBody(request: IncomingMessage): void {
  if (request.complete) return;
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MOST_DISCARDED) request.socket.destroy();
  });
  request.resume();
}
