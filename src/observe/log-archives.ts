/**
 * Rotated log files: `<name>.log.<day>.<n>`, with `.gz` once compressed. The day is that of the last
 * line (UTC); the number goes up by one with each rotation of that log, so a missing one is seen.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { iso } from '../domain/time.ts';

export const DAY_MS = 86_400_000;
export const COMPRESSED = '.gz';
/** Of a compressed file that is still being written. */
export const DRAFT = '.gz.tmp';

export interface LogArchive {
  /** The strategy, or `daemon`. */
  readonly log: string;
  readonly path: string;
  /** Days since 1970, of its last line. */
  readonly day: number;
  readonly number: number;
}

const LIVE = /^([\w-]+)\.log$/;
const ARCHIVE = /^([\w-]+)\.log\.(\d{4}-\d\d-\d\d)\.(\d{1,15})(\.gz)?$/;

/** The path of a log's rotated file before it is compressed. */
export function archivePath(live: string, day: number, number: number): string {
  return `${live}.${iso(day * DAY_MS).slice(0, 10)}.${number}`;
}

/** A file name of ours taken apart; `undefined` for any other, which is nobody's to touch. */
export function asArchive(dir: string, file: string): LogArchive | undefined {
  const [, log, day, number] = ARCHIVE.exec(file) ?? [];
  if (log === undefined) return undefined;
  return { log, path: join(dir, file), day: Date.parse(day!) / DAY_MS, number: Number(number) };
}

/** The log whose live file has this name. */
export const asLive = (file: string): string | undefined => LIVE.exec(file)?.[1];

/** The rotated files of a live one, each once, oldest first. */
export async function archivesOf(live: string): Promise<readonly LogArchive[]> {
  const dir = dirname(live);
  const byNumber = new Map<number, LogArchive>();
  // Sorted, so that of a file that is there in both forms the compressed one, which is complete, is taken.
  for (const file of (await namesIn(dir)).toSorted()) {
    const archive = asArchive(dir, file);
    if (archive !== undefined && `${archive.log}.log` === basename(live)) byNumber.set(archive.number, archive);
  }
  return [...byNumber.values()].toSorted((a, b) => a.number - b.number);
}

/** File names of a directory; none while it is not there. */
export async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
