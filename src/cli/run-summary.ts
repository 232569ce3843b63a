/** The summary of a bounded run as a table. */
import { toJson } from '../domain/json.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import { CATALOGUE, QktError, type ErrorCode } from '../errors.ts';
import { printTable } from './table.ts';
import { orUnknown } from './words.ts';

export async function printSummary(summary: RunSummary): Promise<void> {
  const { strategy, tradesTotal, realized, unrealized, equity, balance, maxDrawdown, ticks, bars } = summary;
  const rows: readonly (readonly [string, string])[] = [
    ['strategy', strategy],
    ['trades', String(tradesTotal)],
    ['realized', orUnknown(realized?.toString())],
    ['unrealized', orUnknown(unrealized?.toString())],
    ['balance', orUnknown(balance?.toString())],
    ['equity', orUnknown(equity?.toString())],
    ['worst drawdown', maxDrawdown.toString()],
    ['denied', counts(summary.denied)],
    ['rejected', counts(summary.rejected)],
    ['halts', summary.halts.length === 0 ? 'none' : summary.halts.map(({ reason }) => reason).join('; ')],
    ['losses', summary.losses.length === 0 ? 'none' : summary.losses.map(({ cause }) => cause).join(', ')],
    ['ticks', String(ticks)],
    ['bars', String(bars)],
    ['dropped rows', counts(summary.feed)],
  ];
  await printTable(
    [
      { title: 'FIGURE', cell: ([name]: readonly [string, string]) => name },
      { title: 'VALUE', cell: ([, value]) => value, right: true },
    ],
    rows,
  );
}

/** Why a bounded run failed: its strategy lost its code, for the reason and at the place that are told. */
export function lossOf({ strategy, losses }: RunSummary): QktError | undefined {
  const loss = losses.at(-1);
  if (loss === undefined) return undefined;
  const { ts, cause, detail, error } = loss;
  const code =
    error !== undefined && Object.hasOwn(CATALOGUE, error.code) ? (error.code as ErrorCode) : 'QKT_E_CALLBACK';
  const { file, line, column, message = detail } = error ?? {};
  return new QktError(code, `${strategy} was lost (${cause}) at ${ts}: ${message}`, {
    ...(file !== undefined && {
      location: { file, ...(line !== undefined && { line }), ...(column !== undefined && { column }) },
    }),
    members: { strategy, cause },
  });
}

/** `MAX_POSITION 3, WARMUP 1`, or none. */
function counts(byCause: Readonly<Record<string, number>>): string {
  const seen = Object.entries(byCause).filter(([, count]) => count > 0);
  return seen.length === 0 ? 'none' : seen.map(([cause, count]) => `${cause} ${toJson(count)}`).join(', ');
}
