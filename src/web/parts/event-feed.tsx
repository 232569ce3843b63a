/** Events, newest first, each in a line. */
import type { VNode } from 'preact';
import type { LiveEvent } from '../state/store.ts';
import { Time } from './time.tsx';

const SHOWN = 60;

const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);

/** What an event says, by its type. */
const SAYS: Readonly<Record<string, (event: LiveEvent) => string>> = {
  signal: (e) => `${text(e['action'])} ${text(e['symbol'])} ${text(e['qty'])}`,
  order: (e) =>
    `${text(e['status'])}: ${text(e['side'])} ${text(e['qty'])} ${text(e['symbol'])} ${text(e['orderType'])} (${text(e['role'])})`,
  fill: (e) =>
    `${text(e['side'])} ${text(e['qty'])} ${text(e['symbol'])} @ ${text(e['price'])}${e['reducing'] === true ? `, realized ${text(e['realized'])}` : ''}`,
  rejection: (e) => `${text(e['status'])} ${text(e['code'])}: ${text(e['reason'])}`,
  cancel: (e) => `${text(e['symbol'])} ${text(e['status'])}: ${text(e['reason'])}`,
  position: (e) => `${text(e['symbol'])} now ${text(e['qty'])}`,
  halt: (e) => `${e['restored'] === true ? 'restored, ' : ''}${text(e['rule'])}: ${text(e['reason'])}`,
  resume: (e) => `by ${text(e['by'])}: ${text(e['reason'])}`,
  lifecycle: (e) => `${text(e['from'])} → ${text(e['to'])} (${text(e['cause'])})`,
  lease: (e) => `${text(e['lease'])} ${e['ok'] === true ? 'holds again' : 'is broken'}`,
  gateway: (e) => `${text(e['gateway'])}: ${text(e['from'])} → ${text(e['to'])} ${text(e['cause'])}`,
  alert: (e) => `${text(e['severity'])} ${text(e['id'])} ${text(e['state'])}`,
  gap: (e) => `events ${text(e['from'])} to ${text(e['to'])} are not delivered`,
};

interface FeedProps {
  readonly items: readonly LiveEvent[];
  readonly withStrategy?: boolean;
}

export function EventFeed({ items, withStrategy = false }: FeedProps): VNode {
  if (items.length === 0) return <p class="empty">Nothing has happened since the daemon started.</p>;
  return (
    <ol class="feed" tabIndex={0} aria-label="Events, newest first">
      {items
        .slice(-SHOWN)
        .toReversed()
        .map((event) => (
          <li key={`${event.strategy}:${event.type}:${event.seq ?? event['from']}`} class={`event ${event.type}`}>
            {event.ts === undefined ? <span /> : <Time at={event.ts} />}
            <span class="kind">{event.type}</span>
            {withStrategy && <span class="who">{event.strategy}</span>}
            <span class="says">{SAYS[event.type]?.(event) ?? ''}</span>
          </li>
        ))}
    </ol>
  );
}
