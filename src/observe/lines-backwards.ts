/** The lines of a file from its end, a chunk at a time: a gigabyte costs no more than what is taken of it. */
import type { FileHandle } from 'node:fs/promises';

const CHUNK = 64 * 1024;
/** How far back a search goes: filters that match nothing must not read a whole gigabyte. */
export const REACH = 16 * 1024 * 1024;
const NEWLINE = 10;

/** Newest first. The first one is what stands behind the last newline: empty, or a line not finished yet. */
export async function* linesBackwards(handle: FileHandle, size: number): AsyncGenerator<Buffer, void, undefined> {
  const floor = Math.max(0, size - REACH);
  /** The end of a line whose start has not been read yet. */
  let tail: Buffer[] = [];
  for (let end = size; end > floor;) {
    const start = Math.max(floor, end - CHUNK);
    const chunk = Buffer.alloc(end - start);
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, start);
    // Cut off meanwhile: what follows would not be what came before.
    if (bytesRead < chunk.length) return;
    let cut = chunk.length;
    for (let at = before(chunk, cut); at !== -1; at = before(chunk, cut)) {
      yield Buffer.concat([chunk.subarray(at + 1, cut), ...tail]);
      tail = [];
      cut = at;
    }
    tail.unshift(chunk.subarray(0, cut));
    end = start;
  }
  if (floor === 0) yield Buffer.concat(tail);
}

function before(chunk: Buffer, cut: number): number {
  return cut === 0 ? -1 : chunk.lastIndexOf(NEWLINE, cut - 1);
}
