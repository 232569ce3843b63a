/** How far each halt rule is from its limit, and the leases that health is judged by. */
import type { VNode } from 'preact';
import type { Strategy } from '../state/store.ts';
import { duration, exact, percent } from '../state/words.ts';
import { Badge } from './badges.tsx';
import { Figure } from './figure.tsx';
import { HeadroomBar, nameOf, shareOf } from './headroom.tsx';
import { Panel } from './panel.tsx';
import { Table, type Column } from './table.tsx';

type Headroom = Strategy['status']['riskState']['headroom'][number];
type Lease = Strategy['health']['leases'][number];

const HEADROOM: readonly Column<Headroom>[] = [
  { title: 'Rule', cell: nameOf },
  {
    title: 'Used',
    cell: (row) => (
      <span class="rule-line">
        <HeadroomBar {...row} /> {shareOf(row) === null ? <Figure value={null} /> : percent(shareOf(row)!)}
      </span>
    ),
  },
  { title: 'Limit', right: true, cell: ({ limit }) => exact(limit) },
  { title: 'Money left', right: true, cell: ({ remainingMoney }) => <Figure value={remainingMoney} /> },
  {
    title: 'At this pace',
    right: true,
    cell: (row) => {
      if (shareOf(row) === null) return <Figure value={null} />;
      return row.breachInMs === undefined ? 'not towards it' : `in ${duration(row.breachInMs)}`;
    },
  },
];

export function HeadroomPanel({ status }: { readonly status: Strategy['status'] }): VNode {
  return (
    <Panel title="Risk headroom">
      <Table
        label="Risk headroom"
        columns={HEADROOM}
        rows={status.riskState.headroom}
        keyOf={nameOf}
        empty="No halt rule is configured for it."
      />
    </Panel>
  );
}

const LEASES: readonly Column<Lease>[] = [
  { title: 'Lease', cell: ({ name }) => name },
  {
    title: 'State',
    cell: ({ ok, inSession, reason }) => (
      <>
        <Badge text={ok ? (inSession === false ? 'market closed' : 'holds') : 'broken'} tone={ok ? 'good' : 'bad'} />{' '}
        {reason}
      </>
    ),
  },
  { title: 'Age', right: true, cell: ({ ageMs }) => `${Math.round(ageMs)} ms` },
  { title: 'Limit', right: true, cell: ({ limitMs }) => `${limitMs} ms` },
];

export function LeasesPanel({ health }: { readonly health: Strategy['health'] }): VNode {
  return (
    <Panel title="Leases" aside={<LoopBadge health={health} />}>
      <Table
        label="Leases"
        columns={LEASES}
        rows={health.leases}
        keyOf={({ name }) => name}
        empty="No lease is held: nothing runs."
      />
    </Panel>
  );
}

/** What health is: that the tick loop runs, whatever the other leases say. */
function LoopBadge({ health: { ok, status } }: { readonly health: Strategy['health'] }): VNode {
  if (ok) return <Badge text="its tick loop runs" tone="good" />;
  return <Badge text="its tick loop does not run" tone={status === 'stopped' ? 'ended' : 'bad'} />;
}
