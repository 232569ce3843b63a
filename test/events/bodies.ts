/** Bodies of events, one of each kind that rings and journal treat differently. */
import { dec } from '../../src/domain/decimal.ts';
import {
  isGap,
  type EventBody,
  type EventItem,
  type EventType,
  type Gap,
  type QktEvent,
} from '../../src/domain/events.ts';

export const halt = (reason: string): EventBody => ({
  type: 'halt',
  rule: 'manual',
  scope: 'strategy',
  reason,
  by: null,
});
export const lifecycle = (to: string): EventBody => ({ type: 'lifecycle', from: 'x', to, cause: 'test' });
export const fill = (id: string, symbol = 'EURUSD'): EventBody => ({
  type: 'fill',
  fillId: id,
  orderId: `${id}-o`,
  symbol,
  side: 'BUY',
  qty: dec(1),
  price: dec('1.0973'),
  commission: dec(0),
  realized: dec(0),
  reducing: false,
});
export const bar = (): EventBody => ({
  type: 'bar',
  symbol: 'EURUSD',
  lengthMs: 1000,
  start: '2026-11-22T07:00:00.000Z',
  end: '2026-11-22T07:00:01.000Z',
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  ticks: 1,
});
export const tick = (): EventBody => ({ type: 'tick', symbol: 'EURUSD', bid: 1, ask: 2 });

export const KINDS = ['tick', 'bar', 'fill', 'halt', 'lifecycle'] as const;
export type Kind = (typeof KINDS)[number];
export const bodies: Record<Kind, () => EventBody> = {
  tick,
  bar,
  fill: () => fill('f'),
  halt: () => halt('h'),
  lifecycle: () => lifecycle('x'),
};

export const ALL = { limit: Infinity };
export const only = (...types: EventType[]) => ({ types: new Set(types), limit: Infinity });
export const eventsOf = (items: readonly EventItem[]): QktEvent[] =>
  items.filter((item): item is QktEvent => !isGap(item));
export const gapsOf = (items: readonly EventItem[]): Gap[] => items.filter(isGap);
/** `[1, '2-91', 92]`: numbers that are delivered, and gaps in their places. */
export const shape = (items: readonly EventItem[]): (number | string)[] =>
  items.map((item) => (isGap(item) ? `${item.from}-${item.to}` : item.seq));
