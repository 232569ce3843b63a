/**
 * The journal: what a daemon must not forget. Per strategy a gap-free sequence of trading events and the
 * state that they lead to; the registry of deployed strategies; the state of the whole book; the
 * operators' acts.
 *
 * A commit lands whole or not at all, together with all others of the same event turn, and in order.
 * Reading back a state, the registry or the sequences sees what was committed, written or not; events
 * and operators' acts are seen once they are written.
 */
import { join } from 'node:path';
import type { Observable } from 'rxjs';
import type { Clock } from '../clock.ts';
import type { Steps } from '../domain/steps.ts';
import { QktError } from '../errors.ts';
import { backUp, type BackupOptions } from './backup.ts';
import { MACHINE_DISK, type Disk } from './disk.ts';
import { DiskReserve } from './disk-reserve.ts';
import { checkStore, dataFile, journalDirectory, openStore, placeOf } from './journal-files.ts';
import type {
  ChainVerdict,
  Commit,
  CommitOptions,
  JournalEvent,
  JournalState,
  OperatorEntry,
  OperatorRecord,
  StrategyChange,
  StrategyRecord,
  SyncSample,
} from './journal-types.ts';
import type { LmdbStore, Op, Table } from './lmdb-store.ts';
import { chain, EMPTY_CHAIN, verify, type ChainHead } from './operator-log.ts';
import { decodeRecord, encodeRecord, eventKey, numberKey, textKey } from './record-codec.ts';
import { WriteQueue } from './write-queue.ts';

export interface JournalOptions {
  /** The machine's clock, also where a market's time is virtual: disks answer in real time. */
  readonly clock: Clock;
  /** Events kept per strategy (200 000); the oldest go first, in steps of 256. */
  readonly maxEvents?: number;
  /** Space held for halts and cancels (16 MiB). */
  readonly reserveBytes?: number;
  /** Stands in for the machine's disk. */
  readonly disk?: Disk;
}

/** The name under which the daemon's own event sequence is counted; no strategy can have it. */
export const DAEMON = 'daemon';

const TRIM_STEP = 256;
/** Operators' acts: a fraction of a millisecond of reading. */
const ACTS_OF_A_STEP = 100;
const CHAIN_HEAD = textKey('chain');
const LAST = Number.MAX_SAFE_INTEGER;
const FIRST_NAME = Buffer.from([1]);
const LAST_NAME = Buffer.from([0xff]);

interface Head {
  readonly lastJournalSeq: number;
  readonly lastSeq: number;
  readonly oldest: number;
  readonly reservedSeq: number;
}
const NEW_HEAD: Head = { lastJournalSeq: 0, lastSeq: 0, oldest: 1, reservedSeq: 0 };

/**
 * Opens the journal of a state directory, and creates it in an empty one. The caller holds the directory's lock.
 * @throws QktError QKT_E_JOURNAL_DAMAGED or QKT_E_JOURNAL_NEWER with nothing changed; QKT_E_STATE_DIR when the
 * system does not let it be opened.
 */
export async function openJournal(stateDir: string, options: JournalOptions): Promise<Journal> {
  const directory = journalDirectory(stateDir);
  const { clock, disk = MACHINE_DISK } = options;
  const reserve = new DiskReserve(join(directory, 'reserve'), options.reserveBytes ?? 16 * 1024 * 1024, disk);
  const store = await openStore(stateDir, reserve, disk);
  await reserve.take();
  const written = { write: (ops: Iterable<Op>) => disk.write(() => store.write(ops)) };
  const isInPlace = placeOf(dataFile(directory));
  const queue = new WriteQueue({ store: written, reserve, clock, probeFile: join(directory, 'probe'), isInPlace });
  try {
    return new Journal(stateDir, store, queue, options.maxEvents ?? 200_000);
  } catch (error) {
    await queue.close();
    await store.close();
    throw error;
  }
}

export class Journal {
  /** The state now, and every change of status, cause or reserve. */
  readonly state$: Observable<JournalState>;
  /** Each write that reached the disk. */
  readonly syncs$: Observable<SyncSample>;
  readonly #stateDir: string;
  readonly #store: LmdbStore;
  readonly #queue: WriteQueue;
  readonly #maxEvents: number;
  readonly #heads: Map<string, Head>;
  readonly #deployed: Set<string>;
  #chainHead: ChainHead;

  /** Use `openJournal`. */
  constructor(stateDir: string, store: LmdbStore, queue: WriteQueue, maxEvents: number) {
    this.#stateDir = stateDir;
    this.#store = store;
    this.#queue = queue;
    this.#maxEvents = maxEvents;
    this.state$ = queue.state$;
    this.syncs$ = queue.syncs$;
    this.#heads = new Map(this.#named<Head>('heads'));
    this.#deployed = new Set([...this.#named('registry')].map(([name]) => name));
    this.#chainHead = (this.#read('meta', CHAIN_HEAD) as ChainHead | undefined) ?? EMPTY_CHAIN;
    for (const [name, head] of this.#heads) this.#checkEnds(name, head);
  }

  get state(): JournalState {
    return this.#queue.state;
  }

  /** Bytes that gather for the next transaction, and the most that may. */
  get gathered(): { readonly bytes: number; readonly limit: number } {
    return this.#queue.gathered;
  }

  /**
   * Stores events, state and facts of a strategy. The values are encoded at once: they may be changed afterwards.
   * @throws RangeError when the events do not follow on the last one; QktError QKT_E_JOURNAL_FAILED when too much
   * waits already. Nothing is stored then.
   */
  commit(strategy: string, change: StrategyChange, options: CommitOptions = {}): Commit {
    const key = textKey(strategy);
    const head = this.#head(strategy);
    const last = follow(strategy, head, change.events);
    const kept = { ...head, ...last, oldest: this.#oldestToKeep(head.oldest, last.lastJournalSeq) };
    const ops: Op[] = change.events.map((event) => put('events', eventKey(strategy, event.journalSeq), event));
    for (let n = head.oldest; n < kept.oldest; n++)
      ops.push({ table: 'events', key: eventKey(strategy, n), value: null });
    if (change.state !== undefined) ops.push(put('states', key, change.state));
    if (change.meta !== undefined) ops.push(put('facts', key, change.meta));
    return this.#setHead(strategy, kept, ops, options.urgent ?? false);
  }

  /** `undefined` for a strategy that the journal never heard of. */
  load(strategy: string): StrategyRecord | undefined {
    const head = this.#heads.get(strategy);
    if (head === undefined) return undefined;
    const key = textKey(strategy);
    return { ...head, state: this.#read('states', key), meta: this.#read('facts', key) };
  }

  /** Which events are kept, by `journalSeq`; committed, written or not. */
  span = (strategy: string): Pick<StrategyRecord, 'oldest' | 'lastJournalSeq'> => this.#head(strategy);

  /** All that the journal ever heard of, deployed or not. */
  strategies(): readonly string[] {
    return [...this.#heads.keys()].filter((name) => name !== DAEMON).toSorted();
  }

  /**
   * Written events after a `journalSeq`, oldest first, read as they are asked for. Those that compaction
   * has deleted are left out: see `oldest` of `load`.
   * @throws QktError QKT_E_JOURNAL_DAMAGED on reaching one that cannot be read.
   */
  *events(strategy: string, query: { readonly after?: number; readonly limit?: number } = {}): Generator<JournalEvent> {
    const { after = 0, limit = Infinity } = query;
    let left = limit;
    if (left <= 0) return;
    const range = { start: eventKey(strategy, after + 1), end: eventKey(strategy, LAST) };
    for (const { value } of this.#store.rows('events', range)) {
      yield value as JournalEvent;
      if (--left <= 0) return;
    }
  }

  /** The last `n` written events, oldest first. */
  lastEvents(strategy: string, n: number): readonly JournalEvent[] {
    if (n <= 0) return [];
    const range = { start: eventKey(strategy, 1), end: eventKey(strategy, LAST), limit: n, reverse: true };
    return [...this.#store.rows('events', range)].map(({ value }) => value as JournalEvent).toReversed();
  }

  /**
   * Promises that no event with a `seq` above `upTo` was or will be given out before the next reservation; after
   * a crash numbering goes on above it. For a strategy, or for `DAEMON`.
   */
  reserveSeq(scope: string, upTo: number): Commit {
    const head = this.#head(scope);
    return this.#setHead(scope, { ...head, reservedSeq: Math.max(head.reservedSeq, upTo) }, [], false);
  }

  /** 0 when none was reserved. */
  reservedSeq(scope: string): number {
    return this.#head(scope).reservedSeq;
  }

  /** Enters a strategy in the registry, or changes its row. */
  deploy(name: string, row: unknown): Commit {
    const commit = this.#queue.add([put('registry', textKey(name), row)], false);
    this.#deployed.add(name);
    return commit;
  }

  /** Takes a strategy out of the registry. Its journal stays. */
  undeploy(name: string): Commit {
    const commit = this.#queue.add([{ table: 'registry', key: textKey(name), value: null }], false);
    this.#deployed.delete(name);
    return commit;
  }

  /** `undefined` when it is not deployed. */
  deployed(name: string): unknown {
    return this.#read('registry', textKey(name));
  }

  deployedNames(): readonly string[] {
    return [...this.#deployed].toSorted();
  }

  /** State that belongs to no single strategy, by name (`book`). */
  putDaemonState(name: string, value: unknown, options: CommitOptions = {}): Commit {
    return this.#queue.add([put('daemon', textKey(name), value)], options.urgent ?? false);
  }

  daemonState(name: string): unknown {
    return this.#read('daemon', textKey(name));
  }

  /** Adds an act to the operators' chain. */
  appendOperator(entry: OperatorEntry, options: CommitOptions = {}): Commit & { readonly record: OperatorRecord } {
    const record = chain(this.#chainHead, entry);
    const head = { n: record.n, hash: record.hash };
    const ops = [put('operators', numberKey(record.n), record), put('meta', CHAIN_HEAD, head)];
    const commit = this.#queue.add(ops, options.urgent ?? false);
    this.#chainHead = head;
    return { ...commit, record };
  }

  /** Written acts, oldest first: those after `after`, or else the last ones; on one target, or on all. */
  *operatorLog(query: {
    readonly limit: number;
    readonly after?: number;
    readonly strategy?: string;
  }): Steps<readonly OperatorRecord[]> {
    const { limit, after, strategy } = query;
    const found: OperatorRecord[] = [];
    let read = 0;
    for (const record of this.#operators(after ?? 0, after === undefined)) {
      if (found.length >= limit) break;
      if (strategy === undefined || record.target === strategy) found.push(record);
      if (++read % ACTS_OF_A_STEP === 0) yield;
    }
    return after === undefined ? found.toReversed() : found;
  }

  /** Follows the operators' chain from its beginning, as it is written. */
  verifyChain(): Steps<ChainVerdict> {
    return verify(this.#operators(0, false), () => {
      const stored = this.#store.get('meta', CHAIN_HEAD);
      return stored === undefined ? EMPTY_CHAIN : (decodeRecord(CHAIN_HEAD, stored) as ChainHead);
    });
  }

  /**
   * Reads every page and record of the file. Takes a second for each 500 MB.
   * @throws QktError QKT_E_JOURNAL_DAMAGED.
   */
  verifyStore(): void {
    checkStore(dataFile(journalDirectory(this.#stateDir)), 'whole');
  }

  /**
   * Writes all that was committed so far, and the files named, to one file that `restoreBackup` takes.
   * @throws QktError QKT_E_FILE when the file exists or cannot be written.
   */
  async backup(file: string, options: BackupOptions = {}): Promise<void> {
    await this.#queue.flush();
    await backUp({ ...options, store: this.#store, stateDir: this.#stateDir, file });
  }

  /** Resolves when all that was committed so far is on the disk. @throws QktError QKT_E_JOURNAL_FAILED. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** Writes what waits, and closes. @throws QktError QKT_E_JOURNAL_FAILED when something could not be written. */
  async close(): Promise<void> {
    await this.#queue.close();
    await this.#store.close();
  }

  #head(scope: string): Head {
    return this.#heads.get(scope) ?? NEW_HEAD;
  }

  #setHead(scope: string, head: Head, ops: readonly Op[], urgent: boolean): Commit {
    const commit = this.#queue.add([...ops, put('heads', textKey(scope), head)], urgent);
    this.#heads.set(scope, head);
    return commit;
  }

  /** In steps, so that most commits delete nothing; a lowered limit is reached over several commits. */
  #oldestToKeep(oldest: number, last: number): number {
    const excess = last - oldest + 1 - this.#maxEvents;
    return excess < TRIM_STEP ? oldest : oldest + Math.min(excess, 2 * TRIM_STEP);
  }

  #read(table: Table, key: Buffer): unknown {
    const waiting = this.#queue.waiting(table, key);
    const record = waiting === undefined ? this.#store.get(table, key) : (waiting ?? undefined);
    return record === undefined ? undefined : decodeRecord(key, record);
  }

  *#named<T>(table: Table): Generator<[string, T]> {
    for (const { key, value } of this.#store.rows(table, { start: FIRST_NAME, end: LAST_NAME }))
      yield [key.toString(), value as T];
  }

  *#operators(after: number, reverse: boolean): Generator<OperatorRecord> {
    const range = { start: numberKey(after + 1), end: numberKey(LAST), reverse };
    for (const { value } of this.#store.rows('operators', range)) yield value as OperatorRecord;
  }

  /** What the head says is first and last must be there. */
  #checkEnds(name: string, { oldest, lastJournalSeq }: Head): void {
    if (lastJournalSeq < oldest) return;
    for (const n of [oldest, lastJournalSeq])
      if (this.#store.get('events', eventKey(name, n)) === undefined)
        throw new QktError('QKT_E_JOURNAL_DAMAGED', `event ${n} of ${name} is missing`);
  }
}

/** @throws RangeError when the events are not the next ones. */
function follow(
  strategy: string,
  head: Head,
  events: readonly JournalEvent[],
): Pick<Head, 'lastJournalSeq' | 'lastSeq'> {
  let { lastJournalSeq, lastSeq } = head;
  for (const { journalSeq, seq } of events) {
    if (journalSeq !== lastJournalSeq + 1)
      throw new RangeError(`${strategy}: event ${journalSeq} cannot follow ${lastJournalSeq}`);
    if (seq <= lastSeq) throw new RangeError(`${strategy}: sequence number ${seq} cannot follow ${lastSeq}`);
    lastJournalSeq = journalSeq;
    lastSeq = seq;
  }
  return { lastJournalSeq, lastSeq };
}

function put(table: Table, key: Buffer, value: unknown): Op {
  return { table, key, value: encodeRecord(key, value) };
}
