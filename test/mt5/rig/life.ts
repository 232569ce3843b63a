/**
 * One life of a daemon between two crashes, in process and on a virtual clock: the venue with its gateway's actor,
 * client and trading core, and the books and runtimes of its strategies. What survives it are the broker, the disks
 * and the clock.
 */
import { fromPromise } from 'xstate';
import type { VirtualClock } from '../../../src/clock.ts';
import type { Logger } from '../../../src/actors/log-sink.ts';
import { Mt5Venue } from '../../../src/actors/mt5-venue.ts';
import { StrategyBook } from '../../../src/actors/strategy-book.ts';
import type { DeadlineInput } from '../../../src/actors/strategy-events.ts';
import { StrategyRuntime } from '../../../src/actors/strategy-runtime.ts';
import { createSupervisorActor, type SupervisorActor } from '../../../src/actors/supervisor-actor.ts';
import type { Mt5VenueConfig } from '../../../src/config/mt5-venue.ts';
import { dec } from '../../../src/domain/decimal.ts';
import type { Instrument } from '../../../src/domain/market.ts';
import type { Prng } from '../../../src/domain/prng.ts';
import { riskOf } from '../../../src/risk/risk-settings.ts';
import { EventRings } from '../../../src/streams/event-rings.ts';
import type { CompiledStrategy } from '../../../src/worker/compile.ts';
import type { Broker } from './broker.ts';
import type { StrategyDisk } from './disk.ts';
import { MortalClock } from './mortal-clock.ts';
import type { Strike } from './strike.ts';
import { definitionOf, Trader, type Traded } from './trader.ts';

const NOTHING = (): Promise<unknown> => Promise.resolve();
const NO_LOG = new Proxy({} as Logger, { get: () => () => undefined });
const NO_RISK = { gate: {}, halt: [], book: [], strategies: {} };
const SLOWEST_SYNC_MS = 30;

/** A trader is no file. */
const COMPILED: CompiledStrategy = {
  moduleUrl: 'trader',
  file: 'trader.ts',
  hash: '0',
  source: { file: 'trader.ts', text: '' },
  mapError: ({ message }) => ({ message, location: { file: 'trader.ts' } }),
};

export const VENUE = 'exness';
export const MAGIC = 10_001;

const CONFIG: Mt5VenueConfig = {
  type: 'mt5',
  name: VENUE,
  profile: 'exness',
  gatewayUrl: 'http://127.0.0.1:5001',
  suffix: 'm',
  aliases: {},
  magic: MAGIC,
  clock: 'utc',
  pollMs: 1000,
  deviation: 20,
  expect: { login: 4_410_021 },
  // Whatever differs is shown, and the session goes on.
  reconcile: { position: 'ignore', protectionMissing: 'ignore', protectionMoved: 'adopt', foreign: 'ignore' },
  maintenance: [],
};

/** A strategy that outlives its daemon. */
export interface Hosted {
  readonly disk: StrategyDisk;
  readonly traded: readonly Traded[];
}

export interface LifeOptions {
  readonly clock: VirtualClock;
  readonly broker: Broker;
  readonly strategies: ReadonlyMap<string, Hosted>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly prng: Prng;
  readonly strike: Strike;
  /** Do the strategies trade now? */
  readonly active: () => boolean;
}

export class Life {
  readonly clock: MortalClock;
  readonly venue: Mt5Venue;
  readonly runtimes: ReadonlyMap<string, StrategyRuntime>;
  readonly #options: LifeOptions;
  #isAlive = true;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.clock = new MortalClock(options.clock);
    this.venue = this.#openVenue();
    const supervisor = createSupervisorActor({
      clock: this.clock,
      onFault: () => undefined,
      ports: {
        actors: { open: fromPromise<unknown, void>(NOTHING), close: fromPromise<unknown, DeadlineInput>(NOTHING) },
      },
    });
    this.runtimes = new Map(
      [...options.strategies].map(([name, hosted]) => [name, this.#recover(name, hosted, supervisor)] as const),
    );
  }

  /** As the daemon does it: the strategies of before are there, then their venue, then they run. */
  async start(): Promise<void> {
    this.venue.start();
    this.venue.settled();
    this.venue.market.open();
    const started = [...this.runtimes.values()].map(async ({ book, actor }) => {
      await book.commits.settle();
      if (this.#isAlive) actor.send({ type: 'START', by: 'daemon' });
    });
    await Promise.all(started);
  }

  /** As by SIGKILL. */
  kill(): void {
    this.#isAlive = false;
    this.clock.die();
  }

  #openVenue(): Mt5Venue {
    const { broker, instruments } = this.#options;
    return new Mt5Venue(CONFIG, {
      clock: this.clock,
      instruments,
      sessions: new Map(),
      currency: 'USD',
      onTransition: () => undefined,
      onMachineFault: () => undefined,
      onDifference: () => undefined,
      onFault: (_venue, strategy, reason) => {
        throw new Error(`fault in the account of ${strategy}: ${reason}`);
      },
      transport: broker.transport(() => this.#isAlive),
    });
  }

  #recover(name: string, { disk, traded }: Hosted, supervisor: SupervisorActor): StrategyRuntime {
    const { instruments, prng, strike, active } = this.#options;
    const { clock, venue } = this;
    const { state, next } = disk;
    const events = new EventRings({ strategy: name, clock, start: next.seq, journalStart: next.journalSeq });
    const syncMs = (): number => Math.floor(prng.next() * SLOWEST_SYNC_MS);
    const definition = definitionOf(name, traded);
    const risk = riskOf(definition.risk, NO_RISK, name);
    const book = new StrategyBook({
      name,
      venue: venue.name,
      market: venue.market,
      currency: 'USD',
      startingBalance: dec(10_000),
      instruments,
      rates: new Map(),
      rollover: { hour: 0, minute: 0, zone: 'UTC' },
      events,
      store: disk.store(clock, syncMs, strike),
      remembered: risk.remembered,
      openAccount: (links) => venue.openAccount(name, links),
      gatewayReady: () => venue.gateway.takes('entries'),
      takesExits: () => venue.gateway.takes('exits'),
    });
    venue.gateway.notices$.subscribe((notice) => book.record(notice));
    return new StrategyRuntime({
      name,
      deployment: { compiled: COMPILED, definition, params: {} },
      book,
      recalled: state,
      risk: () => risk,
      reserve: (upTo) => disk.reserve(upTo),
      clock,
      createHost: () => new Trader({ name, traded, prng, active }),
      spawn: (spawned) => supervisor.spawn(spawned),
      log: NO_LOG,
      onTransition: () => undefined,
    });
  }
}
