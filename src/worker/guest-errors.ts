/** Whatever an author's code throws, as data that can cross the thread boundary. */
import { CATALOGUE, type ErrorCode } from '../errors.ts';
import { clip, textOf } from './log-fields.ts';
import type { WireError } from './protocol.ts';
import { AnchoredError } from './shape.ts';

const MAX_TEXT = 2_000;
const MAX_STACK = 16_000;

/** @param fallback the code of what carries none of the catalogue. */
export function toWireError(thrown: unknown, fallback: ErrorCode): WireError {
  try {
    return describeThrown(thrown, fallback);
  } catch {
    return { code: fallback, message: 'something was thrown that cannot be read', stack: '' };
  }
}

function describeThrown(thrown: unknown, fallback: ErrorCode): WireError {
  if (!(thrown instanceof Error))
    return { code: fallback, message: clip(`threw ${textOf(thrown)}, which is not an Error`, MAX_TEXT), stack: '' };
  const own: unknown = Reflect.get(thrown, 'code');
  const isOurs = typeof own === 'string' && Object.hasOwn(CATALOGUE, own);
  const text = isOurs || thrown.name === 'Error' ? thrown.message : `${thrown.name}: ${thrown.message}`;
  return {
    code: isOurs ? own : fallback,
    message: clip(textOf(text), MAX_TEXT),
    stack: clip(textOf(thrown.stack ?? ''), MAX_STACK),
    ...(thrown instanceof AnchoredError ? { anchor: clip(thrown.anchor, MAX_TEXT) } : {}),
  };
}
