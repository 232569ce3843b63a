/** An event of the journal as it was when it happened: its decimals, which are kept as text, are decimals again. */
import { Decimal } from '../domain/decimal.ts';
import type { QktEvent } from '../domain/events.ts';
import type { JournalEvent } from './journal-types.ts';

/** Members that are decimals, or numbers; no text of another kind has such a name. */
export const DECIMALS: ReadonlySet<string> = new Set([
  'qty',
  'filledQty',
  'price',
  'avgPrice',
  'commission',
  'realized',
  'swap',
  'measured',
  'limit',
]);

export function reviveEvent(event: JournalEvent): QktEvent {
  const revived: Record<string, unknown> = { ...event };
  for (const name in revived) {
    const value = revived[name];
    if (typeof value === 'string' && DECIMALS.has(name)) revived[name] = Decimal.of(value);
  }
  return revived as unknown as QktEvent;
}
