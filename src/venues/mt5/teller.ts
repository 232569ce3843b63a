/** Tells the desk what became of an order, each change once. What is at its end leaves the records first: the desk may ask for more at once. */
import type { Fill } from '../../domain/orders.ts';
import type { ReportListener } from '../../domain/venue.ts';
import type { Clock } from '../../clock.ts';
import type { OrderRecords } from './order-records.ts';
import type { OrderRecord } from './records.ts';

export class Teller {
  readonly #report: ReportListener;
  readonly #records: OrderRecords;
  readonly #clock: Clock;

  constructor(report: ReportListener, records: OrderRecords, clock: Clock) {
    this.#report = report;
    this.#records = records;
    this.#clock = clock;
  }

  accepted(record: OrderRecord): void {
    if (record.told === 'working') return;
    record.told = 'working';
    if (record.external !== undefined) return;
    const { order, qty } = record;
    this.#report({ kind: 'accepted', orderId: order.id, qty, ...resolution(record) });
  }

  unknown(record: OrderRecord, reason: string): void {
    if (record.told === 'unknown') return;
    record.told = 'unknown';
    if (record.external === undefined) this.#report({ kind: 'unknown', orderId: record.order.id, reason });
  }

  rejected(record: OrderRecord, code: string, reason: string): void {
    this.#end(record);
    if (record.external === undefined)
      this.#report({ kind: 'rejected', orderId: record.order.id, code, reason, ...resolution(record) });
  }

  cancelled(record: OrderRecord, reason: string): void {
    this.#end(record);
    if (record.external === undefined)
      this.#report({ kind: 'cancelled', orderId: record.order.id, reason, ...resolution(record) });
  }

  expired(record: OrderRecord): void {
    this.#end(record);
    if (record.external === undefined)
      this.#report({ kind: 'expired', orderId: record.order.id, ...resolution(record) });
  }

  /** @param closes the entry whose position it has closed */
  filled(record: OrderRecord, fill: Fill, closes: string | undefined): void {
    const { external, order } = record;
    const remaining = record.qty.minus(record.filled);
    const isOver = remaining.sign() <= 0;
    if (isOver) this.#end(record);
    else record.told = 'working';
    const closed = closes === undefined ? {} : { closes };
    if (external !== undefined)
      this.#report({ kind: 'external', fill, role: 'close', cause: external.cause, ...closed });
    else {
      const left = isOver ? remaining.minus(remaining) : remaining;
      this.#report({
        kind: 'fill',
        fill: { ...fill, orderId: order.id },
        remaining: left,
        ...closed,
        ...resolution(record),
      });
    }
  }

  #end(record: OrderRecord): void {
    this.#records.end(record, this.#clock.now());
  }
}

/** Told once. */
function resolution(record: OrderRecord): { readonly resolvedBy?: string } {
  const { resolvedBy } = record;
  if (resolvedBy === undefined) return {};
  delete record.resolvedBy;
  return { resolvedBy };
}
