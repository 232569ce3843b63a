/** What `qkt top` shows, as lines. Pure: rows in, lines out. */
import type { StrategyRow } from '../domain/status-views.ts';
import type { Exact } from './exact-json.ts';
import { printable } from './output.ts';
import { healthText, uptimeText } from './row-words.ts';
import { orUnknown, plural } from './words.ts';

export type TopRow = Exact<StrategyRow>;

export interface TopState {
  readonly rows: readonly TopRow[];
  /** Name of the one that keys act on. */
  readonly selected: string | undefined;
  /** Since when the daemon does not answer, in words; undefined while it does. */
  readonly lost: string | undefined;
  /** What is asked, or what came of the last act. */
  readonly message: readonly string[];
  /** What has been typed as the answer; undefined when nothing is asked. */
  readonly typed: string | undefined;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

interface TopColumn {
  readonly title: string;
  readonly cell: (row: TopRow) => string;
  readonly left?: boolean;
}

/** The most telling first: those that find no room on the right are left out. */
const COLUMNS: readonly TopColumn[] = [
  { title: 'STATE', cell: ({ state }) => state, left: true },
  { title: 'HALTED', cell: ({ halted }) => (halted ? 'halted' : '-'), left: true },
  { title: 'HEALTH', cell: healthText, left: true },
  { title: 'EQUITY', cell: ({ equity }) => orUnknown(equity) },
  { title: 'UNREALIZED', cell: ({ unrealized }) => orUnknown(unrealized) },
  { title: 'REALIZED', cell: ({ realized }) => orUnknown(realized) },
  { title: 'TRADES', cell: ({ trades }) => trades },
  { title: 'UP', cell: uptimeText },
];
const LONGEST_NAME = 24;
const KEYS = 'q: leave   h: halt   s: stop   up, down: select';
/** Lines that are there besides the message: above the table, one row of it, below it. */
const FRAME = 4;

export interface Line {
  readonly text: string;
  readonly style?: 'title' | 'selected' | 'warn';
}

/** At most as many lines as the screen has, and as wide: columns are left out whole, a figure is never cut. */
export function topLines(state: TopState, size: ScreenSize): readonly Line[] {
  const { rows, selected, lost, typed } = state;
  const halted = rows.filter((row) => row.halted).length;
  // Of a message that is too long for the screen its end is shown: what to type.
  const message = state.message
    .flatMap((text) => wrapped(printable(text), size.columns))
    .slice(-Math.max(1, size.rows - FRAME));
  const room = Math.max(1, size.rows - FRAME + 1 - message.length);
  const at = Math.max(
    0,
    rows.findIndex(({ name }) => name === selected),
  );
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  const shown = rows.slice(first, first + room);
  const summary = `qkt top   ${plural(rows.length, 'strategy', 'strategies')}, ${halted} halted`;
  const more = rows.length > shown.length ? `   ${first + 1} to ${first + shown.length}` : '';
  const [titles, ...cells] = tableOf(shown, size.columns - 2);
  const lines: readonly Line[] = [
    lost === undefined ? { text: summary + more } : { text: `THE DAEMON IS LOST ${lost}: trying again`, style: 'warn' },
    { text: `  ${titles!}`, style: 'title' },
    ...shown.map(({ name }, index): Line => {
      const isSelected = name === selected;
      const text = `${isSelected ? '>' : ' '} ${cells[index]!}`;
      return isSelected ? { text, style: 'selected' } : { text };
    }),
    ...message.map((text): Line => ({ text, style: 'warn' })),
    { text: typed === undefined ? KEYS : promptOf(typed, size.columns) },
  ];
  return lines.map((line) => ({ ...line, text: printable(line.text).slice(0, size.columns) }));
}

/** The titles and a line for each row, no wider than that. */
function tableOf(rows: readonly TopRow[], width: number): readonly string[] {
  const names = ['NAME', ...rows.map(({ name }) => shortened(printable(name)))];
  const lines = aligned(names, true);
  let left = width - lines[0]!.length;
  for (const { title, cell, left: isLeft = false } of COLUMNS) {
    const column = aligned([title, ...rows.map((row) => printable(cell(row)))], isLeft);
    left -= column[0]!.length + 2;
    if (left < 0) break;
    column.forEach((text, index) => (lines[index] += `  ${text}`));
  }
  return lines;
}

function aligned(texts: readonly string[], left: boolean): string[] {
  const width = Math.max(...texts.map(({ length }) => length));
  return texts.map((text) => (left ? text.padEnd(width) : text.padStart(width)));
}

const shortened = (name: string): string => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);

/** What is typed, its end in sight. */
function promptOf(typed: string, width: number): string {
  const text = printable(typed);
  return `> ${text.slice(Math.max(0, text.length - Math.max(1, width - 3)))}`;
}

/** In lines of at most that width, broken between words where there is such a place. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > 0 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
