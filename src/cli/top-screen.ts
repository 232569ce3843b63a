/** What `qkt top` shows, as lines. Pure: rows in, lines out. */
import type { StrategyRow } from '../domain/status-views.ts';
import type { Exact } from './exact-json.ts';
import { printable } from './output.ts';
import { duration, orUnknown, plural } from './words.ts';

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

const COLUMNS: readonly (readonly [string, number, (row: TopRow) => string])[] = [
  ['STATE', -12, ({ state }) => state],
  ['HALTED', -6, ({ halted }) => (halted ? 'halted' : '-')],
  ['HEALTH', -9, ({ health }) => health],
  ['EQUITY', 14, ({ equity }) => orUnknown(equity)],
  ['UNREALIZED', 12, ({ unrealized }) => orUnknown(unrealized)],
  ['REALIZED', 12, ({ realized }) => orUnknown(realized)],
  ['TRADES', 7, ({ trades }) => trades],
  ['UP', 9, ({ uptimeMs }) => duration(Number(uptimeMs))],
];
const NAME_WIDTH = 24;
const KEYS = 'up, down: select   h: halt   s: stop   q: leave';
/** Above and below the table. */
const FRAME = 4;

export interface Line {
  readonly text: string;
  readonly style?: 'title' | 'selected' | 'warn';
}

/** At most as many lines as the screen has, each cut to its width. */
export function topLines(state: TopState, size: ScreenSize): readonly Line[] {
  const { rows, selected, lost, message, typed } = state;
  const halted = rows.filter((row) => row.halted).length;
  const room = Math.max(1, size.rows - FRAME - message.length);
  const at = Math.max(
    0,
    rows.findIndex(({ name }) => name === selected),
  );
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  const shown = rows.slice(first, first + room);
  const summary = `qkt top   ${plural(rows.length, 'strategy', 'strategies')}, ${halted} halted`;
  const more = rows.length > shown.length ? `   ${first + 1} to ${first + shown.length}` : '';
  const lines: readonly Line[] = [
    lost === undefined ? { text: summary + more } : { text: `THE DAEMON IS LOST ${lost}: trying again`, style: 'warn' },
    {
      text: `  ${'NAME'.padEnd(NAME_WIDTH)}${COLUMNS.map(([title, width]) => fit(title, width)).join('')}`,
      style: 'title',
    },
    ...shown.map((row): Line => {
      const isSelected = row.name === selected;
      const text = `${isSelected ? '>' : ' '} ${fit(row.name, -NAME_WIDTH)}${COLUMNS.map(([, width, cell]) => fit(cell(row), width)).join('')}`;
      return isSelected ? { text, style: 'selected' } : { text };
    }),
    ...message.map((text): Line => ({ text, style: 'warn' })),
    { text: typed === undefined ? KEYS : `> ${typed}` },
  ];
  return lines.map((line) => ({ ...line, text: printable(line.text).slice(0, size.columns) }));
}

/** A cell of its width and a blank; negative: to the left. */
function fit(text: string, width: number): string {
  const wide = Math.abs(width);
  const cut = printable(text).slice(0, wide);
  return width < 0 ? cut.padEnd(wide + 1) : cut.padStart(wide + 1);
}
