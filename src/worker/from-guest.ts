/** Tells the guest's messages from what else comes out of a thread or process that an author's code shares. */
import { MAX_INTENTS, MAX_LINES } from './guest-flood.ts';
import { isClipped, isFlat, MAX_MESSAGE } from './log-fields.ts';
import type { FromGuest, WireLog } from './protocol.ts';
import { isPlainObject, type Fields } from './shape.ts';

const LEVELS: Readonly<Record<WireLog['level'], true>> = {
  trace: true,
  debug: true,
  info: true,
  warn: true,
  error: true,
  fatal: true,
};
const CAUSES: readonly unknown[] = ['threw', 'rejected', 'flooding'];
const INTENTS: readonly unknown[] = ['place', 'close', 'cancel', 'cancelAll'];

/** True for a whole message of the protocol within its bounds; what a definition or an order holds is read with care where it is used. */
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

const isListUpTo = (length: number, value: unknown, isItem: (item: Fields) => boolean): boolean =>
  Array.isArray(value) && value.length <= length && value.every((item) => isPlainObject(item) && isItem(item));

const isLog = ({ level, message, fields, dropped }: Fields): boolean =>
  typeof level === 'string' &&
  Object.hasOwn(LEVELS, level) &&
  isClipped(message, MAX_MESSAGE) &&
  (fields === undefined || (isPlainObject(fields) && isFlat(fields))) &&
  (dropped === undefined || isCount(dropped));

/** The line that counts the dropped ones comes on top. */
const areLogs = (value: unknown): boolean => isListUpTo(MAX_LINES + 1, value, isLog);

const isTextOrNone = (value: unknown): boolean => value === undefined || typeof value === 'string';

/** Ids become keys, and texts of the journal; a number of a million digits would take the daemon's time. */
const isIntent = (intent: Fields): boolean => {
  const { kind, orderId, signalId, stream, tag } = intent;
  return (
    INTENTS.includes(kind) &&
    isFlat(intent) &&
    (typeof orderId === 'string' || kind === 'cancelAll') &&
    [signalId, stream, tag].every(isTextOrNone)
  );
};

function isDone({ id, consumed, intents, logs, evaluations }: Fields): boolean {
  return [id, consumed, evaluations].every(isCount) && isListUpTo(MAX_INTENTS, intents, isIntent) && areLogs(logs);
}

function isFailed({ during, cause, error, logs }: Fields): boolean {
  if (!isPlainObject(error) || !areLogs(logs) || !CAUSES.includes(cause) || !isTextOrNone(error.anchor)) return false;
  return [during, error.code, error.message, error.stack].every((text) => typeof text === 'string');
}
