/** Bytes as they are read, taken apart into lines. */

/** A longer line is none of ours; it is passed over instead of being kept in memory. */
const LONGEST_LINE = 1024 * 1024;

export class LineSplitter {
  #rest = Buffer.alloc(0);

  /** The lines that these bytes finish. */
  add(bytes: Buffer): readonly string[] {
    const text = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = text.lastIndexOf('\n') + 1;
    const rest = text.subarray(end);
    this.#rest = rest.length > LONGEST_LINE ? Buffer.alloc(0) : Buffer.from(rest);
    return end === 0 ? [] : text.toString('utf8', 0, end - 1).split('\n');
  }

  clear(): void {
    this.#rest = Buffer.alloc(0);
  }
}
