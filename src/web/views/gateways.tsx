/** Broker gateways: state, cause, the failing link, the age of the last good answer; and where a venue and our books differ. */
import type { VNode } from 'preact';
import type { GatewayView } from '../../domain/gateway-views.ts';
import { Age } from '../parts/age.tsx';
import { Badge } from '../parts/badges.tsx';
import { Figure } from '../parts/figure.tsx';
import { Panel } from '../parts/panel.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { usePolled } from '../state/polled.ts';
import type { Wire } from '../state/wire.ts';

type Gateway = Wire<GatewayView>;

const COLUMNS: readonly Column<Gateway>[] = [
  { title: 'Gateway', cell: ({ name, type }) => `${name} (${type})` },
  {
    title: 'State',
    cell: ({ state, inMaintenance }) => (
      <>
        <Badge text={state} /> {inMaintenance && <Badge text="maintenance" tone="plain" />}
      </>
    ),
  },
  { title: 'Failing link', cell: ({ failingLink }) => failingLink ?? 'none' },
  { title: 'Cause', cell: ({ cause }) => cause ?? 'none' },
  { title: 'Since', right: true, cell: ({ since }) => <Age since={since} /> },
  { title: 'Last good answer', right: true, cell: ({ lastGood }) => <Age since={lastGood} /> },
  { title: 'Account equity', right: true, cell: (gateway) => <Account {...gateway} /> },
];

type Difference = Gateway['differences'][number] & { readonly gateway: string };

const DIFFERENCES: readonly Column<Difference>[] = [
  { title: 'Gateway', cell: ({ gateway }) => gateway },
  { title: 'Symbol', cell: ({ symbol }) => symbol },
  { title: 'What differs', cell: ({ kind }) => KINDS[kind] },
  { title: 'Strategy', cell: ({ strategy }) => strategy ?? <span class="faint">none</span> },
  { title: 'Ours', cell: ({ ours }) => ours ?? 'nothing' },
  { title: "The venue's", cell: ({ theirs }) => theirs ?? 'nothing' },
  { title: 'Done', cell: ({ done }) => done },
  { title: 'Since', right: true, cell: ({ since }) => <Age since={since} /> },
];

const KINDS: Readonly<Record<Difference['kind'], string>> = {
  position: 'the quantity',
  protectionMissing: 'a stop or target is gone',
  protectionMoved: 'a stop or target has moved',
  foreign: 'nobody here knows it',
};

const differencesOf = (gateways: readonly Gateway[]): readonly Difference[] =>
  gateways.flatMap(({ name, differences }) => differences.map((difference) => ({ ...difference, gateway: name })));

/** A paper venue has no account beyond our own books. */
function Account({ account, type, state }: Gateway): VNode {
  if (type === 'paper') return <span class="faint">our books</span>;
  if (account === null) return <Figure value={null} />;
  return (
    <>
      <Figure value={account.equity} stale={state !== 'ready'} /> <span class="faint">{account.currency}</span>
    </>
  );
}

export function GatewaysView(): VNode {
  const [gateways] = usePolled<readonly Gateway[]>('/daemon/gateways', 'gateway');
  return (
    <>
      <Panel title="Gateways">
        {gateways.is === 'asking' && <p class="empty">Asking…</p>}
        {gateways.is === 'failed' && <p class="empty">{gateways.why}</p>}
        {gateways.is === 'absent' && <p class="empty">This daemon tells nothing of gateways.</p>}
        {gateways.is === 'answer' && (
          <Table
            label="Gateways"
            columns={COLUMNS}
            rows={gateways.value}
            keyOf={({ name }) => name}
            empty="No venue is configured."
          />
        )}
      </Panel>
      {gateways.is === 'answer' && (
        <Panel title="Where our books and a venue differ">
          <Table
            label="Differences"
            columns={DIFFERENCES}
            rows={differencesOf(gateways.value)}
            keyOf={({ id }) => id}
            empty="Everywhere they agree."
          />
        </Panel>
      )}
    </>
  );
}
