/** What a watcher has been told by a strategy over all its lives, and whether the disk still knows it after a crash. */
import { expect } from 'vitest';
import type { Halts } from '../../src/actors/halts.ts';
import type { RegistryRow } from '../../src/actors/memory.ts';
import type { BookState } from '../../src/actors/book-types.ts';
import type { Recalled } from '../../src/actors/memory.ts';
import { dec, type Decimal } from '../../src/domain/decimal.ts';
import { isGap, TRADING_EVENT_TYPES } from '../../src/domain/events.ts';
import { toPlain } from '../../src/domain/json.ts';
import type { MonitorState } from '../../src/risk/monitor.ts';
import type { JournalEvent } from '../../src/store/journal-types.ts';
import type { Journal } from '../../src/store/journal.ts';
import { EventLog } from '../../src/streams/event-log.ts';
import { fold } from './fold.ts';
import { heldParts, NAME, type Life } from './life.ts';

/** Ratios are rounded to 8 places: a peak that is computed back from one is near. */
const NEAR = dec('0.0001');

export class Witness {
  /** The next resume, while it is under way, may have come about or not. */
  resuming: 'none' | 'peak' | 'day' | undefined;
  /** The row of the registry that was promised to be safe, and one that may be. */
  row: RegistryRow | undefined;
  nextRow: RegistryRow | undefined;
  readonly #events = new Map<number, unknown>();
  #seq = 0;
  #trades = 0;
  #realized: Decimal | null | undefined;
  #peak: Decimal | undefined;
  #day: { readonly end: number; readonly reference: Decimal } | undefined;
  #causes: readonly string[] = [];
  /** Halts that were made, and may or may not have reached the disk. */
  #possible: ReadonlySet<string> = new Set();
  /** States that may have been left on the disk; the first is the last one known to be there. */
  #turns: readonly string[] = [];

  /** Looks at what a reader can see now. */
  see({ book, runtime, turns, durable }: Life): void {
    const { events } = book.options;
    const page = new EventLog(events).read(this.#seq, { types: TRADING_EVENT_TYPES, limit: Infinity });
    for (const event of page.items) if (!isGap(event)) this.#events.set(event.journalSeq!, toPlain(event));
    this.#seq = Math.max(this.#seq, events.last());
    const { tradesTotal, realized, equity, drawdown, dailyLoss, asOf } = runtime.view();
    this.#trades = tradesTotal;
    this.#realized = realized;
    if (this.resuming === undefined && equity !== null) {
      if (drawdown !== null) this.#peak = max(this.#peak, equity.dividedBy(dec(1).minus(drawdown)));
      const end = (Math.floor(Date.parse(asOf) / 86_400_000) + 1) * 86_400_000;
      if (dailyLoss !== null && dailyLoss.sign() > 0) this.#day = { end, reference: equity.plus(dailyLoss) };
    }
    this.#causes = runtime.actor.snapshot().context.haltCauses.map(({ causeId }) => causeId);
    this.#possible = new Set([...this.#causes, ...runtime.halts.causes.map(({ causeId }) => causeId)]);
    if (turns.length > 0) this.#turns = durable > 0 ? turns.slice(durable - 1) : [...this.#turns, ...turns];
  }

  /** A life that ended before anybody could look at it: it may have left turns all the same. */
  missed({ turns, runtime }: Life): void {
    this.#turns = [...this.#turns, ...turns];
    this.#possible = new Set([...this.#possible, ...runtime.halts.causes.map(({ causeId }) => causeId)]);
  }

  /** A person takes references anew: the old ones bind nobody any more. */
  resumes(rebase: 'none' | 'peak' | 'day'): void {
    this.resuming = rebase;
    if (rebase === 'peak') this.#peak = undefined;
    if (rebase === 'day') this.#day = undefined;
  }

  /** Holds the disk of a crashed life to what was seen of it. */
  judge(journal: Journal, recalled: Recalled | undefined, now: number): void {
    const kept = [...journal.events(NAME)];
    this.#judgeEvents(kept, recalled);
    this.#judgeRegistry(journal);
    const state = recalled?.state;
    if (state === undefined) {
      expect(this.#trades, 'a state that had trades').toBe(0);
      expect(this.#causes, 'a state that was halted').toEqual([]);
      return;
    }
    judgeFold(kept, state);
    this.#judgeFigures(state, now);
    this.#judgeHalts(state);
    expect(this.#turns.includes(heldParts(state)), 'the state is that of a turn since the last one on disk').toBe(true);
    this.#turns = [heldParts(state)];
  }

  #judgeEvents(kept: readonly JournalEvent[], recalled: Recalled | undefined): void {
    let before = 0;
    for (const [index, event] of kept.entries()) {
      expect(event.journalSeq).toBe(index + 1);
      expect(event.seq).toBeGreaterThan(before);
      before = event.seq;
    }
    for (const [journalSeq, event] of this.#events)
      expect(kept[journalSeq - 1], `event ${journalSeq}, which was announced`).toEqual(event);
    this.#events.clear();
    const next = recalled?.nextSeq ?? 1;
    expect(next, 'the next event number').toBeGreaterThan(Math.max(this.#seq, before));
  }

  #judgeRegistry(journal: Journal): void {
    const row = journal.deployed(NAME) as RegistryRow | undefined;
    if (this.nextRow === undefined) expect(row).toEqual(this.row);
    else expect([this.row, this.nextRow]).toContainEqual(row);
    this.row = row;
    this.nextRow = undefined;
  }

  #judgeFigures({ trades, ledger, equity, dayStart }: BookState, now: number): void {
    expect(trades.total).toBeGreaterThanOrEqual(this.#trades);
    if (trades.total === this.#trades && this.#realized !== undefined && this.#realized !== null)
      expect(ledger.realized.trimmed().toString()).toBe(this.#realized.toString());
    if (this.#peak !== undefined)
      expect(equity.peak.plus(NEAR).compare(this.#peak), `peak ${equity.peak.toString()}, ${this.#peak.toString()} was announced`).toBeGreaterThanOrEqual(0); // prettier-ignore
    const day = this.#day;
    if (day === undefined || day.end !== dayStart + 86_400_000 || now >= day.end) return;
    expect(equity.day.equity?.toString(), "the day's reference").toBe(day.reference.trimmed().toString());
  }

  #judgeHalts({ parts }: BookState): void {
    const { causes } = parts['halts'] as Pick<Halts, 'causes'>;
    const ids = causes.map(({ causeId }) => causeId);
    if (this.resuming === undefined) expect(ids, 'halts that were announced').toEqual(expect.arrayContaining([...this.#causes])); // prettier-ignore
    for (const id of ids) expect(this.#possible, 'a halt that nobody ordered').toContain(id);
    const inForce = causes.map(({ ruleId }) => ruleId);
    const { tripped } = parts['risk'] as MonitorState;
    for (const rule of Object.keys(tripped)) expect(inForce, 'a rule that is not judged is in force').toContain(rule);
    this.resuming = undefined;
    this.#causes = ids;
    this.#possible = new Set(ids);
  }
}

/** The ledger is the fold of the fills. */
function judgeFold(kept: readonly JournalEvent[], state: BookState): void {
  const { booked: _, ...folded } = fold(kept).ledger.save();
  const { booked: __, ...restored } = state.ledger;
  expect(JSON.stringify(toPlain(restored))).toBe(JSON.stringify(toPlain(folded)));
  expect(state.trades.total).toBe(folded.fills);
}

const max = (a: Decimal | undefined, b: Decimal): Decimal => (a === undefined || b.greaterThan(a) ? b : a);
