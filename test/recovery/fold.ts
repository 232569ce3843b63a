/** What the journal's fills come to, worked out beside the product's own books. */
import { expect } from 'vitest';
import { dec, type Decimal } from '../../src/domain/decimal.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { JournalEvent } from '../../src/store/journal-types.ts';
import { BALANCE, INSTRUMENTS, VENUE } from './life.ts';

export interface Folded {
  readonly ledger: Ledger;
  /** Losing closes in a row, whatever a person has forgiven. */
  readonly losses: number;
}

/** Holds the fills to what every journal must keep: each of them once, of an order that was sent once. */
export function fold(kept: Iterable<JournalEvent>): Folded {
  const ledger = new Ledger('USD', BALANCE);
  const sent = new Set<string>();
  let losses = 0;
  for (const event of kept) {
    if (event.type === 'order' && event['status'] === 'submitted') {
      const id = event['orderId'] as string;
      expect(sent, 'orders that were sent').not.toContain(id);
      sent.add(id);
    }
    if (event.type !== 'fill') continue;
    expect(sent, 'fills are of orders that were sent').toContain(event['orderId']);
    const realized = book(ledger, event);
    if (event['reducing'] === true) losses = realized.sign() < 0 ? losses + 1 : 0;
  }
  return { ledger, losses };
}

/** What the fill has realized. */
function book(ledger: Ledger, event: JournalEvent): Decimal {
  const { fillId, orderId, symbol, side, qty, price, commission } = event as unknown as Record<string, string>;
  const fill = {
    fillId: fillId!,
    orderId: orderId!,
    symbol: symbol!,
    side: side as 'BUY' | 'SELL',
    qty: dec(qty!),
    price: dec(price!),
    commission: dec(commission!),
    ts: event.ts,
  };
  const { contractSize } = INSTRUMENTS.get(symbol!)!;
  const booking = ledger.book(fill, { venue: VENUE, contractSize, rate: { kind: 'same' } });
  expect(booking, `fill ${fillId} is there once`).toBeDefined();
  return booking!.realized;
}
