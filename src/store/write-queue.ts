/**
 * What is to be written, in order, and what becomes of it when the disk refuses.
 *
 * All rows of an event turn go into one transaction; while one is on its way the next gathers. A row
 * that replaces one still waiting takes its place, so an outage costs memory for events, not for states.
 *
 * | state | meaning | left when |
 * |---|---|---|
 * | ok | writes go through and the reserve is held | a write fails, or has no answer for 5 s |
 * | failed | new rows are kept in memory and reported as not safe; urgent ones are tried at once, on the reserve if the disk is full | what was kept is written and the reserve is held again; tried every second |
 */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { BehaviorSubject, distinctUntilChanged, Subject, type Observable } from 'rxjs';
import type { Cancel, Clock } from '../clock.ts';
import { QktError } from '../errors.ts';
import type { DiskReserve } from './disk-reserve.ts';
import type { Commit, FailureCause, JournalState, SyncSample } from './journal-types.ts';
import { WriteFailure, type LmdbStore, type Op, type Table } from './lmdb-store.ts';

const RETRY_MS = 1000;
const STALLED_MS = 5000;
/** In good times: what one burst may queue. In an outage less, so that it fits the reserve with room for LMDB's pages. */
const MOST_QUEUED = 64 * 1024 * 1024;
const MOST_KEPT = 4 * 1024 * 1024;
/** LMDB writes whole pages and the path to them. */
const PAGE_OVERHEAD = 3;
const ELBOW_ROOM = 1024 * 1024;
/** Left alone: a write of LMDB that the disk refuses may corrupt the memory of the process (lmdb 3.5.6). */
export const LEAST_FREE = 256 * 1024;
const ENOENT = 2;
const ENOSPC = 28;
const EDQUOT = 122;
const MDB_MAP_FULL = -30_792;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: QktError) => void;
}

class Batch {
  readonly ops = new Map<string, Op>();
  waiters: Waiter[] = [];
  urgent = false;
  bytes = 0;

  put(op: Op): void {
    const id = `${op.table}:${op.key.toString('latin1')}`;
    this.bytes += size(op) - size(this.ops.get(id));
    this.ops.set(id, op);
  }

  /** This batch after an older one that was not written. */
  after(older: Batch): Batch {
    const merged = new Batch();
    for (const op of older.ops.values()) merged.put(op);
    for (const op of this.ops.values()) merged.put(op);
    merged.waiters = [...older.waiters, ...this.waiters];
    merged.urgent = older.urgent || this.urgent;
    return merged;
  }
}

const size = (op: Op | undefined): number => (op === undefined ? 0 : op.key.length + (op.value?.length ?? 0));

export interface WriteQueueOptions {
  readonly store: Pick<LmdbStore, 'write'>;
  readonly reserve: DiskReserve;
  readonly clock: Clock;
  /** A file that may be written to find out whether the disk takes writes again. */
  readonly probeFile: string;
  /** Whether the store's file still lies where the next start looks for it: a write to one that is gone succeeds. */
  readonly isInPlace?: () => boolean;
}

export class WriteQueue {
  readonly state$: Observable<JournalState>;
  readonly syncs$: Observable<SyncSample>;
  readonly #state: BehaviorSubject<JournalState>;
  readonly #syncs = new Subject<SyncSample>();
  readonly #options: WriteQueueOptions;
  #next = new Batch();
  #onItsWay: Batch | undefined;
  #scheduled = false;
  #closed = false;
  #stopRetrying: Cancel | undefined;

  /** The reserve is taken already, if it can be. */
  constructor(options: WriteQueueOptions) {
    this.#options = options;
    this.#state = new BehaviorSubject<JournalState>({
      status: 'ok',
      since: options.clock.now(),
      reserve: 'held',
      keptBytes: 0,
    });
    this.state$ = this.#state.pipe(distinctUntilChanged((a, b) => sameKind(a, b)));
    this.syncs$ = this.#syncs.asObservable();
    if (!options.reserve.held) this.#fail('full', 'there is no room for the reserve');
  }

  get state(): JournalState {
    return this.#state.value;
  }

  /** Bytes that gather for the next transaction, and the most that may. */
  get gathered(): { readonly bytes: number; readonly limit: number } {
    return { bytes: this.#next.bytes, limit: this.state.status === 'failed' ? MOST_KEPT : MOST_QUEUED };
  }

  /**
   * Queues rows for the transaction of this event turn.
   * @throws QktError QKT_E_JOURNAL_FAILED, with nothing queued, when too much waits or the queue is closed.
   */
  add(ops: readonly Op[], urgent: boolean): Commit {
    if (this.#closed) throw failed('it is closed');
    const bytes = ops.reduce((sum, op) => sum + size(op), 0);
    const failing = this.state.status === 'failed';
    if (this.#next.bytes + bytes > this.gathered.limit) throw failed(`${this.#next.bytes} bytes wait to be written`);
    for (const op of ops) this.#next.put(op);
    if (failing && (!urgent || this.#isStuck())) {
      this.#update({});
      return commitOf(Promise.reject(this.#failure()));
    }
    this.#next.urgent ||= urgent;
    const done = new Promise<void>((resolve, reject) => this.#next.waiters.push({ resolve, reject }));
    this.#schedule();
    return commitOf(done);
  }

  /** A row that is not written yet; `null` when it waits to be deleted. */
  waiting(table: Table, key: Buffer): Buffer | null | undefined {
    const id = `${table}:${key.toString('latin1')}`;
    return (this.#next.ops.get(id) ?? this.#onItsWay?.ops.get(id))?.value;
  }

  /** Resolves when all that was queued is on the disk. @throws QktError QKT_E_JOURNAL_FAILED when it cannot be. */
  async flush(): Promise<void> {
    if (this.#next.ops.size > 0 || this.#onItsWay !== undefined) await this.add([], false).synced;
  }

  /**
   * Writes what waits. Rows are taken until that has ended, but may come too late for the store; none is after it.
   * @throws QktError QKT_E_JOURNAL_FAILED when what waits cannot be written.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      if (this.#isStuck()) throw this.#failure();
      if (this.#next.ops.size > 0 || this.#onItsWay !== undefined) await this.add([], true).synced;
    } finally {
      this.#closed = true;
      this.#stopRetrying?.();
      this.#state.complete();
      this.#syncs.complete();
    }
  }

  /** After the running turn, so that all its rows are together. */
  #schedule(): void {
    if (this.#scheduled || this.#onItsWay !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    if (this.#onItsWay !== undefined) return;
    const batch = this.#next;
    const { reserve, store, clock } = this.#options;
    if (batch.urgent && this.state.cause === 'full' && reserve.held) this.#useReserve();
    this.#next = new Batch();
    const obstacle = this.#obstacle(batch);
    if (obstacle !== undefined) return this.#refused(batch, obstacle);
    this.#onItsWay = batch;
    const started = clock.monotonic();
    const cancelAlarm = clock.at(clock.now() + STALLED_MS, () => this.#stalled(batch));
    const error = await store.write(batch.ops.values()).then(
      () => undefined,
      (reason: unknown) => reason as WriteFailure,
    );
    cancelAlarm();
    this.#onItsWay = undefined;
    if (error !== undefined) return this.#refused(batch, error);
    this.#syncs.next({ ms: clock.monotonic() - started, bytes: batch.bytes });
    for (const waiter of batch.waiters) waiter.resolve();
    if (this.state.status === 'failed') await this.#written();
    else if (this.#next.waiters.length > 0) this.#schedule();
  }

  /** Why the batch is not even tried; undefined when it is. */
  #obstacle(batch: Batch): WriteFailure | undefined {
    const { reserve, isInPlace } = this.#options;
    if (isInPlace?.() === false) return new WriteFailure('its file was removed or replaced', ENOENT);
    if (reserve.free() >= LEAST_FREE + batch.bytes * PAGE_OVERHEAD) return undefined;
    return new WriteFailure('No space left on device', ENOSPC);
  }

  /** A transaction that does not end keeps all others waiting. */
  #isStuck(): boolean {
    return this.state.cause === 'stalled' && this.#onItsWay !== undefined;
  }

  #useReserve(): void {
    this.#options.reserve.release();
    this.#update({ reserve: 'released' });
  }

  #refused(batch: Batch, error: WriteFailure): void {
    const cause = this.#isFull(batch, error) ? 'full' : 'io';
    this.#next = this.#next.after(batch);
    const { waiters, urgent } = this.#next;
    if (cause === 'full' && urgent && this.#options.reserve.held) {
      this.#fail(cause, error.message);
      this.#schedule();
      return;
    }
    this.#next.waiters = [];
    this.#next.urgent = false;
    this.#fail(cause, error.message);
    for (const waiter of waiters) waiter.reject(this.#failure());
  }

  /** LMDB reports a write that was cut short by a full disk as EIO. */
  #isFull(batch: Batch, { code }: WriteFailure): boolean {
    if (code === ENOENT) return false;
    if (code === ENOSPC || code === EDQUOT || code === MDB_MAP_FULL) return true;
    return this.#options.reserve.free() < ELBOW_ROOM + batch.bytes * PAGE_OVERHEAD;
  }

  /** The transaction stays on its way: it cannot be called back, and may still come about. */
  #stalled(batch: Batch): void {
    this.#fail('stalled', `no answer from the disk for ${STALLED_MS} ms`);
    for (const waiter of batch.waiters.splice(0)) waiter.reject(this.#failure());
    for (const waiter of this.#next.waiters.splice(0)) waiter.reject(this.#failure());
  }

  async #retry(): Promise<void> {
    if (this.#onItsWay !== undefined || this.#scheduled) return;
    const full = this.state.cause === 'full';
    if (full ? this.#options.reserve.free() < this.#roomNeeded() : !this.#diskTakesWrites()) return;
    if (this.#next.ops.size > 0) await this.#write();
    else await this.#written();
  }

  /** Asked of a file beside the store, because lmdb-js reports each failed transaction on stderr. */
  #diskTakesWrites(): boolean {
    const { probeFile } = this.#options;
    try {
      const fd = openSync(probeFile, 'w', 0o600);
      try {
        writeSync(fd, Buffer.alloc(4096, 1));
        fsyncSync(fd);
      } finally {
        closeSync(fd);
        rmSync(probeFile, { force: true });
      }
      return true;
    } catch {
      return false;
    }
  }

  /** A write went through again: in order once nothing waits and the reserve is back. */
  async #written(): Promise<void> {
    const { reserve, clock } = this.#options;
    if (this.#next.urgent) return this.#schedule();
    if (this.state.cause === 'full' && reserve.free() < this.#roomNeeded()) return this.#update({});
    if (this.#next.ops.size > 0) return this.#schedule();
    if (!(await reserve.take())) return this.#update({});
    if (this.#next.ops.size > 0) return this.#schedule();
    this.#stopRetrying?.();
    this.#stopRetrying = undefined;
    this.#state.next({ status: 'ok', since: clock.now(), reserve: 'held', keptBytes: 0 });
  }

  /** To write what waits and to hold the reserve. */
  #roomNeeded(): number {
    const { reserve } = this.#options;
    return this.#next.bytes * PAGE_OVERHEAD + ELBOW_ROOM + (reserve.held ? 0 : reserve.bytes);
  }

  #fail(cause: FailureCause, detail: string): void {
    const { clock, reserve } = this.#options;
    const since = this.state.status === 'failed' ? this.state.since : clock.now();
    this.#stopRetrying ??= clock.every(RETRY_MS, () => void this.#retry());
    const held = reserve.held ? 'held' : 'released';
    this.#state.next({ status: 'failed', cause, detail, since, reserve: held, keptBytes: this.#next.bytes });
  }

  #update(change: Partial<JournalState>): void {
    this.#state.next({ ...this.state, keptBytes: this.#next.bytes, ...change });
  }

  #failure(): QktError {
    return failed(this.state.detail ?? 'unknown cause', { cause: this.state.cause });
  }
}

function failed(detail: string, members: Record<string, unknown> = {}): QktError {
  return new QktError('QKT_E_JOURNAL_FAILED', `the journal cannot be written: ${detail}`, { members });
}

const sameKind = (a: JournalState, b: JournalState): boolean =>
  a.status === b.status && a.cause === b.cause && a.reserve === b.reserve;

/** Nobody has to listen: a failure is announced by the state. */
function commitOf(done: Promise<void>): Commit {
  done.catch(() => {});
  return { written: done, synced: done };
}
