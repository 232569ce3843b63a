/** The figures that one looks at first. */
import type { VNode } from 'preact';
import type { Strategy } from '../state/store.ts';
import { count, duration } from '../state/words.ts';
import { Figure } from './figure.tsx';

export function KeyFigures({ status }: { readonly status: Strategy['status'] }): VNode {
  const { equity, balance, realized, unrealized, currency, riskState, tradesTotal, data, uptimeMs, droppedTicks } = {
    ...status,
    droppedTicks: status.data.droppedTicks,
  };
  const stale = data.stale.length > 0;
  const rows: readonly (readonly [string, VNode | string])[] = [
    [`Equity, ${currency}`, <Figure value={equity} stale={stale} />],
    ['Balance', <Figure value={balance} />],
    ['Realized', <Figure value={realized} as="gain" />],
    ['Unrealized', <Figure value={unrealized} as="gain" stale={stale} />],
    ['Drawdown', <Figure value={riskState.drawdown} as="percent" stale={stale} />],
    ["Day's loss", <Figure value={riskState.dailyLoss} stale={stale} />],
    ['Trades', count(tradesTotal)],
    ['Last quote', quoteAge(data.ageMs)],
    ['Dropped quotes', count(droppedTicks)],
    ['Up', duration(uptimeMs)],
  ];
  return (
    <dl class="key-figures">
      {rows.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** As the daemon has it: a replay's quotes are of another time. */
function quoteAge(ageMs: number | null): VNode | string {
  if (ageMs === null) return <span class="unknown">never</span>;
  return ageMs < 1000 ? 'now' : `${duration(ageMs)} ago`;
}
