/** Rows for a person: a drawn table on a terminal, plain columns when piped. */
import { print, printable, type Sink } from './output.ts';
import { folded, wantedWidth, widthsIn, type Words } from './table-fit.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly right?: boolean;
  /** Left out where a terminal is too narrow for it, though words go on below, the lowest first; a column without it never is. */
  readonly spare?: number;
  /** Words, which may go on below, or be cut where leaving columns out was not enough. */
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

const wordsOf = ({ columns, cells }: Cells): readonly Words[] =>
  columns.map(({ title, narrow }, index) => ({ title, narrow, cells: cells.map((line) => line[index]!) }));

const isTooWide = (table: Cells, width: number): boolean =>
  wordsOf(table).reduce((sum, column) => sum + wantedWidth(column) + FRAME, 1) > width;

function fitted(columns: Cells['columns'], cells: Cells['cells'], width: number): Fitted {
  let table: Cells = { columns, cells };
  const spare = columns.filter((column) => column.spare !== undefined).toSorted((a, b) => a.spare! - b.spare!);
  for (const least of spare) {
    if (!isTooWide(table, width)) break;
    table = without(table, table.columns.indexOf(least));
  }
  return narrowed(table, width);
}

function without({ columns, cells }: Cells, left: number): Cells {
  const others = <T>(all: readonly T[]): readonly T[] => all.filter((_, index) => index !== left);
  return { columns: others(columns), cells: cells.map(others) };
}

function narrowed(table: Cells, width: number): Fitted {
  const { columns, cells } = table;
  const widths = widthsIn(wordsOf(table), width - 1 - columns.length * FRAME);
  const shown = (text: string, index: number): string => {
    const room = widths[index]!;
    if (text.length <= room) return text;
    const { narrow } = columns[index]!;
    if (narrow === 'cut') return `${text.slice(0, room - 1)}…`;
    return narrow === 'wrap' ? folded(text, room).join('\n') : text;
  };
  return { columns, cells: cells.map((line) => line.map(shown)), widths };
}

async function drawn({ columns, cells, widths }: Fitted): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: columns.map(({ title }) => title),
    colWidths: widths.map((width) => width + FRAME - 1),
    colAligns: columns.map(({ right }) => (right === true ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...cells.map((line) => [...line]));
  return table.toString();
}
