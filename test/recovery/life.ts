/**
 * One life of a daemon's strategy between two crashes, in process: the real book, runtime and journal on a
 * virtual clock. What survives it are the disk, the market, and what a watcher has seen.
 */
import { closeSync, copyFileSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromPromise } from 'xstate';
import { VirtualClock } from '../../src/clock.ts';
import type { Turn, TurnStore } from '../../src/actors/commit-queue.ts';
import type { Logger } from '../../src/actors/log-sink.ts';
import type { Halts } from '../../src/actors/halts.ts';
import { JournalMemory, type Recalled } from '../../src/actors/memory.ts';
import type { BookState } from '../../src/actors/book-types.ts';
import { StrategyBook } from '../../src/actors/strategy-book.ts';
import type { DeadlineInput } from '../../src/actors/strategy-events.ts';
import { StrategyRuntime } from '../../src/actors/strategy-runtime.ts';
import { createSupervisorActor } from '../../src/actors/supervisor-actor.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { Tick } from '../../src/domain/market.ts';
import { createPrng, type Prng } from '../../src/domain/prng.ts';
import { riskOf } from '../../src/risk/risk-settings.ts';
import type { CompiledStrategy } from '../../src/worker/compile.ts';
import type { Journal } from '../../src/store/journal.ts';
import { fromStored, toStored } from '../../src/store/stored.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { mayOpen } from '../../src/streams/order-store.ts';
import { PaperAccount } from '../../src/venues/paper.ts';
import { instrument } from '../doubles/engine.ts';
import { data } from '../store/journal-fixture.ts';
import { BusyGuest, DEFINITION } from './busy-guest.ts';
import { ScriptedMarket } from './scripted-market.ts';

export const NAME = 's';
export const VENUE = 'paper';
export const BALANCE = dec(1000);
export const INSTRUMENTS = new Map([['X', instrument('X')]]);
const META_BYTES = 2 * 4096;
const NOTHING = (): Promise<unknown> => Promise.resolve();
const ROLLOVER = { hour: 0, minute: 0, zone: 'UTC' };
const NO_LOG = new Proxy({} as Logger, { get: () => () => {} });
export const RULES = [
  { rule: 'maxDrawdown', limit: 0.02, basis: 'peak' },
  { rule: 'maxDailyLoss', limit: 15 },
  { rule: 'maxLosingStreak', limit: 6 },
] as const;
const RISK = riskOf({ gate: { maxOrderQty: 50 }, halt: RULES }, { gate: {}, halt: [], book: [], strategies: {} }, NAME);

/** {@link BusyGuest} is no file. */
const COMPILED: CompiledStrategy = {
  moduleUrl: 'busy',
  file: 'busy.ts',
  hash: '0',
  source: { file: 'busy.ts', text: '' },
  mapError: ({ message }) => ({ message, location: { file: 'busy.ts' } }),
};

export interface Conditions {
  readonly journal: Journal;
  /** Of the journal. */
  readonly dir: string;
  readonly now: number;
  readonly quotes: readonly Tick[];
  readonly prng: Prng;
  readonly seed: number;
  readonly recalled: Recalled | undefined;
}

/** The parts of a state that a restart must bring back to the letter. */
export const heldParts = ({ ledger, desk, account, trades }: BookState): string =>
  textOf({ ledger, desk, account, trades });

/** Those of them that a halt leaves alone: it takes back entries and waiting layers. */
export const keptByHalt = ({ ledger, desk, trades }: BookState): string =>
  textOf({ ledger, trades, orders: desk.orders.filter(({ role }) => !mayOpen(role)) });

/** Every part written out, those as well that are packed because they are frozen. */
function textOf(parts: object): string {
  return JSON.stringify(toStored(fromStored(toStored(parts))));
}

export class Life {
  readonly clock: VirtualClock;
  readonly market: ScriptedMarket;
  readonly book: StrategyBook;
  readonly runtime: StrategyRuntime;
  readonly memory: JournalMemory;
  readonly journal: Journal;
  readonly #dir: string;
  /** Ids of the halts that the disk held. */
  readonly restoredCauses: readonly string[];
  /** Ids of orders as they went to the venue. */
  readonly sent: string[] = [];
  /** What each turn left, and how many of them are known to be on disk. */
  readonly turns: string[] = [];
  durable = 0;
  /** Somebody can look at it. */
  shown = false;
  /** What comes after is seen by nobody. */
  crashed = false;
  /** Called as a turn is handed to the journal. */
  onCommit: () => void = () => {};

  constructor({ journal, dir, now, quotes, prng, seed, recalled }: Conditions) {
    this.#dir = dir;
    const halts = recalled?.state?.parts['halts'] as Pick<Halts, 'causes'> | undefined;
    this.restoredCauses = (halts?.causes ?? []).map(({ causeId }) => causeId);
    this.journal = journal;
    this.memory = new JournalMemory(journal);
    this.clock = new VirtualClock(now);
    this.market = new ScriptedMarket(this.clock, INSTRUMENTS, quotes);
    const events = new EventRings({
      strategy: NAME,
      clock: this.clock,
      start: recalled?.nextSeq ?? 1,
      journalStart: recalled?.nextJournalSeq ?? 1,
    });
    const latencyMs = prng.next() < 0.5 ? 0 : 700;
    this.book = new StrategyBook({
      name: NAME,
      venue: VENUE,
      market: this.market,
      currency: 'USD',
      startingBalance: BALANCE,
      instruments: INSTRUMENTS,
      rates: new Map(),
      rollover: ROLLOVER,
      events,
      store: this.#watched(this.memory.turns(NAME)),
      remembered: RISK.remembered,
      gatewayReady: () => true,
      takesExits: () => true,
      openAccount: ({ report }) => {
        const options = { latencyMs, slippagePoints: 1, rejectionRate: 0.05, partialFillRate: 0.3 };
        const account = new PaperAccount(
          { ...options, commissionPerLot: dec('0.01') },
          {
            clock: this.clock,
            prng: createPrng(`${seed}:paper`),
            instrument: (symbol) => INSTRUMENTS.get(symbol),
            quote: (symbol) => this.market.quote(symbol),
            account: NAME,
            report,
          },
        );
        const submit = account.submit.bind(account);
        account.submit = (order) => {
          this.sent.push(order.id);
          submit(order);
        };
        return account;
      },
    });
    const supervisor = createSupervisorActor({
      clock: this.clock,
      onFault: () => undefined,
      ports: {
        actors: { open: fromPromise<unknown, void>(NOTHING), close: fromPromise<unknown, DeadlineInput>(NOTHING) },
      },
    });
    this.runtime = new StrategyRuntime({
      name: NAME,
      deployment: { compiled: COMPILED, definition: DEFINITION, params: {} },
      book: this.book,
      recalled: recalled?.state,
      risk: () => RISK,
      reserve: (upTo) => this.memory.reserve(NAME, upTo),
      clock: this.clock,
      createHost: () => new BusyGuest(prng, prng.next() < 0.5),
      spawn: (options) => supervisor.spawn(options),
      log: NO_LOG,
      onTransition: () => {},
    });
  }

  /** The disk at this moment, as a killed process would leave it. */
  crash(to: string): void {
    this.crashed = true;
    mkdirSync(dirname(data(to)), { recursive: true, mode: 0o700 });
    // LMDB's two meta pages last and as they were first: a write that ends meanwhile has not happened.
    const from = openSync(data(this.#dir), 'r');
    const meta = Buffer.alloc(META_BYTES);
    readSync(from, meta, 0, META_BYTES, 0);
    closeSync(from);
    copyFileSync(data(this.#dir), data(to));
    const copy = openSync(data(to), 'r+');
    writeSync(copy, meta, 0, META_BYTES, 0);
    closeSync(copy);
  }

  #watched(store: TurnStore): TurnStore {
    return {
      commit: (turn: Turn) => {
        const state = turn.state() as BookState;
        this.turns.push(heldParts(state));
        const place = this.turns.length;
        const committed = store.commit({ ...turn, state: () => state })!;
        committed.synced.then(
          () => (this.durable = Math.max(this.durable, place)),
          () => {},
        );
        this.onCommit();
        return committed;
      },
    };
  }
}
