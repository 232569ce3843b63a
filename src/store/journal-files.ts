/**
 * The journal's directory, `<state>/journal`: LMDB's two files and the reserve. It appears whole or not at
 * all, so one without a sound data file was damaged, and is never mistaken for a new one.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { QktError } from '../errors.ts';
import type { Disk } from './disk.ts';
import type { DiskReserve } from './disk-reserve.ts';
import { checkPages, PageDamage, type PageCheck } from './lmdb-pages.ts';
import { LmdbStore, TABLES } from './lmdb-store.ts';
import { checkRecord, decodeRecord, encodeRecord, ownerOf, textKey } from './record-codec.ts';
import { syncDirectory } from './sync-directory.ts';

/** What this version writes, and the newest that it reads. */
export const JOURNAL_FORMAT = 1;

/** About how many leaf pages of events to read when opening: all of a small store, an even sample of a large one. */
const LEAVES_SAMPLED = 2048n;
const FORMAT_KEY = textKey('format');
const MAKING = 'journal.making-';
/** LMDB's lock file is mapped and written: without space for it the process would be ended. */
const SPACE_TO_OPEN = 256 * 1024;

export const journalDirectory = (stateDir: string): string => join(stateDir, 'journal');
export const dataFile = (directory: string): string => join(directory, 'data.mdb');

/** Remembers which file lies at a path; what it returns says whether that one still does. */
export function placeOf(file: string): () => boolean {
  const identity = (): string | undefined => {
    try {
      const { dev, ino } = statSync(file, { bigint: true });
      return `${dev}:${ino}`;
    } catch {
      return undefined;
    }
  };
  const opened = identity();
  return () => identity() === opened;
}

/**
 * Creates the store or checks and opens it.
 * @throws QktError QKT_E_JOURNAL_DAMAGED or QKT_E_JOURNAL_NEWER with nothing changed; QKT_E_STATE_DIR when the
 * system does not let it be opened, QKT_E_DISK_FULL; QKT_E_LOCKED when another process has it open.
 */
export async function openStore(stateDir: string, reserve: DiskReserve, disk: Disk): Promise<LmdbStore> {
  const directory = journalDirectory(stateDir);
  try {
    removeUnfinished(stateDir);
    makeRoom(stateDir, reserve, disk);
    if (!existsSync(directory)) await createStore(stateDir);
    checkStore(dataFile(directory), 'sample');
    return await onlyOurs(new LmdbStore(directory), directory);
  } catch (error) {
    throw error instanceof QktError ? error : openingFailed(directory, error);
  }
}

/** The lock of the state directory is a file, which a hand can remove: two daemons would trade the same strategies. */
async function onlyOurs(store: LmdbStore, directory: string): Promise<LmdbStore> {
  const pid = store.otherUser();
  if (pid === undefined) return store;
  await store.close();
  const text = `${directory} is in use by process ${pid}, though nothing locks the state directory`;
  throw new QktError('QKT_E_LOCKED', text, { members: { pid } });
}

/**
 * Reads the format, then the pages and records: all of them, or of a large number of events a sample and the
 * ends of each strategy's, which is what recovery and writing touch.
 * @throws QktError QKT_E_JOURNAL_DAMAGED or QKT_E_JOURNAL_NEWER.
 */
export function checkStore(file: string, how: 'whole' | 'sample'): void {
  let known = false;
  try {
    checkPages(file, {
      ...(how === 'whole' ? {} : { wanted: sampler() }),
      first: ['meta'],
      trees: TABLES,
      onRecord: (tree, key, value) => {
        if (tree === 'meta' && key.equals(FORMAT_KEY)) known = checkFormat(value);
        checkRecord(key, value);
      },
    });
  } catch (error) {
    if (error instanceof PageDamage) throw damaged(file, error);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw damaged(file, new Error('the file is missing'));
    throw error;
  }
  if (!known) throw damaged(file, new Error('it does not say of which format it is'));
}

function sampler(): NonNullable<PageCheck['wanted']> {
  let seen = 0n;
  return ({ name, leafPages }, low, high) => {
    if (name !== 'events') return true;
    const isEnd = low === undefined || high === undefined || ownerOf(low) !== ownerOf(high);
    const every = leafPages / LEAVES_SAMPLED;
    return isEnd || every < 2n || seen++ % every === 0n;
  };
}

/** A place beside the journal in which to make one; what a killed process leaves there is removed at the next start. */
export function makingDirectory(stateDir: string): Promise<string> {
  return mkdtemp(join(stateDir, MAKING));
}

/** Puts a finished journal in its place, in one step. */
export function installJournal(made: string, stateDir: string): void {
  syncDirectory(made);
  renameSync(made, journalDirectory(stateDir));
  syncDirectory(stateDir);
}

async function createStore(stateDir: string): Promise<void> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const making = await makingDirectory(stateDir);
  const store = new LmdbStore(making);
  await store.write([{ table: 'meta', key: FORMAT_KEY, value: encodeRecord(FORMAT_KEY, { version: JOURNAL_FORMAT }) }]);
  await store.close();
  installJournal(making, stateDir);
}

function removeUnfinished(stateDir: string): void {
  if (!existsSync(stateDir)) return;
  for (const name of readdirSync(stateDir))
    if (name.startsWith(MAKING)) rmSync(join(stateDir, name), { recursive: true, force: true });
}

function makeRoom(stateDir: string, reserve: DiskReserve, disk: Disk): void {
  if (!existsSync(stateDir) || disk.freeBytes(stateDir) >= SPACE_TO_OPEN) return;
  if (reserve.held) reserve.release();
  if (disk.freeBytes(stateDir) < SPACE_TO_OPEN)
    throw new QktError('QKT_E_DISK_FULL', `the disk of ${stateDir} is full`);
}

function checkFormat(record: Buffer): boolean {
  const { version } = decodeRecord(FORMAT_KEY, record) as { version: number };
  if (version <= JOURNAL_FORMAT) return true;
  throw new QktError(
    'QKT_E_JOURNAL_NEWER',
    `the journal has format ${version}; this version reads up to ${JOURNAL_FORMAT}`,
  );
}

function damaged(file: string, cause: Error): QktError {
  return new QktError('QKT_E_JOURNAL_DAMAGED', `${file}: ${cause.message}`, { cause });
}

/** LMDB's own codes for a file that it does not like are between −30799 and −30700. */
function openingFailed(directory: string, error: unknown): QktError {
  const { message, code } = error as { message: string; code?: unknown };
  const ofLmdb = typeof code === 'number' && code < -30_700;
  return new QktError(
    ofLmdb ? 'QKT_E_JOURNAL_DAMAGED' : 'QKT_E_STATE_DIR',
    `the journal in ${directory} cannot be opened: ${message}`,
    { cause: error },
  );
}
