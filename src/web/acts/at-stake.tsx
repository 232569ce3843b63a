/** What an act is about, in figures. */
import { useEffect, useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { Figure } from '../parts/figure.tsx';
import { get, strategyPath, wordsOf } from '../state/api.ts';
import type { Row, Strategy } from '../state/store.ts';
import { exact, money, plural, signedMoney } from '../state/words.ts';

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
          {positions.map((position) => (
            <li key={position.symbol}>
              <Held position={position} status={status} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface HeldProps {
  readonly position: Status['positions'][number];
  readonly status: Status;
}

/** A position, with how far its stops reach. */
function Held({ position, status: { orders, currency } }: HeldProps): VNode {
  const { symbol, qty, avgPrice, unrealized, stopLoss } = position;
  const bare = unstopped(position, orders);
  return (
    <>
      {symbol} {exact(qty)} @ {exact(avgPrice)}, unrealized <Figure value={unrealized} as="gain" /> {currency},{' '}
      {stopLoss !== undefined && `stop ${exact(stopLoss)}`}
      {stopLoss !== undefined && bare > 0 && ', '}
      {bare > 0 && <strong class="bad-text">{stopLoss === undefined ? 'no stop' : `none for ${exact(bare)}`}</strong>}
    </>
  );
}

/** The quantity that no stop order covers, as the terminal has it. */
function unstopped({ symbol, qty, stopLoss }: HeldProps['position'], orders: Status['orders']): number {
  const held = Math.abs(qty);
  if (stopLoss === undefined) return held;
  const stops = orders.filter((order) => order.symbol === symbol && order.role === 'stopLoss');
  const covered = stops.reduce((sum, stop) => sum + stop.qty - stop.filledQty, 0);
  // Sums of such numbers have residue in their last digits.
  return covered === 0 ? 0 : Math.max(0, Number((held - covered).toPrecision(12)));
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
      {positions > 0 && <FleetHeld names={rows.filter((row) => row.positions > 0).map(({ name }) => name)} />}
    </div>
  );
}

/** Which positions those are: a row has their number alone. */
function FleetHeld({ names }: { readonly names: readonly string[] }): VNode {
  const [held, setHeld] = useState<readonly Status[] | string | null>(null);
  useEffect(() => {
    Promise.all(names.map((name) => get<Status>(strategyPath(name, 'status')))).then(setHeld, (error: unknown) =>
      setHeld(wordsOf(error)),
    );
  }, [names.join()]);
  if (held === null) return <p class="faint">Looking which positions, and whether they have stops…</p>;
  if (typeof held === 'string') return <p class="bad-text">Whether positions have stops is not known: {held}</p>;
  return (
    <ul class="held-list" tabIndex={0} aria-label="Open positions">
      {held.flatMap((status) =>
        status.positions.map((position) => (
          <li key={`${status.strategy} ${position.venue} ${position.symbol}`}>
            <strong>{status.strategy}</strong>: <Held position={position} status={status} />
          </li>
        )),
      )}
    </ul>
  );
}

function totalOf(rows: readonly Row[], currency: string): string {
  const sum = (pick: (row: Row) => number | null, inWords = money): string => {
    const known = rows.map(pick).filter((value) => value !== null);
    const missing = rows.length - known.length;
    const total = `${inWords(known.reduce((all, value) => all + value, 0))} ${currency}`;
    return missing === 0 ? total : `${total} and ${missing} unknown`;
  };
  return `equity ${sum(({ equity }) => equity)}, unrealized ${sum(({ unrealized }) => unrealized, signedMoney)}`;
}
