/** Rows for a person: a drawn table on a terminal, plain columns when piped. */
import { print, printable, type Sink } from './output.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly right?: boolean;
  /** Left out where a terminal is too narrow, the lowest first; a column without it never is. */
  readonly spare?: number;
  /** Words, which may be cut, or go on below, where leaving columns out was not enough. */
  readonly narrow?: 'cut' | 'wrap';
}

/** Prints rows under their titles. Cells are made harmless. Piped they are never cut, and a figure is not on a terminal either. */
export async function printTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Promise<void> {
  print(await renderTable(columns, rows, process.stdout));
}

export async function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  sink: Sink,
): Promise<string> {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  if (sink.isTTY !== true) return plain(columns, cells);
  return drawn(fitted(columns, cells, sink.columns ?? Infinity));
}

function plain(columns: readonly Column<never>[], cells: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  const pad = (text: string, index: number): string =>
    columns[index]!.right === true ? text.padStart(widths[index]!) : text.padEnd(widths[index]!);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

interface Cells {
  readonly columns: readonly Column<never>[];
  readonly cells: readonly (readonly string[])[];
}

interface Fitted extends Cells {
  /** Of the cells, without their frame. */
  readonly widths: readonly number[];
}

/** A drawn column has a blank on each side of its widest cell, and a line after it. */
const FRAME = 3;
const SHORTEST = 12;

const widthsOf = ({ columns, cells }: Cells): readonly number[] =>
  columns.map(({ title }, index) => Math.max(title.length, ...cells.map((line) => line[index]!.length)));

const tooWide = (table: Cells, width: number): number =>
  widthsOf(table).reduce((sum, each) => sum + each + FRAME, 1) - width;

function fitted(columns: Cells['columns'], cells: Cells['cells'], width: number): Fitted {
  let table: Cells = { columns, cells };
  const spare = columns.filter((column) => column.spare !== undefined).toSorted((a, b) => a.spare! - b.spare!);
  for (const least of spare) {
    if (tooWide(table, width) <= 0) break;
    table = without(table, table.columns.indexOf(least));
  }
  return narrowed(table, width);
}

function without({ columns, cells }: Cells, left: number): Cells {
  const others = <T>(all: readonly T[]): readonly T[] => all.filter((_, index) => index !== left);
  return { columns: others(columns), cells: cells.map(others) };
}

/** The widest words first. */
function narrowed({ columns, cells }: Cells, width: number): Fitted {
  const widths = [...widthsOf({ columns, cells })];
  for (let excess = tooWide({ columns, cells }, width); excess > 0; excess--) {
    const widest = widths.reduce(
      (most, each, index) =>
        columns[index]!.narrow !== undefined && each > SHORTEST && each > (widths[most] ?? 0) ? index : most,
      -1,
    );
    if (widest < 0) break;
    widths[widest]! -= 1;
  }
  const cut = (text: string, index: number): string => {
    const isTooLong = columns[index]!.narrow === 'cut' && text.length > widths[index]!;
    return isTooLong ? `${text.slice(0, widths[index]! - 1)}…` : text;
  };
  return { columns, cells: cells.map((line) => line.map(cut)), widths };
}

async function drawn({ columns, cells, widths }: Fitted): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: columns.map(({ title }) => title),
    colWidths: widths.map((width) => width + FRAME - 1),
    wordWrap: true,
    colAligns: columns.map(({ right }) => (right === true ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...cells.map((line) => [...line]));
  return table.toString();
}
