/**
 * The text of a replay file, plain or gzip, block by block. What makes a file unusable as a whole is
 * found when it is opened; damage further on ends the text, and is told with the last block.
 */
import { open, type FileHandle } from 'node:fs/promises';
import type { ReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { QktError } from '../errors.ts';

/** Bytes read at a time; about a thousand quotes. */
const BLOCK_BYTES = 64 * 1024;
/** A line longer than this is no row: it is given up, so that memory stays bounded. */
const LONGEST_LINE = 64 * 1024;

/** Whole lines (only the file's last may lack its line end), and what was wrong right after them. */
export interface TextBlock {
  readonly text: string;
  /** A line, or the rest of the file, that could not be read; it counts as one line. */
  readonly damage?: string;
}

/** An open replay file. */
export interface ReplayText {
  /** Share of the file's bytes read, 0 to 1. */
  progress(): number;
  blocks(): AsyncGenerator<TextBlock>;
  /** Ends the blocks; idempotent. */
  close(): void;
}

/**
 * Opens a file and looks at its first bytes.
 * @throws QktError QKT_E_REPLAY_FILE when it is missing, no file, unreadable, empty, or no text.
 */
export async function openText(file: string): Promise<ReplayText> {
  const handle = await openHandle(file);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw refusal(file, 'it is a directory');
    if (!stat.isFile()) throw refusal(file, 'it is not a regular file');
    if (stat.size === 0) throw refusal(file, 'it is empty');
    const head = Buffer.alloc(4096);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const zipped = checkMagic(file, head.subarray(0, bytesRead));
    return streamed(handle.createReadStream({ start: 0, highWaterMark: BLOCK_BYTES }), stat.size, zipped);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const refusal = (file: string, detail: string): QktError =>
  new QktError('QKT_E_REPLAY_FILE', detail, { location: { file } });

async function openHandle(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const details: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      ENOTDIR: 'there is no such file',
      EACCES: 'permission to read it is denied',
      EPERM: 'permission to read it is denied',
      EISDIR: 'it is a directory',
    };
    throw new QktError('QKT_E_REPLAY_FILE', details[code ?? ''] ?? `it cannot be opened: ${message}`, {
      location: { file },
      cause: error,
    });
  }
}

/** True for gzip. Refuses what cannot be CSV. */
function checkMagic(file: string, head: Buffer): boolean {
  if (head[0] === 0x1f && head[1] === 0x8b) return true;
  if (head.subarray(0, 4).toString('latin1') === 'PK\x03\x04')
    throw refusal(file, 'it is a zip archive; unpack it, or compress it with gzip');
  const mark = head.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') throw refusal(file, 'it is UTF-16 text; save it as UTF-8');
  if (head.includes(0)) throw refusal(file, 'it is a binary file, not CSV text');
  return false;
}

function streamed(raw: ReadStream, size: number, zipped: boolean): ReplayText {
  let stream: Readable = raw;
  if (zipped) {
    const gunzip = createGunzip({ chunkSize: BLOCK_BYTES });
    raw.on('error', (error) => gunzip.destroy(error));
    stream = raw.pipe(gunzip);
  }
  return {
    progress: () => Math.min(1, raw.bytesRead / size),
    blocks: () => blocksOf(chunksOf(stream), zipped),
    close: () => {
      stream.destroy();
      raw.destroy();
    },
  };
}

/** What a stream gives until it ends or fails. Its own iterator forgets, on a failure, what was read before it. */
async function* chunksOf(stream: Readable): AsyncGenerator<Buffer, Error | undefined> {
  let failure: Error | undefined;
  let over = false;
  let wake: (() => void) | undefined;
  const stop = (): void => {
    over = true;
    wake?.();
  };
  stream.on('readable', () => wake?.());
  stream.on('end', stop);
  stream.on('close', stop);
  stream.on('error', (error) => {
    failure = error;
    stop();
  });
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) yield chunk;
    else if (over) return failure;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}

async function* blocksOf(
  chunks: AsyncGenerator<Buffer, Error | undefined>,
  zipped: boolean,
): AsyncGenerator<TextBlock> {
  const lines = new LineCutter();
  for (;;) {
    const { value, done } = await chunks.next();
    if (done === true) {
      // The last line may have been cut off inside a number: after a failure it is part of the damage.
      yield value === undefined ? lines.end() : { text: '', damage: failed(value, zipped) };
      return;
    }
    yield lines.cut(value);
  }
}

const failed = (error: Error, zipped: boolean): string =>
  `${zipped ? 'the gzip data is damaged or ends early' : 'reading failed'} (${error.message}); the rest is lost`;

/** Cuts chunks of bytes into texts of whole lines. */
class LineCutter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #first = true;
  /** Inside a line that was given up. */
  #skipping = false;

  cut(chunk: Buffer): TextBlock {
    let text = this.#rest + this.#decoder.write(chunk);
    if (this.#first && text !== '') {
      this.#first = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    if (this.#skipping) text = this.#skip(text);
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end);
    if (this.#rest.length <= LONGEST_LINE) return { text: text.slice(0, end) };
    this.#rest = '';
    this.#skipping = true;
    return { text: text.slice(0, end), damage: `the line is longer than ${LONGEST_LINE} characters` };
  }

  #skip(text: string): string {
    const end = text.indexOf('\n');
    if (end < 0) return '';
    this.#skipping = false;
    return text.slice(end + 1);
  }

  end(): TextBlock {
    return { text: this.#skipping ? '' : this.#rest + this.#decoder.end() };
  }
}
