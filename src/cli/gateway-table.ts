/** Gateways as a person reads them: a table, and a line for each difference between book and venue. */
import type { GatewayView } from '../domain/gateway-views.ts';
import type { Exact } from './exact-json.ts';
import { printable } from './output.ts';
import { printTable, type Column } from './table.ts';
import { ago, fineDuration } from './words.ts';

type Row = Exact<GatewayView>;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'FAILING', cell: ({ failingLink }) => failingLink ?? '-' },
  { title: 'LAST GOOD', cell: lastGood, right: true },
  { title: 'PROBE', cell: ({ probeMs }) => (probeMs === null ? '-' : `${probeMs} ms`), right: true, spare: 1 },
  { title: 'ACCOUNT', cell: accountText, narrow: 'wrap' },
  { title: 'CAUSE', cell: causeText, narrow: 'wrap' },
];

export async function printGateways(rows: readonly Row[]): Promise<void> {
  await printTable(COLUMNS, rows);
}

export function differenceLines(rows: readonly Row[], now: number): readonly string[] {
  return rows.flatMap(({ name, differences }) =>
    differences.map(({ strategy, symbol, kind, ours, theirs, policy, done, since }) => {
      const end = `${policy}: ${done}, ${ago(since, now)}`;
      if (strategy === null)
        return printable(`${name} has ${symbol} ${theirs ?? 'nothing'}, which is no strategy's (${kind}); ${end}`);
      const what = `${symbol} ${kind}: ours ${ours ?? 'nothing'}, theirs ${theirs ?? 'nothing'}`;
      return printable(`${name} and ${strategy} differ: ${what}; ${end}`);
    }),
  );
}

/** Why a gateway is not in order, in one line; the window that it is away in is said. */
function causeText({ cause, inMaintenance, state }: Row): string {
  if (state === 'ready') return '-';
  return cause ?? (inMaintenance ? 'a known maintenance window' : '-');
}

function lastGood({ lastGoodAgeMs }: Row): string {
  return lastGoodAgeMs === null ? 'never' : `${fineDuration(Number(lastGoodAgeMs))} ago`;
}

function accountText({ account }: Row): string {
  if (account === null) return '-';
  const { login, server, tradeMode, marginMode } = account;
  return `${login ?? 'unknown'} ${server}, ${tradeMode}, ${marginMode}`;
}
