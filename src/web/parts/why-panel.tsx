/** What its evaluations came to, and what an entry would come to now. */
import { useEffect, useState } from 'preact/hooks';
import type { VNode } from 'preact';
import type { WhyView } from '../../domain/why.ts';
import { get, strategyPath } from '../state/api.ts';
import type { Strategy } from '../state/store.ts';
import { count } from '../state/words.ts';
import type { Wire } from '../state/wire.ts';
import { Badge } from './badges.tsx';
import { Panel } from './panel.tsx';
import { Table, type Column } from './table.tsx';
import { Time } from './time.tsx';

type Why = Wire<WhyView>;
type Outcome = Why['outcomes'][number];

const EVERY_MS = 5000;

const OUTCOMES: readonly Column<Outcome>[] = [
  { title: 'Outcome', cell: ({ outcome }) => outcome },
  { title: 'Times', right: true, cell: (row) => count(row.count) },
  { title: 'Last (UTC)', cell: ({ last }) => (last === null ? 'not remembered' : <Last {...last} />) },
];

function Last({ ts, reason }: NonNullable<Outcome['last']>): VNode {
  return (
    <>
      <Time at={ts} />
      {reason !== undefined && `: ${reason}`}
    </>
  );
}

interface WhyProps {
  readonly name: string;
  readonly status: Strategy['status'];
}

export function WhyPanel({ name, status }: WhyProps): VNode {
  const [why, setWhy] = useState<Why | null>(null);
  useEffect(() => {
    const ask = (): void => void get<Why>(strategyPath(name, 'why')).then(setWhy, () => undefined);
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => clearInterval(timer);
  }, [name, status.state]);
  const { total, signals, orders } = status.evaluations;
  return (
    <Panel title="Evaluations, and why">
      <p>
        {count(total)} evaluations, {count(signals)} signals, {count(orders)} orders.
      </p>
      {why?.now.map(({ symbol, side, passes, code, reason }) => (
        <p key={`${symbol} ${side}`}>
          An entry ({side} {symbol}) now would{' '}
          <Badge text={passes ? 'pass' : `be denied ${code ?? ''}`} tone={passes ? 'good' : 'held'} /> {reason}
        </p>
      ))}
      <Table
        label="Outcomes of evaluations"
        columns={OUTCOMES}
        rows={why?.outcomes ?? []}
        keyOf={({ outcome }) => outcome}
        empty="Nothing has been evaluated yet."
      />
    </Panel>
  );
}
