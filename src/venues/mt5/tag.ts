/**
 * Marks of our orders. A position, pending order or deal shows of its order only the comment, cut to
 * about 16 characters, and the magic number: so the comment is a short tag, made of the order's id.
 */
import { createHash } from 'node:crypto';

/** RFC 4648, in lower case: none of these is changed by a broker. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
/** With the `q` in front 16 characters: 75 bits. */
const LENGTH = 15;

/** The same for the same order, now and after a restart. */
export function tagOf(venue: string, strategy: string, orderId: string): string {
  const hash = createHash('sha256').update([venue, strategy, orderId].join('\u0000')).digest();
  let tag = 'q';
  for (let at = 0; at < LENGTH; at++) {
    const bit = at * 5;
    const word = (hash[bit >> 3]! << 8) | hash[(bit >> 3) + 1]!;
    tag += LETTERS[(word >> (11 - (bit & 7))) & 31]!;
  }
  return tag;
}
