/** Positions, working orders, and layers of stacks that wait for their price. */
import type { VNode } from 'preact';
import type { Strategy } from '../state/store.ts';
import { exact } from '../state/words.ts';
import { Badge } from './badges.tsx';
import { Figure } from './figure.tsx';
import { Panel } from './panel.tsx';
import { Table, type Column } from './table.tsx';
import { Time } from './time.tsx';

type Status = Strategy['status'];
type Position = Status['positions'][number];
type Order = Status['orders'][number];
type Layer = Status['pendingStackLayers'][number];

const POSITIONS: readonly Column<Position>[] = [
  { title: 'Symbol', cell: ({ symbol }) => symbol },
  { title: 'Quantity', right: true, cell: ({ qty }) => exact(qty) },
  { title: 'Average', right: true, cell: ({ avgPrice }) => exact(avgPrice) },
  { title: 'Mark', right: true, cell: ({ markPrice }) => <Figure value={markPrice} as="exact" /> },
  { title: 'Unrealized', right: true, cell: ({ unrealized }) => <Figure value={unrealized} as="gain" /> },
  {
    title: 'Stop',
    right: true,
    cell: ({ stopLoss }) => (stopLoss === undefined ? <Badge text="no stop" tone="bad" /> : exact(stopLoss)),
  },
  { title: 'Target', right: true, cell: ({ takeProfit }) => (takeProfit === undefined ? 'none' : exact(takeProfit)) },
];

export function PositionsPanel({ status }: { readonly status: Status }): VNode {
  return (
    <Panel title="Positions">
      <Table
        label="Positions"
        columns={POSITIONS}
        rows={status.positions}
        keyOf={({ symbol, venue }) => `${venue} ${symbol}`}
        empty="Flat: nothing is open."
      />
    </Panel>
  );
}

const ORDERS: readonly Column<Order>[] = [
  { title: 'Symbol', cell: ({ symbol }) => symbol },
  { title: 'Order', cell: ({ side, type, role }) => `${side} ${type}, ${role}` },
  { title: 'Quantity', right: true, cell: ({ qty, filledQty }) => `${exact(filledQty)} of ${exact(qty)}` },
  { title: 'Price', right: true, cell: ({ price }) => (price === undefined ? 'market' : exact(price)) },
  { title: 'Status', cell: ({ status }) => <Badge text={status} tone={status === 'unknown' ? 'bad' : 'plain'} /> },
  { title: 'Since (UTC)', right: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
];

export function OrdersPanel({ status }: { readonly status: Status }): VNode {
  return (
    <Panel title="Orders">
      <Table
        label="Working orders"
        columns={ORDERS}
        rows={status.orders}
        keyOf={({ id }) => id}
        empty="No order is working."
      />
    </Panel>
  );
}

const LAYERS: readonly Column<Layer>[] = [
  { title: 'Stack', cell: ({ stackId, layer }) => `${stackId}, layer ${layer}` },
  { title: 'Order', cell: ({ side, symbol }) => `${side} ${symbol}` },
  { title: 'Quantity', right: true, cell: ({ qty }) => exact(qty) },
  {
    title: 'Trigger',
    right: true,
    cell: ({ triggerPrice }) => (triggerPrice === null ? 'after layer 1' : exact(triggerPrice)),
  },
  {
    title: 'Until (UTC)',
    right: true,
    cell: ({ expiresAt }) => (expiresAt === null ? 'open' : <Time at={expiresAt} />),
  },
];

export function LayersPanel({ status }: { readonly status: Status }): VNode {
  return (
    <Panel title="Waiting stack layers">
      <Table
        label="Waiting stack layers"
        columns={LAYERS}
        rows={status.pendingStackLayers}
        keyOf={({ stackId, layer }) => `${stackId} ${layer}`}
        empty="No layer waits."
      />
    </Panel>
  );
}
