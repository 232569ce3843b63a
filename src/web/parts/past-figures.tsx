/** A strategy's figures at a past moment, as its journal tells them. */
import type { VNode } from 'preact';
import type { PastView } from '../../domain/history.ts';
import { exact } from '../state/words.ts';
import type { Wire } from '../state/wire.ts';
import { Figure } from './figure.tsx';

export function PastFigures({ past }: { readonly past: Wire<PastView> }): VNode {
  const { balance, equity, realized, positions, orders, tradesTotal, state, causes } = past;
  const rows: readonly (readonly [string, VNode | string])[] = [
    ['State', state ?? <Figure value={null} />],
    ['Balance', <Figure value={balance} />],
    ['Equity', <Figure value={equity} />],
    ['Realized', <Figure value={realized} as="gain" />],
    ['Trades', <Figure value={tradesTotal} as="exact" />],
    ['Positions', positions.map(({ symbol, qty }) => `${symbol} ${exact(qty)}`).join(', ') || 'flat'],
    [
      'Working orders',
      orders.map(({ side, qty, symbol, type }) => `${side} ${exact(qty)} ${symbol} ${type}`).join(', ') || 'none',
    ],
    ['Halts in force', causes.map(({ rule, reason }) => `${rule}: ${reason}`).join('; ') || 'none'],
  ];
  return (
    <dl class="facts past" aria-live="polite">
      {rows.map(([title, value]) => [<dt key={title}>{title}</dt>, <dd key={`${title} value`}>{value}</dd>])}
    </dl>
  );
}
