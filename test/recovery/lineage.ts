/** One strategy through many crashes: each life begins with what the disk held at the last one's end. */
import { expect } from 'vitest';
import { JournalMemory, type RegistryRow } from '../../src/actors/memory.ts';
import type { Tick } from '../../src/domain/market.ts';
import type { Order } from '../../src/domain/orders.ts';
import { createPrng, type Prng } from '../../src/domain/prng.ts';
import { EventLog } from '../../src/streams/event-log.ts';
import type { Journals } from '../store/journal-fixture.ts';
import { DEFINITION } from './busy-guest.ts';
import { proveHalt } from './halt-proof.ts';
import { heldParts, keptByHalt, Life, NAME, VENUE } from './life.ts';
import { Witness } from './witness.ts';

/**
 * When a life ends: in the middle of a turn, some microtasks or event-loop turns later, as a turn is handed to the
 * journal (committed, not written), as a write reaches the disk (synced, not announced), or while it still starts.
 */
export const MOMENTS = ['turn', 'micro', 'macro', 'commit', 'synced', 'opening', 'starting'] as const;
export type Moment = (typeof MOMENTS)[number];

const HALF_HOUR = 1_800_000;
/** So that the trading day ends within the first lives. */
const START = Date.UTC(2024, 0, 10, 23, 50);
const MOST_STEPS = 40;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Lineage {
  readonly #journals: Journals;
  readonly #prng: Prng;
  readonly #witness = new Witness();
  readonly #seed: number;
  #dir: string;
  #now = START;
  #price = 100;
  #quotes: readonly Tick[] = [];
  /** How often it has traded, halted and so on: a run in which nothing happens shows nothing. */
  readonly seen = { fills: 0, halts: 0, resumes: 0, layers: 0, protected: 0, working: 0, stops: 0 };

  constructor(journals: Journals, seed: number) {
    this.#journals = journals;
    this.#seed = seed;
    this.#prng = createPrng(seed);
    this.#dir = journals.directory();
  }

  /** Lives until that moment, then crashes; the disk is held to what was seen when the next life begins. */
  async crash(moment: Moment): Promise<void> {
    const journal = await this.#journals.open(this.#dir);
    const recalled = new JournalMemory(journal).recall(NAME);
    this.#witness.judge(journal, recalled, this.#now);
    const dir = this.#journals.directory();
    const life = new Life({
      journal,
      dir: this.#dir,
      now: this.#now,
      quotes: this.#quotes,
      prng: this.#prng,
      seed: this.#seed,
      recalled,
    });
    if (recalled?.state !== undefined) {
      // Rules are judged before anything else happens: one that is breached by what came back has halted by now.
      const kept = life.runtime.halts.causes.length > life.restoredCauses.length ? keptByHalt : heldParts;
      expect(kept(life.book.save())).toBe(kept(recalled.state));
    }
    await this.#live(life, moment, () => {
      if (life.crashed) return;
      if (life.shown) this.#witness.see(life);
      else this.#witness.missed(life);
      life.crash(dir);
    });
    this.#now = life.clock.now();
    this.#quotes = [...life.market.quotes().values()];
    this.#count(life);
    await this.#journals.close(journal);
    life.runtime.dispose();
    this.#dir = dir;
  }

  async #live(life: Life, moment: Moment, crash: () => void): Promise<void> {
    if (moment === 'opening') {
      await this.#hop(life, this.#below(4));
      return crash();
    }
    // As the fleet does before it opens a strategy's port.
    await life.book.commits.settle();
    life.shown = true;
    life.runtime.actor.send({ type: 'START', by: 'daemon' });
    const early = moment === 'starting';
    const steps = early ? 0 : 2 + this.#below(MOST_STEPS);
    if (!early) await this.#started(life);
    let left = 1 + this.#below(3 * MOST_STEPS);
    if (moment === 'commit') life.onCommit = () => void (--left === 0 && crash());
    if (moment === 'synced') life.journal.syncs$.subscribe(() => void (--left % MOST_STEPS === 0 && crash()));
    for (let step = 0; step < steps && !life.crashed; step++) {
      this.#witness.see(life);
      this.#operate(life);
      this.#tick(life);
      if (step < steps - 1 || moment !== 'turn') await this.#hop(life, this.#below(5));
    }
    if (moment === 'micro' || early) for (let hops = this.#below(12); hops > 0; hops--) await Promise.resolve();
    if (moment === 'macro' || early) for (let turns = this.#below(4); turns > 0; turns--) await nextTurn();
    crash();
  }

  /** Until the guest has come up; a restored halt is told as restored by then, and a new one has its proof. */
  async #started(life: Life): Promise<void> {
    const { runtime, clock, book, journal } = life;
    for (let i = 0; i < 1000 && !['trading', 'halted'].includes(runtime.actor.state()); i++) {
      clock.advanceBy(30);
      await journal.flush();
      await nextTurn();
    }
    const { causes } = runtime.halts;
    expect(runtime.actor.state()).toBe(causes.length > 0 ? 'halted' : 'trading');
    await journal.flush();
    await nextTurn();
    const restored = causes.filter((cause) => cause.restored === true);
    expect(restored.map(({ causeId }) => causeId)).toEqual(life.restoredCauses);
    for (const cause of causes.slice(restored.length)) proveHalt(cause, life, this.#now);
    if (causes.length === 0) return;
    const { items } = new EventLog(book.options.events).read(undefined, { types: new Set(['halt']), limit: 100 });
    const told = items.flatMap((event) => (event.type === 'halt' && event.restored === true ? event.causeId : []));
    expect(told).toEqual(life.restoredCauses);
    const asked = book.desk.orders().filter(({ role }) => role === 'entry' || role === 'stackLayer');
    const held = book.ledger.positions()[0]?.qty.sign() ?? 0;
    // What only closes stays: the author's own stops and targets.
    const closes = ({ reduceOnly, side }: Order): boolean => reduceOnly === true && held === (side === 'SELL' ? 1 : -1);
    expect(
      asked.filter((order) => !closes(order)),
      'entries that work while it is halted',
    ).toEqual([]);
  }

  #tick({ clock, market }: Life): void {
    const ms = this.#below(100) === 0 ? HALF_HOUR : 50 + this.#below(1500);
    clock.advanceBy(ms);
    this.#price = Math.min(130, Math.max(70, this.#price + (this.#prng.next() - 0.5) * 0.4));
    const bid = Number(this.#price.toFixed(2));
    market.give({ symbol: 'X', ts: clock.now(), bid, ask: Number((bid + 0.02).toFixed(2)) });
  }

  /** How much of what is under way comes to its end before the next tick. */
  async #hop(life: Life, how: number): Promise<void> {
    if (how === 0) return;
    if (how === 1) await Promise.resolve();
    else if (how < 4) await nextTurn();
    else {
      await life.journal.flush();
      await nextTurn();
    }
  }

  /** What people do to it. */
  #operate(life: Life): void {
    const { runtime } = life;
    const { halts, actor } = runtime;
    const draw = this.#below(100);
    const by = 'tester';
    if (draw < 2) void halts.halt({ rule: 'manual', scope: 'strategy', reason: 'a look at it', by });
    else if (draw < 4 && actor.state() === 'trading') {
      this.seen.stops += 1;
      actor.send({ type: 'STOP', by, flatten: draw === 3, timeoutMs: 10_000 });
    } else if (draw < 7) this.#remember(life);
    else if (draw < 40 && actor.state() === 'halted') this.#resume(life);
    if (actor.state() === 'stopped') actor.send({ type: 'START', by });
  }

  #resume(life: Life): void {
    const { runtime } = life;
    if (this.#witness.resuming !== undefined) return;
    const rebase = (['none', 'peak', 'day'] as const)[this.#below(3)]!;
    this.#witness.resumes(rebase);
    const done = (resumed: boolean): void => {
      if (life.crashed) return;
      this.#witness.resuming = undefined;
      if (resumed) this.seen.resumes += 1;
    };
    runtime.halts.resume({ by: 'tester', reason: 'looked at it', rebase }).then(
      () => done(true),
      () => done(false),
    );
  }

  #remember(life: Life): void {
    if (this.#witness.nextRow !== undefined) return;
    const row: RegistryRow = {
      name: NAME,
      file: 'busy.ts',
      moduleUrl: 'busy',
      hash: '0',
      definition: DEFINITION,
      params: {},
      venue: VENUE,
      port: 20_000 + this.#below(1000),
      desired: this.#below(2) === 0 ? 'running' : 'stopped',
    };
    this.#witness.nextRow = row;
    void life.memory.remember(row).then(() => {
      if (!life.crashed) Object.assign(this.#witness, { row, nextRow: undefined });
    });
  }

  #count({ book, runtime }: Life): void {
    const orders = book.desk.orders();
    this.seen.fills = book.trades.total;
    this.seen.halts += runtime.halts.causes.length;
    this.seen.layers += book.desk.waitingLayers().length;
    this.seen.protected += orders.filter(({ role }) => role === 'stopLoss' || role === 'takeProfit').length;
    this.seen.working += orders.length;
  }

  #below(n: number): number {
    return Math.floor(this.#prng.next() * n);
  }
}
