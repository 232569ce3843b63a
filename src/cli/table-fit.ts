/** How wide the columns of a table are on a terminal, and where their words go on below. Pure. */

/** Of a column, without its frame. */
export interface Words {
  readonly title: string;
  readonly narrow?: 'cut' | 'wrap' | undefined;
  readonly cells: readonly string[];
}

/** A cut word still tells, and a column of words can be read. */
const SHORTEST = 12;
const READABLE = 16;
/** Of an ISO time, which may be parted between its day and its hour. */
const DAY = /^(\d{4}-\d\d-\d\d)T(?=\d)/;
/** Names and codes may go on below after these; a sign stays with its number. */
const SEAM = /(?<=\p{L}[-_:/,]|\d[_/])(?=\S)/u;

/** What it needs where nothing is folded or cut. */
const wholeWidth = ({ title, cells }: Words): number => Math.max(title.length, ...cells.map((cell) => cell.length));

/** What it should have before other columns are left out for it. */
export function wantedWidth(column: Words): number {
  const whole = wholeWidth(column);
  return column.narrow === 'wrap' ? Math.max(foldedWidth(column), Math.min(whole, READABLE)) : whole;
}

/** What it needs at least: its longest part that should stay together. */
function foldedWidth(column: Words): number {
  const { title, cells, narrow } = column;
  const whole = wholeWidth(column);
  if (narrow === undefined) return whole;
  if (narrow === 'cut') return Math.max(title.length, Math.min(whole, SHORTEST));
  return Math.max(title.length, ...cells.flatMap(partsOf).map((part) => part.length));
}

/** Widths that come to `room` in all, if that can be: what is left beyond the least goes to those that need most. */
export function widthsIn(columns: readonly Words[], room: number): readonly number[] {
  const whole = columns.map(wholeWidth);
  if (sum(whole) <= room) return whole;
  const widths = columns.map(foldedWidth);
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    const widest = argMax(widths, (width, index) =>
      columns[index]!.narrow !== undefined && width > Math.max(SHORTEST, columns[index]!.title.length) ? width : 0,
    );
    if (widest === undefined) return widths;
    widths[widest]! -= 1;
  }
  const lines = (index: number): number => whole[index]! / widths[index]!;
  for (let left = room - sum(widths); left > 0; left--) {
    const neediest = argMax(widths, (width, index) => (width < whole[index]! ? lines(index) : 0));
    if (neediest === undefined) break;
    widths[neediest]! += 1;
  }
  return widths;
}

/** Text in lines of at most `width`; a part that is longer is broken, none is lost. */
export function folded(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let gap = line === '' ? '' : ' ';
    for (const part of partsOf(word)) {
      let rest = part;
      if (line.length + gap.length + rest.length > width && line !== '') {
        lines.push(line);
        line = '';
        gap = '';
      }
      for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width));
      line += gap + rest;
      gap = '';
    }
  }
  return [...lines, line];
}

/** What should stay together. */
function partsOf(text: string): readonly string[] {
  return text.split(' ').flatMap((word) => {
    const day = DAY.exec(word);
    return day === null ? word.split(SEAM) : [`${day[1]}T`, word.slice(day[0].length)];
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** Where `score` is highest; undefined where none is above 0. */
function argMax(of: readonly number[], score: (each: number, index: number) => number): number | undefined {
  let best: number | undefined;
  let most = 0;
  of.forEach((each, index) => {
    const its = score(each, index);
    if (its > most) [best, most] = [index, its];
  });
  return best;
}
