/** What a log file needs of the file system beside its stream. */
import { closeSync, existsSync, fstat, openSync, writeSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const NEWLINE = 10;

/** What is open under a number. */
export const statOf: (fd: number) => Promise<Stats> = promisify(fstat);

/** Whether a file ends within a line, as a run leaves it that is killed: what is written next is not its rest. */
export async function endsTorn(path: string, stats: Stats): Promise<boolean> {
  if (stats.size === 0 || !stats.isFile()) return false;
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, stats.size - 1);
    return bytesRead === 1 && buffer[0] !== NEWLINE;
  } finally {
    await file.close();
  }
}

/**
 * Whether the name leads to another file than the one that is open, or to none: it was moved or deleted.
 * Where its directory is gone too the answer is no: nobody wants that back. Never rejects.
 */
export async function isElsewhere(path: string, open: Stats): Promise<boolean> {
  try {
    const named = await stat(path);
    return named.ino !== open.ino || named.dev !== open.dev;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(dirname(path));
  }
}

export interface Appended {
  /** What could not be written. */
  readonly left: Buffer;
  readonly error?: unknown;
}

/** Appends at once. Never throws. */
export function appendNow(path: string, bytes: Buffer): Appended {
  let left = bytes;
  let fd: number | undefined;
  try {
    fd = openSync(path, 'a', 0o600);
    while (left.length > 0) left = left.subarray(writeSync(fd, left));
    return { left };
  } catch (error) {
    return { left, error };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
