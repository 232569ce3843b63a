/** Rows for a person: a drawn table on a terminal, plain columns when piped. */
import { print, printable, type Sink } from './output.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly right?: boolean;
  /** Left out where a terminal is too narrow, the lowest first; a column without it never is. */
  readonly spare?: number;
  /** Words, which may be shortened where leaving columns out was not enough. */
  readonly shorten?: boolean;
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
  const fitting = fitted(columns, cells, sink.columns ?? Infinity);
  return drawn(fitting.columns, fitting.cells);
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

/** A drawn column has a blank on each side of its widest cell, and a line after it. */
const FRAME = 3;
const SHORTEST = 12;

const widthsOf = ({ columns, cells }: Cells): readonly number[] =>
  columns.map(({ title }, index) => Math.max(title.length, ...cells.map((line) => line[index]!.length)));

const tooWide = (table: Cells, width: number): number =>
  widthsOf(table).reduce((sum, each) => sum + each + FRAME, 1) - width;

function fitted(columns: Cells['columns'], cells: Cells['cells'], width: number): Cells {
  let table: Cells = { columns, cells };
  const spare = columns.filter((column) => column.spare !== undefined).toSorted((a, b) => a.spare! - b.spare!);
  for (const least of spare) {
    if (tooWide(table, width) <= 0) return table;
    table = without(table, table.columns.indexOf(least));
  }
  return shortened(table, width);
}

function without({ columns, cells }: Cells, left: number): Cells {
  const others = <T>(all: readonly T[]): readonly T[] => all.filter((_, index) => index !== left);
  return { columns: others(columns), cells: cells.map(others) };
}

/** The widest words first. */
function shortened({ columns, cells }: Cells, width: number): Cells {
  const widths = [...widthsOf({ columns, cells })];
  for (let excess = tooWide({ columns, cells }, width); excess > 0; excess--) {
    const widest = widths.reduce(
      (most, each, index) =>
        columns[index]!.shorten === true && each > SHORTEST && each > (widths[most] ?? 0) ? index : most,
      -1,
    );
    if (widest < 0) break;
    widths[widest]! -= 1;
  }
  const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  return { columns, cells: cells.map((line) => line.map((text, index) => cut(text, widths[index]!))) };
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
