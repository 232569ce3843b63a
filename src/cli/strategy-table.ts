/** The table of strategies that `list` and `status` show. */
import type { StrategyRow } from '../domain/status-views.ts';
import type { Exact } from './exact-json.ts';
import { printTable, type Column } from './table.ts';
import { duration, orUnknown } from './words.ts';

type Row = Exact<StrategyRow>;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: (row) => row.name, narrow: 'cut' },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'HALTED', cell: (row) => (row.halted ? 'halted' : '-'), spare: 5 },
  { title: 'HEALTH', cell: (row) => row.health },
  { title: 'PORT', cell: (row) => row.port ?? '-', right: true, spare: 1 },
  { title: 'UPTIME', cell: (row) => duration(Number(row.uptimeMs)), right: true, spare: 2 },
  { title: 'EQUITY', cell: (row) => orUnknown(row.equity), right: true },
  { title: 'UNREALIZED', cell: (row) => orUnknown(row.unrealized), right: true },
  { title: 'REALIZED', cell: (row) => orUnknown(row.realized), right: true, spare: 4 },
  { title: 'TRADES', cell: (row) => row.trades, right: true, spare: 3 },
];

export async function printStrategies(rows: readonly Row[]): Promise<void> {
  await printTable(COLUMNS, rows);
}
