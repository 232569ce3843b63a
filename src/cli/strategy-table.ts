/** The table of strategies that `list` and `status` show. */
import type { StrategyRow } from '../domain/status-views.ts';
import type { Exact } from './exact-json.ts';
import { healthText, uptimeText } from './row-words.ts';
import { printTable, type Column } from './table.ts';
import { orUnknown } from './words.ts';

type Row = Exact<StrategyRow>;

/** Whether it is halted is the last thing to be left out: it never is. */
export const STRATEGY_COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: (row) => row.name, narrow: 'cut' },
  { title: 'STATE', cell: (row) => row.state },
  { title: 'HALTED', cell: (row) => (row.halted ? 'halted' : '-') },
  { title: 'HEALTH', cell: healthText, spare: 7 },
  { title: 'PORT', cell: (row) => row.port ?? '-', right: true, spare: 1 },
  { title: 'UPTIME', cell: uptimeText, right: true, spare: 2 },
  { title: 'EQUITY', cell: (row) => orUnknown(row.equity), right: true, spare: 6 },
  { title: 'UNREALIZED', cell: (row) => orUnknown(row.unrealized), right: true, spare: 5 },
  { title: 'REALIZED', cell: (row) => orUnknown(row.realized), right: true, spare: 4 },
  { title: 'TRADES', cell: (row) => row.trades, right: true, spare: 3 },
];

export async function printStrategies(rows: readonly Row[]): Promise<void> {
  await printTable(STRATEGY_COLUMNS, rows);
}
