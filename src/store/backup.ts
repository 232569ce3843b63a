/**
 * The whole state in one file: gzip of a line of JSON that lists the files with their lengths and
 * checksums, then their bytes one after another. The journal comes first; other files of the state
 * directory (compiled strategies) may follow.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { QktError } from '../errors.ts';
import {
  checkStore,
  dataFile,
  installJournal,
  JOURNAL_FORMAT,
  journalDirectory,
  makingDirectory,
} from './journal-files.ts';
import type { LmdbStore } from './lmdb-store.ts';
import { StreamReader } from './stream-reader.ts';
import { syncDirectory } from './sync-directory.ts';

const BACKUP_VERSION = 1;
const LONGEST_MANIFEST = 16 * 1024 * 1024;
const JOURNAL = 'journal/data.mdb';
/** Below the state directory, and nowhere else. */
const PLACE = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

export interface BackupOptions {
  /** Directories of the state directory whose files go along (`strategies`). */
  readonly include?: readonly string[];
}

interface BackupFile {
  /** Below the state directory, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface Manifest {
  readonly qkt: 'backup';
  readonly version: number;
  readonly format: number;
  readonly files: readonly BackupFile[];
}

/**
 * Writes the backup; it appears under its name when it is complete and on the disk.
 * @throws QktError QKT_E_FILE when the file exists or cannot be written.
 */
export async function backUp(
  options: BackupOptions & { readonly store: LmdbStore; readonly stateDir: string; readonly file: string },
): Promise<void> {
  const { store, stateDir, file, include = [] } = options;
  if (existsSync(file))
    throw new QktError('QKT_E_FILE', `${file} exists already`, {
      members: { hint: 'Give a file that does not exist.' },
    });
  let working: string | undefined;
  try {
    // Beside the target: the copy must not take the space that the journal needs.
    working = await mkdtemp(`${file}.making-`);
    await store.copyTo(working);
    const sources = [{ path: JOURNAL, from: dataFile(working) }, ...(await filesBelow(stateDir, include))];
    const files = await Promise.all(sources.map(async ({ path, from }) => ({ path, ...(await digestOf(from)) })));
    const manifest: Manifest = { qkt: 'backup', version: BACKUP_VERSION, format: JOURNAL_FORMAT, files };
    const made = join(working, 'backup');
    const bytes = Readable.from(archive(manifest, sources));
    await pipeline(bytes, createGzip(), createWriteStream(made, { mode: 0o600, flush: true }));
    // A link, unlike a rename, never replaces a file that appeared meanwhile.
    await link(made, file);
    syncDirectory(dirname(file));
  } catch (error) {
    throw error instanceof QktError ? error : unusable('QKT_E_FILE', `${file} cannot be written`, error);
  } finally {
    if (working !== undefined) await rm(working, { recursive: true, force: true });
  }
}

/**
 * Brings a backup into a state directory that holds no journal. The journal appears whole, as the last step.
 * The caller holds the directory's lock.
 * @throws QktError QKT_E_STATE_NOT_EMPTY; QKT_E_BACKUP when the file is no complete backup, or is damaged;
 * QKT_E_JOURNAL_NEWER; QKT_E_FILE when the backup cannot be read. Nothing is changed then.
 */
export async function restoreBackup(file: string, stateDir: string): Promise<void> {
  if (existsSync(journalDirectory(stateDir)))
    throw new QktError('QKT_E_STATE_NOT_EMPTY', `${journalDirectory(stateDir)} exists`);
  if (!existsSync(file)) throw new QktError('QKT_E_FILE', `${file} does not exist`);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const working = await makingDirectory(stateDir);
  try {
    const files = await unpack(file, working);
    checkStore(join(working, JOURNAL), 'whole');
    for (const { path } of files) if (path !== JOURNAL) await put(join(working, path), join(stateDir, path));
    installJournal(dirname(join(working, JOURNAL)), stateDir);
  } catch (error) {
    if (error instanceof QktError && error.code !== 'QKT_E_JOURNAL_DAMAGED') throw error;
    throw unusable('QKT_E_BACKUP', `${file} cannot be restored`, error);
  } finally {
    await rm(working, { recursive: true, force: true });
  }
}

async function unpack(file: string, into: string): Promise<readonly BackupFile[]> {
  const source = createReadStream(file);
  const unzipped = createGunzip();
  const piped = pipeline(source, unzipped);
  // Its failure ends the reader too, which reports it.
  piped.catch(() => {});
  const reader = new StreamReader(unzipped);
  try {
    const { files } = manifestOf(await reader.line(LONGEST_MANIFEST));
    for (const entry of files) await extract(reader, entry, join(into, entry.path));
    if (!(await reader.atEnd())) throw new Error('there is more in it than it says');
    await piped;
    return files;
  } finally {
    source.destroy();
    unzipped.destroy();
  }
}

function manifestOf(line: string): Manifest {
  const manifest = JSON.parse(line) as Partial<Manifest>;
  if (manifest.qkt !== 'backup' || !Array.isArray(manifest.files)) throw new Error('it is not a backup of qkt');
  if (manifest.version! > BACKUP_VERSION || manifest.format! > JOURNAL_FORMAT)
    throw new QktError('QKT_E_JOURNAL_NEWER', 'the backup was made by a newer qkt');
  for (const { path } of manifest.files) if (!PLACE.test(path)) throw new Error(`${path} is not a place for a file`);
  if (manifest.files[0]?.path !== JOURNAL) throw new Error('there is no journal in it');
  return manifest as Manifest;
}

async function extract(reader: StreamReader, entry: BackupFile, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of reader.bytes(entry.bytes)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(Readable.from(chunks()), createWriteStream(target, { mode: 0o600, flush: true }));
  if (hash.digest('hex') !== entry.sha256) throw new Error(`${entry.path} is not what was backed up`);
}

/** A file that is there already stays: it is the same compiled strategy, or one that the journal does not speak of. */
async function put(from: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
}

async function filesBelow(stateDir: string, directories: readonly string[]): Promise<{ path: string; from: string }[]> {
  const found: { path: string; from: string }[] = [];
  for (const directory of directories) {
    const root = join(stateDir, directory);
    if (!existsSync(root)) continue;
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const from = join(entry.parentPath, entry.name);
      const path = relative(stateDir, from);
      if (!PLACE.test(path)) throw new Error(`${path} could not be restored under that name`);
      found.push({ path, from });
    }
  }
  return found;
}

async function digestOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

async function* archive(manifest: Manifest, sources: readonly { readonly from: string }[]): AsyncGenerator<Buffer> {
  yield Buffer.from(`${JSON.stringify(manifest)}\n`);
  for (const { from } of sources) for await (const chunk of createReadStream(from)) yield chunk as Buffer;
}

function unusable(code: 'QKT_E_FILE' | 'QKT_E_BACKUP', what: string, cause: unknown): QktError {
  return new QktError(code, `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
