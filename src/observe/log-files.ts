/** The files of one log, opened so that neither a rotation nor a compression meanwhile loses or doubles one. */
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { LineSplitter } from './line-splitter.ts';
import { archivesOf, COMPRESSED, type LogArchive } from './log-archives.ts';

/** Rotations may come faster than a directory can be read, but not for long. */
const TRIES = 10;

export interface LogFiles {
  readonly live: FileHandle | undefined;
  /** Those before it, oldest first. */
  readonly archives: readonly LogArchive[];
}

/** The live file, the caller's to close, with the rotated ones that are older. */
export async function openLog(path: string): Promise<LogFiles> {
  for (let tries = 1; ; tries++) {
    const live = await openIfThere(path);
    const archives = await archivesOf(path);
    if (live === undefined || tries === TRIES || (await isNamed(live, path))) return { live, archives };
    await live.close();
  }
}

/** A rotated file that is not compressed; `undefined` for one that is by now, or is gone. */
export async function openPlain({ path }: LogArchive): Promise<FileHandle | undefined> {
  return path.endsWith(COMPRESSED) ? undefined : openIfThere(path);
}

/** A rotated file from its start, in whichever form it is by now; no lines when it is gone. */
export async function* linesOf(archive: LogArchive): AsyncGenerator<string, void, undefined> {
  const plain = await openPlain(archive);
  const bytes = plain?.createReadStream() ?? (await gunzipped(archive.path));
  if (bytes === undefined) return;
  const splitter = new LineSplitter();
  for await (const chunk of bytes) yield* splitter.add(chunk as Buffer);
}

/** `undefined` when there is no such file. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function gunzipped(path: string): Promise<AsyncIterable<unknown> | undefined> {
  const handle = await openIfThere(path.endsWith(COMPRESSED) ? path : `${path}${COMPRESSED}`);
  if (handle === undefined) return undefined;
  const unzip = createGunzip();
  const file = createReadStream('', { fd: handle });
  file.on('error', (error) => unzip.destroy(error)).pipe(unzip);
  unzip.once('close', () => file.destroy());
  return unzip;
}

async function isNamed(handle: FileHandle, path: string): Promise<boolean> {
  const [held, named] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
  return named?.ino === held.ino && named.dev === held.dev;
}
