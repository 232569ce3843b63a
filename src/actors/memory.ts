/** What a daemon remembers of its strategies: the journal as the fleet uses it, or nothing at all. */
import type { StoredTransition } from '../domain/history.ts';
import { toPlain } from '../domain/json.ts';
import type { Commit, JournalEvent } from '../store/journal-types.ts';
import { JournalHistory } from '../store/event-history.ts';
import type { Journal } from '../store/journal.ts';
import { fromStored, toStored } from '../store/stored.ts';
import type { EventHistory } from '../streams/event-history.ts';
import type { WireDefinition } from '../worker/protocol.ts';
import type { ParamValue } from '../worker/params.ts';
import type { AccountIndexState } from './account-index.ts';
import type { BookRiskState } from './book-risk.ts';
import type { Turn, TurnStore } from './commit-queue.ts';
import type { KeptConsumers } from './event-consumers.ts';
import type { BookState } from './book-types.ts';
import type { TransitionStore } from './transition-log.ts';

/** A deployed strategy in the registry: enough to bring it back as it was, without its author's file. */
export interface RegistryRow {
  readonly name: string;
  /** The author's file, as it was deployed from. */
  readonly file: string;
  /** The compiled module in the state directory: what runs. */
  readonly moduleUrl: string;
  readonly hash: string;
  readonly definition: WireDefinition;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly venue: string;
  readonly port: number | null;
  /** Should it be running? A stop is remembered as well as a start. */
  readonly desired: 'running' | 'stopped';
}

/** What is known of a strategy from before. */
export interface Recalled {
  /** Undefined before its first turn. */
  readonly state: BookState | undefined;
  /** First number that its event sequence goes on with. */
  readonly nextSeq: number;
  readonly nextJournalSeq: number;
}

export interface Memory {
  turns(name: string): TurnStore;
  recall(name: string): Recalled | undefined;
  /** No event gets a number above this before the next reservation. */
  reserve(name: string, upTo: number): void;
  rows(): readonly RegistryRow[];
  /** Settles when it is on disk. */
  remember(row: RegistryRow): Promise<void>;
  forget(name: string): Promise<void>;
  recallBook(): BookRiskState | undefined;
  keepBook(state: BookRiskState): void;
  recallAccounts(): AccountIndexState | undefined;
  keepAccounts(state: AccountIndexState): void;
  /** Its trading events on disk; undefined where nothing is kept. */
  history(name: string): EventHistory | undefined;
  /** A strategy's changes of state. */
  transitions(name: string): TransitionStore;
  /** Of a stream of events: a strategy's, or the daemon's. */
  recallConsumers(stream: string): KeptConsumers | undefined;
  /** Settles when it is on disk. */
  keepConsumers(stream: string, consumers: KeptConsumers): Promise<void>;
}

/** Where the state of the book's rules is kept, and that of the accounts' indices. */
const BOOK = 'book';
const ACCOUNTS = 'accounts';
/** Where the consumers of a stream are kept; no other state has such a name. */
const consumersOf = (stream: string): string => `consumers:${stream}`;
const transitionsOf = (name: string): string => `transitions:${name}`;

export class JournalMemory implements Memory {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  turns(name: string): TurnStore {
    const owed: JournalEvent[] = [];
    return { commit: (turn) => this.#commit(name, turn, owed) };
  }

  recall(name: string): Recalled | undefined {
    const record = this.#journal.load(name);
    if (record === undefined) return undefined;
    return {
      state: record.state === undefined ? undefined : (fromStored(record.state) as BookState),
      nextSeq: Math.max(record.lastSeq, record.reservedSeq) + 1,
      nextJournalSeq: record.lastJournalSeq + 1,
    };
  }

  reserve(name: string, upTo: number): void {
    attempt(() => this.#journal.reserveSeq(name, upTo));
  }

  rows(): readonly RegistryRow[] {
    return this.#journal.deployedNames().map((name) => this.#journal.deployed(name) as RegistryRow);
  }

  remember(row: RegistryRow): Promise<void> {
    return attempt(() => this.#journal.deploy(row.name, row)).synced;
  }

  forget(name: string): Promise<void> {
    return attempt(() => this.#journal.undeploy(name)).synced;
  }

  recallBook(): BookRiskState | undefined {
    return fromStored(this.#journal.daemonState(BOOK)) as BookRiskState | undefined;
  }

  keepBook(state: BookRiskState): void {
    attempt(() => this.#journal.putDaemonState(BOOK, toStored(state), { urgent: true }));
  }

  recallAccounts(): AccountIndexState | undefined {
    return this.#journal.daemonState(ACCOUNTS) as AccountIndexState | undefined;
  }

  keepAccounts(state: AccountIndexState): void {
    attempt(() => this.#journal.putDaemonState(ACCOUNTS, state));
  }

  history(name: string): EventHistory {
    return new JournalHistory(this.#journal, name);
  }

  transitions(name: string): TransitionStore {
    const key = transitionsOf(name);
    return {
      recall: () => (this.#journal.daemonState(key) as readonly StoredTransition[] | undefined) ?? [],
      keep: (transitions) => void attempt(() => this.#journal.putDaemonState(key, transitions)),
    };
  }

  recallConsumers(stream: string): KeptConsumers | undefined {
    return this.#journal.daemonState(consumersOf(stream)) as KeptConsumers | undefined;
  }

  keepConsumers(stream: string, consumers: KeptConsumers): Promise<void> {
    return attempt(() => this.#journal.putDaemonState(consumersOf(stream), consumers)).synced;
  }

  /** Events of a turn that was refused are `owed`: they go with the next one, so that none is missing. */
  #commit(name: string, { events, state, urgent }: Turn, owed: JournalEvent[]): { readonly synced: Promise<void> } {
    owed.push(...events.map((event) => toPlain(event) as JournalEvent));
    return attempt(() => {
      const commit = this.#journal.commit(name, { events: owed, state: toStored(state()) }, { urgent });
      owed.length = 0;
      return commit;
    });
  }
}

/** Where too much waits to be written already, what was done stands, and is told as not durable. */
function attempt(commit: () => Commit): { readonly synced: Promise<void> } {
  try {
    return commit();
  } catch (error) {
    const synced = Promise.reject(error instanceof Error ? error : new Error(String(error)));
    // Not everybody listens.
    synced.catch(() => {});
    return { synced };
  }
}

/** For a bounded run, which keeps nothing. */
export const NO_MEMORY: Memory = {
  turns: () => ({ commit: () => undefined }),
  recall: () => undefined,
  reserve: () => undefined,
  rows: () => [],
  remember: () => Promise.resolve(),
  forget: () => Promise.resolve(),
  recallBook: () => undefined,
  keepBook: () => undefined,
  recallAccounts: () => undefined,
  keepAccounts: () => undefined,
  history: () => undefined,
  transitions: () => ({ recall: () => [], keep: () => undefined }),
  recallConsumers: () => undefined,
  keepConsumers: () => Promise.resolve(),
};
