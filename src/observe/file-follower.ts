/** New lines of a file by its name: across growth, truncation and replacement (rotation). */
import { open, stat, type FileHandle } from 'node:fs/promises';

const CHUNK = 64 * 1024;
/** A longer line is none of ours; it is passed over instead of being kept in memory. */
const LONGEST_LINE = 1024 * 1024;

export class FileFollower {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #position: number;
  #unfinished = Buffer.alloc(0);

  /** Goes on at `position` of `handle`, which becomes the follower's to close; without one, from the file's start. */
  constructor(path: string, handle: FileHandle | undefined, position: number) {
    this.#path = path;
    this.#handle = handle;
    this.#position = position;
  }

  /** Complete lines that were added since the last call. */
  async *fresh(): AsyncGenerator<string, void, undefined> {
    for (;;) {
      if (this.#handle === undefined) {
        this.#handle = await openIfThere(this.#path);
        this.#startOver();
      }
      if (this.#handle === undefined) return;
      // Asked before reading, so that what went to the old file until now is read before it is left.
      const replaced = await isReplaced(this.#handle, this.#path);
      if ((await this.#handle.stat()).size < this.#position) this.#startOver();
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

  #startOver(): void {
    this.#position = 0;
    this.#unfinished = Buffer.alloc(0);
  }

  async *#toTheEnd(handle: FileHandle): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      const text = Buffer.concat([this.#unfinished, buffer.subarray(0, bytesRead)]);
      const end = text.lastIndexOf('\n') + 1;
      const rest = text.subarray(end);
      this.#unfinished = rest.length > LONGEST_LINE ? Buffer.alloc(0) : rest;
      if (end > 0) yield* text.toString('utf8', 0, end - 1).split('\n');
    }
  }
}

/** `undefined` when there is no such file. */
export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether another file has the name now. A name without a file is a rotation half done: the old one is read on. */
async function isReplaced(handle: FileHandle, path: string): Promise<boolean> {
  const [held, named] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
  return named !== undefined && (named.ino !== held.ino || named.dev !== held.dev);
}
