/**
 * Who did what, when and why, in a chain: each record carries the hash of the one before, and the last
 * hash is kept apart, so a record that is changed, left out or moved shows, and so does a lost end.
 */
import { createHash } from 'node:crypto';
import { stringify } from 'safe-stable-stringify';
import type { Steps } from '../domain/steps.ts';
import type { ChainVerdict, OperatorEntry, OperatorRecord } from './journal-types.ts';

/** The end of the chain. */
export interface ChainHead {
  readonly n: number;
  readonly hash: string;
}

/** Records: a millisecond of work. */
const OF_A_STEP = 100;

export const EMPTY_CHAIN: ChainHead = { n: 0, hash: '0'.repeat(64) };

/** The record that follows. Members that are undefined are left out. */
export function chain(head: ChainHead, entry: OperatorEntry): OperatorRecord {
  const present = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
  const record = { ...(present as unknown as OperatorEntry), n: head.n + 1, prev: head.hash };
  return { ...record, hash: hashOf(record) };
}

/**
 * Follows the chain. `records` may throw where one cannot be read; that is the first bad one then.
 * @param head asked for when the records are at their end: acts may come while it follows
 */
export function* verify(records: Iterable<OperatorRecord>, head: () => ChainHead): Steps<ChainVerdict> {
  let last = EMPTY_CHAIN;
  try {
    for (const record of records) {
      const { hash, ...rest } = record;
      if (record.n !== last.n + 1 || record.prev !== last.hash || hash !== hashOf(rest)) break;
      last = { n: record.n, hash };
      if (last.n % OF_A_STEP === 0) yield;
    }
  } catch {
    // Unreadable: the chain ends before it.
  }
  const end = head();
  const ok = last.n === end.n && last.hash === end.hash;
  return ok ? { ok, records: last.n } : { ok, records: last.n, firstBad: Math.min(last.n + 1, end.n + 1) };
}

/** SHA-256 over JSON with sorted members. */
function hashOf(record: Omit<OperatorRecord, 'hash'>): string {
  return createHash('sha256').update(stringify(record)).digest('hex');
}
