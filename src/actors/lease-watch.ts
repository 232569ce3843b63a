/** Tells of leases that break and hold again, each change once. */
import type { LeaseView } from '../domain/health-views.ts';

/** @returns a function that is given all leases again and again; a new one is taken to have held. */
export function watchLeases(changed: (lease: LeaseView) => void): (leases: readonly LeaseView[]) => void {
  const held = new Map<string, boolean>();
  return (leases) => {
    for (const lease of leases) {
      const before = held.get(lease.name) ?? true;
      held.set(lease.name, lease.ok);
      if (before !== lease.ok) changed(lease);
    }
  };
}
