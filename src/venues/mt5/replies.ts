/** What a reply says of itself. */
import { membersOf, Unreadable } from './answer-shape.ts';
import type { HttpAnswer } from './transport.ts';
import { parseJson } from './json-text.ts';

const LONGEST_COMPLAINT = 200;

/** @throws Unreadable when it is no JSON */
export function jsonOf({ text }: Pick<HttpAnswer, 'text'>): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new Unreadable(text === '' ? 'the answer is empty' : 'the answer is no JSON');
  }
}

/** Is it the gateway's own word that there is no such thing, and not the lack of a route? */
export function isNotFound({ status, text }: HttpAnswer): boolean {
  return status === 404 && membersOf(jsonIn(text))['error_type'] === 'not_found';
}

/** An answer that is no success, in a line: `HTTP 503: MT5 unavailable: MT5 terminal is not connected`. */
export function complaintOf({ status, text }: Pick<HttpAnswer, 'status' | 'text'>): string {
  const { error, detail } = membersOf(jsonIn(text));
  const said = [error, detail].filter((part) => typeof part === 'string' && part !== '').join(': ');
  return `HTTP ${status}${said === '' ? '' : `: ${said.slice(0, LONGEST_COMPLAINT)}`}`;
}

/** Undefined when it is no JSON. */
export function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
