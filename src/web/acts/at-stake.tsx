/** What an act is about, in figures. */
import type { VNode } from 'preact';
import { Figure } from '../parts/figure.tsx';
import type { Row, Strategy } from '../state/store.ts';
import { exact, money, plural } from '../state/words.ts';

type Status = Strategy['status'];

/** Equity, positions with their stops, and working orders of one strategy. */
export function AtStake({ status }: { readonly status: Status }): VNode {
  const { currency, positions, orders, equity, unrealized, state } = status;
  return (
    <div class="stake">
      <p>
        It is <strong>{state}</strong>. Equity <Figure value={equity} /> {currency}, unrealized{' '}
        <Figure value={unrealized} as="gain" /> {currency}; {plural(positions.length, 'open position')},{' '}
        {plural(orders.length, 'working order')}.
      </p>
      {positions.length > 0 && (
        <ul>
          {positions.map(({ symbol, qty, avgPrice, unrealized: open, stopLoss }) => (
            <li key={symbol}>
              {symbol} {exact(qty)} @ {exact(avgPrice)}, unrealized <Figure value={open} as="gain" /> {currency},{' '}
              {stopLoss === undefined ? <strong class="bad-text">no stop</strong> : `stop ${exact(stopLoss)}`}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The same of all strategies together, by currency: money of different ones is no sum. */
export function FleetAtStake({ rows }: { readonly rows: readonly Row[] }): VNode {
  const currencies = [...new Set(rows.map(({ currency }) => currency))];
  const positions = rows.reduce((sum, row) => sum + row.positions, 0);
  const orders = rows.reduce((sum, row) => sum + row.orders, 0);
  return (
    <div class="stake">
      <p>
        {rows.length === 1 ? '1 strategy' : plural(rows.length, 'strategy')}, {plural(positions, 'open position')},{' '}
        {plural(orders, 'working order')}.
      </p>
      <ul>
        {currencies.map((currency) => (
          <li key={currency}>
            {totalOf(
              rows.filter((row) => row.currency === currency),
              currency,
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function totalOf(rows: readonly Row[], currency: string): string {
  const sum = (pick: (row: Row) => number | null): string => {
    const known = rows.map(pick).filter((value) => value !== null);
    const missing = rows.length - known.length;
    const total = `${money(known.reduce((all, value) => all + value, 0))} ${currency}`;
    return missing === 0 ? total : `${total} and ${missing} unknown`;
  };
  return `equity ${sum(({ equity }) => equity)}, unrealized ${sum(({ unrealized }) => unrealized)}`;
}
