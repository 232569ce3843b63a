/** gzip from file to file, off the main thread. */
import { createReadStream, createWriteStream } from 'node:fs';
import { stat, utimes } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Writes `target`, synced and as old as `source`, and gives its size in bytes. @throws what reading or writing threw, or the signal's abort */
export async function compress(source: string, target: string, signal: AbortSignal): Promise<number> {
  const { atime, mtime } = await stat(source);
  const out = createWriteStream(target, { mode: 0o600, flush: true });
  await pipeline(createReadStream(source), createGzip(), out, { signal });
  await utimes(target, atime, mtime);
  return (await stat(target)).size;
}
