import { describe, expect, it } from 'vitest';
import { isFromGuest } from '../../src/worker/from-guest.ts';
import { clip, logFields, MAX_MESSAGE } from '../../src/worker/log-fields.ts';

const LOG = { level: 'info', message: 'bought', fields: { qty: 3 } };
const INTENT = { kind: 'cancel', orderId: 'one-1-1' };
const done = (log: unknown = LOG, intent: unknown = INTENT): unknown => ({
  kind: 'done',
  id: 1,
  consumed: 1,
  intents: [intent],
  logs: [log],
  evaluations: 0,
});
const failed = (over: object = {}, error: object = {}): unknown => ({
  kind: 'failed',
  during: 'onBar',
  cause: 'threw',
  error: { code: 'QKT_E_CALLBACK', message: 'no', stack: '', ...error },
  logs: [],
  ...over,
});

/** Nested within itself, as a structured clone may well be. */
function cyclic(): unknown {
  const node: Record<string, unknown> = {};
  node['self'] = node;
  return node;
}

describe('what comes from an author’s thread or process', () => {
  it('is taken when it is an answer or a failure as the guest makes it', () => {
    for (const message of [done(), failed(), failed({}, { anchor: 'streams.eur' })])
      expect(isFromGuest(message)).toBe(true);
    expect(isFromGuest(done({ level: 'warn', message: '7 further log lines were dropped', dropped: 7 }))).toBe(true);
  });

  it('is taken with the largest stack of the longest numbers', () => {
    const qty = '9'.repeat(309);
    const stack = { layers: Array.from({ length: 100 }, () => ({ offset: qty, qty })), withinMs: 1 };
    const ids = { orderId: 'a-1-1', signalId: 'a-1-s1', stream: 'eur', tag: 't'.repeat(100) };
    const bracket = { stopLoss: { by: qty }, takeProfit: { at: qty } };
    expect(
      isFromGuest(done(LOG, { kind: 'place', ...ids, side: 'BUY', qty, type: 'market', tif: 'GTC', bracket, stack })),
    ).toBe(true);
  });

  it('is taken with the longest text and the largest fields that a line of the guest holds', () => {
    const huge = { text: 'x'.repeat(1e6), list: Array.from({ length: 500 }, () => [1, { a: 'y'.repeat(1e4) }]), n: 5n };
    const nested = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } }, keys: { ['k'.repeat(1e4)]: null } };
    for (const fields of [huge, nested, [huge, nested], { lists: Array.from({ length: 300 }, () => huge.list) }])
      expect(
        isFromGuest(done({ level: 'info', message: clip('z'.repeat(1e5), MAX_MESSAGE), fields: logFields(fields) })),
      ).toBe(true);
  });

  it.each([
    ['a level that is none', { ...LOG, level: 'loud' }],
    ['a level of every object', { ...LOG, level: 'constructor' }],
    ['a message that is no text', { ...LOG, message: { a: 1 } }],
    ['a message without end', { ...LOG, message: 'x'.repeat(1e6) }],
    ['fields that are none', { ...LOG, fields: 7 }],
    ['a field that JSON has not', { ...LOG, fields: { a: 1n } }],
    ['fields within themselves', { ...LOG, fields: cyclic() }],
    ['a field without end', { ...LOG, fields: { a: 'x'.repeat(1e6) } }],
    ['fields without end', { ...LOG, fields: { a: Array.from({ length: 5_000 }, () => 1) } }],
    ['a count that is none', { ...LOG, dropped: 'many' }],
  ])('is no answer with a log line that has %s', (_what, log) => {
    expect(isFromGuest(done(log))).toBe(false);
    expect(isFromGuest(failed({ logs: [log] }))).toBe(false);
  });

  it.each([
    ['of no kind', { ...INTENT, kind: 'buy' }],
    ['whose id is no text', { ...INTENT, orderId: { a: 1 } }],
    ['without an id', { kind: 'place' }],
    ['whose stream is no text', { kind: 'close', orderId: 'x', signalId: 's', stream: 5 }],
    ['of more digits than a number has', { kind: 'place', orderId: 'x', stream: 'eur', qty: '9'.repeat(1e6) }],
    ['whose tag is no text', { kind: 'place', orderId: 'x', signalId: 's', stream: 'eur', tag: 5 }],
  ])('is no answer with an order %s', (_what, intent) => {
    expect(isFromGuest(done(LOG, intent))).toBe(false);
  });

  it('is no failure with a cause or an anchor that is none', () => {
    expect(isFromGuest(failed({ cause: 'bored' }))).toBe(false);
    expect(isFromGuest(failed({}, { anchor: 5 }))).toBe(false);
  });
});
