/** Tells the guest's messages from what else comes out of a thread or process that an author's code shares. */
import { MAX_INTENTS, MAX_LINES } from './guest-flood.ts';
import type { FromGuest } from './protocol.ts';
import { isPlainObject, type Fields } from './shape.ts';

/** True for a whole message of the protocol within its bounds; what the parts hold is read with care where they are used. */
export function isFromGuest(value: unknown): value is FromGuest {
  if (!isPlainObject(value)) return false;
  switch (value.kind) {
    case 'loaded':
      return isPlainObject(value.definition);
    case 'created':
      return Array.isArray(value.callbacks);
    case 'done':
      return isDone(value);
    case 'failed':
      return isFailed(value);
    default:
      return false;
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isListUpTo = (length: number, value: unknown): boolean =>
  Array.isArray(value) && value.length <= length && value.every(isPlainObject);

/** The line that counts the dropped ones comes on top. */
const areLogs = (value: unknown): boolean => isListUpTo(MAX_LINES + 1, value);

function isDone({ id, consumed, intents, logs, evaluations }: Fields): boolean {
  return [id, consumed, evaluations].every(isCount) && isListUpTo(MAX_INTENTS, intents) && areLogs(logs);
}

function isFailed({ during, cause, error, logs }: Fields): boolean {
  if (!isPlainObject(error) || !areLogs(logs)) return false;
  return [during, cause, error.code, error.message, error.stack].every((text) => typeof text === 'string');
}
