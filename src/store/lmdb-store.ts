/**
 * The journal's tables in one LMDB environment. Knows bytes and tables, not what they mean.
 *
 * Writes run on LMDB's own thread, one transaction at a time, and are on the disk when they are done.
 * LMDB appends to its file with ordinary writes (no write map), so a full disk fails a transaction
 * instead of ending the process, and leaves the one before in force.
 */
import { accessSync, constants, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { decodeRecord } from './record-codec.ts';

export const TABLES = ['meta', 'heads', 'states', 'facts', 'events', 'registry', 'daemon', 'operators'] as const;
export type Table = (typeof TABLES)[number];

/** One row to put (a whole record), or to delete (`null`). */
export interface Op {
  readonly table: Table;
  readonly key: Buffer;
  readonly value: Buffer | null;
}

export interface Range {
  /** First key, included. */
  readonly start: Buffer;
  /** Last key, included. */
  readonly end: Buffer;
  readonly limit?: number;
  /** From `end` down to `start`. */
  readonly reverse?: boolean;
}

/** A transaction did not come about. `code` is the system's error number, or LMDB's. */
export class WriteFailure extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

type Tables = Readonly<Record<Table, Database<Buffer, Buffer>>>;

const RAW = { encoding: 'binary', keyEncoding: 'binary' } as const;

export class LmdbStore {
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #tables: Tables;

  /** @throws LMDB's error, with a numeric `code`; the system's for the lock file. */
  constructor(directory: string) {
    checkLockFile(directory);
    this.#root = open<Buffer, Buffer>({
      path: directory,
      noSubdir: false,
      maxDbs: TABLES.length,
      permissionsMode: 0o600,
      // Batches are made here; lmdb-js's own would reject promises that nobody holds.
      eventTurnBatching: false,
      ...RAW,
    } as RootDatabaseOptionsWithPath);
    const table = (name: Table): Database<Buffer, Buffer> => this.#root.openDB<Buffer, Buffer>(name, RAW);
    this.#tables = Object.fromEntries(TABLES.map((name) => [name, table(name)])) as Tables;
  }

  /** A process beside this one that has the tables open, as the kernel's locks tell. */
  otherUser(): number | undefined {
    this.#root.readerCheck();
    const pids = [...this.#root.readerList().matchAll(/^\s*(\d+) /gm)].map(([, pid]) => Number(pid));
    return pids.find((pid) => pid !== process.pid);
  }

  /** The raw record; `undefined` when there is none. */
  get(table: Table, key: Buffer): Buffer | undefined {
    return this.#tables[table].get(key);
  }

  /**
   * The rows of a range, read as they are asked for; rows written meanwhile may be among them.
   * @throws QktError QKT_E_JOURNAL_DAMAGED on reaching a record that cannot be read.
   */
  *rows(table: Table, range: Range): Generator<{ readonly key: Buffer; readonly value: unknown }> {
    const { start, end, limit, reverse = false } = range;
    const cursor = this.#tables[table].getRange({
      start: reverse ? end : start,
      end: reverse ? start : end,
      reverse,
      inclusiveEnd: true,
      // A slow reader must not keep LMDB from using freed pages again.
      snapshot: false,
      ...(limit === undefined ? {} : { limit }),
    });
    for (const { key, value } of cursor) yield { key, value: decodeRecord(key, value) };
  }

  /**
   * Writes all or nothing; on the disk when the promise resolves.
   * @throws WriteFailure with nothing written.
   */
  async write(ops: Iterable<Op>): Promise<void> {
    try {
      const committed = this.#root.batch(() => {
        for (const { table, key, value } of ops)
          void (value === null ? this.#tables[table].remove(key) : this.#tables[table].put(key, value));
      });
      // Asked for now, because it speaks of what was last queued; a failed commit leaves it open for ever.
      const flushed = Promise.resolve(this.#root.flushed);
      flushed.catch(() => {});
      await committed;
      await flushed;
    } catch (error) {
      throw await failureOf(error);
    }
  }

  /** A consistent copy, without free pages, while writes go on: `data.mdb` in a directory that exists. */
  copyTo(directory: string): Promise<void> {
    return this.#root.backup(directory, true);
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}

/**
 * lmdb-js ends the process where LMDB cannot open its lock file. It is only looked at: to open and close it
 * would let go of the locks that this process may have on it.
 */
function checkLockFile(directory: string): void {
  const file = join(directory, 'lock.mdb');
  const found = lstatSync(file, { throwIfNoEntry: false });
  accessSync(found === undefined ? directory : file, constants.R_OK | constants.W_OK);
  if (found?.isFile() === false) throw new Error(`${file} is not a file`);
}

/** lmdb-js hides the cause of a failed commit in a promise of its own. */
async function failureOf(error: unknown): Promise<WriteFailure> {
  const { commitError } = error as { commitError?: Promise<never> };
  const cause = await Promise.resolve(commitError).then(
    () => error,
    (reason: unknown) => reason,
  );
  const { message, code } = cause as { message?: unknown; code?: unknown };
  return new WriteFailure(String(message ?? cause), typeof code === 'number' ? code : 0);
}
