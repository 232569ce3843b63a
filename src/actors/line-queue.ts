/** The bounded ring of lines that wait for a log file: the oldest fall out, and are counted. */

/** Characters that may wait. */
export const MOST_WAITING = 1024 * 1024;
/** Characters of one write. */
const BATCH = 256 * 1024;
/** Bytes that the line about dropped ones may take. */
const NOTE = 256;

export class LineQueue {
  readonly #droppedLine: (count: number) => string;
  #lines: string[] = [];
  /** Characters. */
  #waiting = 0;
  #dropped = 0;
  /** Of these the file tells, and of these the batch under way tells. */
  #told = 0;
  #telling = 0;

  /** @param droppedLine the line that tells of dropped ones, with its newline */
  constructor(droppedLine: (count: number) => string) {
    this.#droppedLine = droppedLine;
  }

  push(line: string): void {
    this.#lines.push(line);
    this.#waiting += line.length;
    if (this.#waiting > MOST_WAITING) this.#dropOldest();
  }

  /** Lines. */
  get length(): number {
    return this.#lines.length;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes of the least that {@link take} gives. */
  get least(): number {
    return Buffer.byteLength(this.#lines[0] ?? '') + (this.#dropped > this.#told ? NOTE : 0);
  }

  /** Whole lines of at most so many bytes, but one at least; first of all what was dropped since it was last told. */
  take(mostBytes: number): Buffer {
    const untold = this.#dropped - this.#told;
    const note = untold > 0 ? this.#droppedLine(untold) : '';
    let room = mostBytes - Buffer.byteLength(note);
    let count = 0;
    let length = 0;
    for (const line of this.#lines) {
      room -= Buffer.byteLength(line);
      if (count > 0 && (room < 0 || length >= BATCH)) break;
      count += 1;
      length += line.length;
    }
    this.#waiting -= length;
    this.#telling = this.#dropped;
    return Buffer.from(note + this.#lines.splice(0, count).join(''));
  }

  /** What was taken last is in the file. */
  landed(): void {
    this.#told = this.#telling;
  }

  /** Counts lines that were never taken, or never landed. */
  countDropped(lines: number): void {
    this.#dropped += lines;
  }

  /** Gives up what waits, and the batch that was taken last. @param taken lines of it that have not landed */
  giveUp(taken: number): void {
    const note = this.#telling > this.#told ? 1 : 0;
    this.#dropped += this.#lines.length + Math.max(0, taken - note);
    this.#lines = [];
    this.#waiting = 0;
  }

  #dropOldest(): void {
    let count = 0;
    for (; this.#waiting > MOST_WAITING; count++) this.#waiting -= this.#lines[count]!.length;
    this.#lines.splice(0, count);
    this.#dropped += count;
  }
}
