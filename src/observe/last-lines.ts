/** The lines of a query, collected from the newest to the oldest file: as many as asked for, and no more text than is bounded. */
import type { LogQuery } from '../domain/ports.ts';
import { DAY_MS } from './log-archives.ts';
import { OUT_OF_ORDER_MS, viewLine } from './log-view.ts';

/** Characters of one answer; a log whose lines are all as long as can be gives fewer. */
const MOST_TEXT = 32 * 1024 * 1024;

export class LastLines {
  readonly #query: LogQuery;
  /** Newest first. */
  readonly #lines: string[] = [];
  #text = 0;
  #ended = false;

  constructor(query: LogQuery) {
    this.#query = query;
  }

  /** No earlier line is wanted, or can pass. */
  get complete(): boolean {
    return this.#ended || this.#lines.length >= this.#query.lines || this.#text >= MOST_TEXT;
  }

  /** Whether nothing of a file passes whose last line is older than that. @param day days since 1970 */
  isBefore(day: number): boolean {
    const { since } = this.#query;
    return since !== undefined && day * DAY_MS < since - OUT_OF_ORDER_MS;
  }

  /** Takes the line before all that were taken. */
  before(line: string): void {
    if (this.complete) return;
    const { shown, end } = viewLine(line, this.#query);
    this.#ended = end;
    if (shown === undefined) return;
    this.#lines.push(shown);
    this.#text += shown.length;
  }

  /** Takes a whole older file, which can be read forwards only; gives its characters. */
  async beforeAll(lines: AsyncIterable<string>): Promise<number> {
    // Where nothing is asked of a line, only those that are shown are looked at.
    const filters = this.#query.since !== undefined || this.#query.level !== undefined;
    const wanted = this.#query.lines - this.#lines.length;
    let last: string[] = [];
    let text = 0;
    let read = 0;
    for await (const line of lines) {
      read += line.length;
      const shown = filters ? viewLine(line, this.#query).shown : line;
      if (shown === undefined) continue;
      last.push(line);
      text += line.length;
      if (last.length < 2 * wanted && text < 2 * MOST_TEXT) continue;
      last = last.slice(-wanted);
      text = last.reduce((sum, { length }) => sum + length, 0);
      while (text > MOST_TEXT) text -= last.shift()!.length;
    }
    for (const line of last.toReversed()) this.before(line);
    return read;
  }

  /** Oldest first. */
  all(): readonly string[] {
    return this.#lines.toReversed();
  }
}
