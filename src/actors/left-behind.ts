/** What a stop or a halt could not take back or close: a line each, the same in results, records and alerts. */
import type { Order } from '../domain/orders.ts';

const OF_AN_ORDER = 'order ';

/** An order that is still there, such as `order gold-1-2 is still working`. */
export function orderLeft({ id, status }: Pick<Order, 'id' | 'status'>): string {
  return `${OF_AN_ORDER}${id} is ${status === 'working' ? 'still working' : status}`;
}

/** Is the line about that order, whatever has become of it since? */
export function isAbout(line: string, orderId: string): boolean {
  return line.startsWith(`${OF_AN_ORDER}${orderId} is `);
}

/** Of both steps together: closing has looked at every order anew, so what it says of them stands. */
export function leftOfBoth(cancelling: readonly string[], closing: readonly string[]): readonly string[] {
  return [...cancelling.filter((line) => !line.startsWith(OF_AN_ORDER)), ...closing];
}
