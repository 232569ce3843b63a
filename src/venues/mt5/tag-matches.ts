/** Which orders at the venue carry a tag: how one whose answer was lost is found again. */
import type { Look } from './account-context.ts';
import type { OrderRecords } from './order-records.ts';

/**
 * Tickets of orders with that comment. A close keeps the comment of the position that it closes, so on a
 * hedging account opening deals alone count; on a netting account an order may reduce what is there.
 */
function ticketsOf(tag: string, { orders, positions, deals }: Look, isHedging: boolean, known: ReadonlySet<number>) {
  const isOurs = ({ comment }: { readonly comment: string }): boolean => comment.startsWith(tag);
  const found = new Set(orders.filter(isOurs).map(({ ticket }) => ticket));
  const tagged = deals.filter(isOurs);
  for (const { order, entry } of tagged) if (entry === 'in' || entry === 'inOut') found.add(order);
  if (isHedging) for (const { ticket } of positions.filter(isOurs)) found.add(ticket);
  else if (found.size === 0) for (const { order } of tagged) if (!known.has(order)) found.add(order);
  found.delete(0);
  return found;
}

/** Gives orders of unknown fate the ticket under which the look shows them; where there are several, none. */
export function matchTags(records: OrderRecords, look: Look, isHedging: boolean): void {
  const known = new Set(records.all().flatMap(({ closes }) => closes.flatMap(({ ticket }) => ticket ?? [])));
  for (const { placement, tag } of records.all()) {
    if (placement === undefined || placement.ticket !== undefined || placement.phase === 'due') continue;
    const found = [...ticketsOf(tag, look, isHedging, known)];
    placement.ambiguous = found.length > 1;
    if (found.length === 1) placement.ticket = found[0]!;
  }
  for (const ended of records.ended())
    if (ended.tickets.length === 0 || ended.isLost === true)
      for (const ticket of ticketsOf(ended.tag, look, isHedging, known)) records.knowEnded(ended, ticket);
}
