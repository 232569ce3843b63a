/** The check of the operators' chain, in words. */
import type { ChainCheck } from '../domain/ports.ts';
import type { Exact } from './exact-json.ts';
import { plural } from './words.ts';

/** Whether it holds, and what is wrong where it does not. */
export function chainText({ ok, records, firstBad }: Exact<ChainCheck>): string {
  const count = plural(Number(records), 'record');
  if (ok) return `the chain holds: ${count}`;
  const where = firstBad === undefined ? '' : `record ${firstBad} was changed, is missing or is out of place; `;
  return `the chain is BROKEN: ${where}${count} before it ${records === '1' ? 'holds' : 'hold'}`;
}
