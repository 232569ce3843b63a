/**
 * New lines of a log by its name: across growth, truncation (copytruncate) and replacement. Files
 * that were rotated while nobody read are read in their order; when one of them has been removed
 * before it was read, a line says so.
 */
import { stat, type FileHandle } from 'node:fs/promises';
import { LineSplitter } from './line-splitter.ts';
import type { LogArchive } from './log-archives.ts';
import { linesOf, openLog, type LogFiles } from './log-files.ts';

const CHUNK = 64 * 1024;
/** Bytes before the place of reading that must still be there: else the file was cut and has grown again. */
const REMEMBERED = 64;

export class FileFollower {
  readonly #path: string;
  readonly #lost: (files: number) => string;
  readonly #splitter = new LineSplitter();
  #handle: FileHandle | undefined;
  #position = 0;
  /** The last bytes that were read. */
  #before: Buffer = Buffer.alloc(0);
  /** What the file is going to be called once it is rotated. */
  #number: number;

  /**
   * Begins at the start of the live file, which becomes the follower's to close.
   * @param lost the line that tells of so many files that were removed unread
   */
  constructor(path: string, { live, archives }: LogFiles, lost: (files: number) => string) {
    this.#path = path;
    this.#lost = lost;
    this.#handle = live;
    this.#number = numberAfter(archives);
  }

  /** Goes on there: the start of a line. */
  async goTo(position: number): Promise<void> {
    this.#position = position;
    if (this.#handle !== undefined) this.#before = await bytesBefore(this.#handle, position, REMEMBERED);
  }

  /** Complete lines that were added since the last call. */
  async *fresh(): AsyncGenerator<string, void, undefined> {
    for (;;) {
      if (this.#handle === undefined) yield* this.#openNext();
      if (this.#handle === undefined) return;
      // Asked before reading, so that what went to the old file until now is read before it is left.
      const replaced = await isReplaced(this.#handle, this.#path);
      if (await this.#wasCut(this.#handle)) this.#startOver();
      yield* this.#toTheEnd(this.#handle);
      if (!replaced) return;
      await this.close();
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** Opens the live file, once what was rotated since the last one has been read. */
  async *#openNext(): AsyncGenerator<string, void, undefined> {
    const read = this.#before.length > 0 || this.#position > 0;
    const { live, archives } = await openLog(this.#path);
    this.#startOver();
    try {
      yield* this.#between(archives, read ? this.#number + 1 : this.#number);
    } catch (error) {
      await live?.close();
      throw error;
    }
    this.#number = Math.max(this.#number, numberAfter(archives));
    this.#handle = live;
  }

  async *#between(archives: readonly LogArchive[], from: number): AsyncGenerator<string, void, undefined> {
    const unread = archives.filter(({ number }) => number >= from);
    const lost = unread.length === 0 ? 0 : unread.at(-1)!.number - from + 1 - unread.length;
    if (lost > 0) yield this.#lost(lost);
    for (const archive of unread) yield* linesOf(archive);
  }

  #startOver(): void {
    this.#position = 0;
    this.#before = Buffer.alloc(0);
    this.#splitter.clear();
  }

  async #wasCut(handle: FileHandle): Promise<boolean> {
    const { size } = await handle.stat();
    if (size < this.#position) return true;
    if (size === this.#position) return false;
    return !(await bytesBefore(handle, this.#position, this.#before.length)).equals(this.#before);
  }

  async *#toTheEnd(handle: FileHandle): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, this.#position);
      if (bytesRead === 0) return;
      const bytes = buffer.subarray(0, bytesRead);
      this.#position += bytesRead;
      this.#before = Buffer.concat([this.#before, bytes.subarray(-REMEMBERED)]).subarray(-REMEMBERED);
      yield* this.#splitter.add(bytes);
    }
  }
}

async function bytesBefore(handle: FileHandle, position: number, most: number): Promise<Buffer> {
  const length = Math.min(position, most);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position - length);
  return buffer.subarray(0, bytesRead);
}

const numberAfter = (archives: readonly LogArchive[]): number => (archives.at(-1)?.number ?? 0) + 1;

/**
 * Whether another file has the name now, and is written to. A name without a file is a rotation half
 * done, an empty one a file that logrotate has made and the writer has not opened yet: the old one is read on.
 */
async function isReplaced(handle: FileHandle, path: string): Promise<boolean> {
  const [held, named] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
  return named !== undefined && named.size > 0 && (named.ino !== held.ino || named.dev !== held.dev);
}
