/** Leases in words: why one does not hold. */
import type { LeaseView } from '../domain/health-views.ts';
import type { Exact } from './exact-json.ts';
import { fineDuration } from './words.ts';

type Lease = Exact<LeaseView>;

/** A closed session suspends the lease of its feed: that is no trouble. */
export const isBroken = ({ ok, inSession }: Lease): boolean => !ok && inSession !== false;

/** `journal: ENOSPC: no space left on device`, `feed:EURUSD: 12s, the limit is 10s` */
export function leaseTrouble({ name, ageMs, limitMs, reason }: Lease): string {
  return `${name}: ${reason ?? `${fineDuration(Number(ageMs))}, the limit is ${fineDuration(Number(limitMs))}`}`;
}
