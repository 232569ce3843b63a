/** Rows for a person: a drawn table on a terminal, plain columns when piped. */
import { print, printable, type Sink } from './output.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly right?: boolean;
}

/** Prints rows under their titles. Cells are made harmless and never cut. */
export async function printTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Promise<void> {
  print(await renderTable(columns, rows, process.stdout));
}

export async function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  sink: Sink,
): Promise<string> {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  return sink.isTTY === true ? drawn(columns, cells) : plain(columns, cells);
}

function plain(columns: readonly Column<never>[], cells: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  const pad = (text: string, index: number): string =>
    columns[index]!.right === true ? text.padStart(widths[index]!) : text.padEnd(widths[index]!);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

async function drawn(columns: readonly Column<never>[], cells: readonly (readonly string[])[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ right }) => (right === true ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...cells.map((line) => [...line]));
  return table.toString();
}
