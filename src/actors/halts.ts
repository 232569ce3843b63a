/**
 * Halting and resuming one strategy. The order is fixed: the gate closes in this turn, the record
 * is written and synced, and only then is anybody told.
 */
import type { HaltEvent } from '../domain/events.ts';
import type { HaltResult, Rebase, ResumePreview, ResumeRequest, ResumeResult } from '../domain/ports.ts';
import { iso } from '../domain/time.ts';
import type { HaltCauseView } from '../domain/risk-views.ts';
import { STRATEGY_STATES, type StrategyState } from '../domain/strategy-states.ts';
import { QktError } from '../errors.ts';
import type { Figures } from '../observe/status-view.ts';
import type { Breach } from '../risk/breach.ts';
import type { Logger } from './log-sink.ts';
import { logHalt, logResume } from './order-log.ts';
import { STOPPING, type StrategyActor } from './strategy-actor.ts';
import type { StrategyBook } from './strategy-book.ts';
import type { StrategyRisk } from './strategy-risk.ts';

/** A cause before it has its id, its time and the figures around it. */
export type NewCause = Omit<
  HaltCauseView,
  'causeId' | 'since' | 'equity' | 'positions' | 'cancelled' | 'left' | 'restored' | 'durable'
>;

/** What of it must survive a restart. */
interface HaltState {
  readonly count: number;
  readonly causes: readonly HaltCauseView[];
}

export type HaltScope = 'strategy' | 'book';

const FLATTEN_STOPPED_MS = 30_000;
/** States in which a resume is taken: one of the book lifts its causes where nothing runs as well. */
const RESUMED_IN: Readonly<Record<HaltScope, ReadonlySet<StrategyState>>> = {
  strategy: new Set(['halted']),
  book: new Set(['halted', 'stopped', 'failed']),
};
const NOT_HALTING = STRATEGY_STATES.filter((state) => state !== 'halting');

/** The strategy that is halted and resumed. */
export interface HaltScene {
  readonly name: string;
  readonly actor: StrategyActor;
  readonly book: StrategyBook;
  readonly risk: StrategyRisk;
  readonly log: Logger;
  view(): Figures;
}

export class Halts {
  readonly #runtime: HaltScene;
  #count = 0;
  /** In force; the machine learns of a change once it is on disk. */
  #causes: readonly HaltCauseView[] = [];
  /** The resume that is under way. */
  #resuming: Promise<void> | undefined;

  constructor(runtime: HaltScene) {
    this.#runtime = runtime;
  }

  get causes(): readonly HaltCauseView[] {
    return this.#causes;
  }

  save(): HaltState {
    return { count: this.#count, causes: this.#causes };
  }

  restore(state: unknown): void {
    const { count, causes } = state as HaltState;
    this.#count = count;
    this.#causes = causes.map((cause) => ({ ...cause, restored: true }));
  }

  /** Halts that were brought back are told again, as what they are. */
  announceRestored(): void {
    const { book } = this.#runtime;
    for (const cause of this.#causes)
      if (cause.restored === true) {
        book.record({ ...haltEvent(cause), restored: true });
        this.#logOnceStored(cause);
      }
  }

  /** Rules that are in force as causes. */
  get rulesInForce(): readonly string[] {
    return this.#causes.flatMap(({ ruleId = [] }) => ruleId);
  }

  /** Accepted in every state; settles when the working entries are dealt with. */
  async halt(cause: NewCause): Promise<HaltResult> {
    const { actor, book } = this.#runtime;
    book.desk.closeGate(`halted: ${cause.reason}`);
    const before = book.desk.takenBack;
    const recorded = this.#record(cause);
    book.commits.urgent();
    const durable = await book.commits.settle();
    actor.send({ type: 'HALT', cause: { ...recorded, durable } });
    if (cause.onBreach === 'flatten') this.#flattenStopped();
    await actor.reached(...NOT_HALTING);
    const { haltCauses, haltLeft } = actor.snapshot().context;
    const cancelled = book.desk.takenBack - before;
    return { state: actor.state(), halted: true, causes: haltCauses, cancelled, left: haltLeft, durable };
  }

  /** One that is stopped, or being stopped, closes what it still holds in the way of a stop: nothing else of it runs. */
  #flattenStopped(): void {
    const { actor, book } = this.#runtime;
    const state = actor.state();
    const ends = state === 'stopped' || STOPPING.has(state);
    if (!ends || book.ledger.positions().length === 0) return;
    actor.send({ type: 'STOP', by: 'risk', flatten: true, timeoutMs: FLATTEN_STOPPED_MS });
  }

  /** A rule has tripped: the gate is closed before this returns. */
  async trip(breach: Breach): Promise<void> {
    await this.halt({ ...breach, by: null });
  }

  /** Does a cause in force ask for the positions to be closed? */
  get asksToFlatten(): boolean {
    return this.#causes.some(({ onBreach }) => onBreach === 'flatten');
  }

  /** The limits of yesterday may trip anew, and their halts are lifted. */
  newDay(): void {
    const { risk } = this.#runtime;
    risk.lift(risk.liftedByNewDay());
    this.liftOutlived();
  }

  /**
   * Lifts the halts of an earlier day's limits, where every cause in force asks for it: a person's
   * halt stays. A strategy that is in no state to be resumed is, once it is halted again.
   */
  liftOutlived(): void {
    const { book, log } = this.#runtime;
    // While it is being restored there is no actor yet: it begins without these causes.
    const actor = this.#runtime.actor as StrategyActor | undefined;
    const isOver = ({ autoResume, since }: HaltCauseView): boolean =>
      autoResume === 'nextDay' && Date.parse(since) < book.dayStart;
    const outlived = this.#causes;
    if (outlived.length === 0 || !outlived.every(isOver)) return;
    if (actor !== undefined && actor.state() !== 'halted') return;
    this.#causes = [];
    const reason = 'a new trading day has begun';
    book.record({ type: 'resume', reason, by: 'daemon', lifted: outlived.map(({ causeId }) => causeId) });
    book.commits.announce((durable) => {
      const logIt = (): void => logResume(log, reason, 'daemon', this.#causes);
      if (actor === undefined) return logIt();
      // What could not be written holds no more than a person's resume would. And where it was lost meanwhile, its
      // next start ends halted, and then they are lifted.
      if (!durable || actor.state() !== 'halted') return this.#putBack(outlived);
      for (const scope of new Set(outlived.map((cause) => cause.scope)))
        actor.send({ type: 'RESUME', by: 'daemon', reason, scope });
      logIt();
    });
  }

  /** @param scope whose causes the resume lifts: a strategy's does not lift the book's. */
  preview(rebase: Rebase, scope: HaltScope = 'strategy'): ResumePreview {
    const { orders } = this.#runtime.view();
    const remains = this.#causes.filter((cause) => cause.scope !== scope);
    // What has tripped already and stays in force does not trip again.
    const { wouldTrip, headroom } = this.#runtime.risk.preview(
      rebase,
      remains.flatMap(({ ruleId = [] }) => ruleId),
    );
    return {
      wouldResume: this.takesResume(scope) && remains.length === 0 && wouldTrip.length === 0,
      wouldTrip,
      remains,
      headroom,
      workingOrders: orders.filter(({ status }) => status !== 'unknown'),
      unknownOrders: orders.filter(({ status }) => status === 'unknown'),
      rebase,
    };
  }

  /** Can a resume lift causes of this scope in the state that it is in? */
  takesResume(scope: HaltScope): boolean {
    return RESUMED_IN[scope].has(this.#runtime.actor.state());
  }

  /** One at a time: what the second one finds is what the first one has come to. */
  async resume(request: ResumeRequest, scope: HaltScope = 'strategy'): Promise<ResumeResult> {
    while (this.#resuming !== undefined) await this.#resuming;
    const resuming = this.#resume(request, scope);
    const over = (): void => {
      this.#resuming = undefined;
    };
    this.#resuming = resuming.then(over, over);
    return resuming;
  }

  async #resume({ by, reason, rebase }: ResumeRequest, scope: HaltScope): Promise<ResumeResult> {
    const { actor, book, log, name, risk } = this.#runtime;
    // A halt that nobody has been told of yet is told first: no resume is about what its giver cannot know.
    if (!this.#isTold()) await book.commits.settle();
    const state = actor.state();
    if (!this.takesResume(scope))
      throw new QktError('QKT_E_STATE', `${name} is ${state}: only a halted strategy is resumed`, {
        allowed: actor.allowed(),
        members: { state },
      });
    const preview = this.preview(rebase, scope);
    this.#refuse(preview, scope);
    if (rebase === 'peak') book.equity.rebasePeak();
    if (rebase === 'day') {
      book.equity.startDay();
      book.history.rebase();
    }
    const before = this.#causes;
    const lifted = before.filter((cause) => cause.scope === scope);
    this.#causes = before.filter((cause) => cause.scope !== scope);
    // In the turn of the causes: what no halt is in force for is judged, by whoever reads this from the disk as well.
    risk.liftAllBut(this.rulesInForce);
    book.record({ type: 'resume', reason, by, lifted: lifted.map(({ causeId }) => causeId) });
    const durable = await book.commits.settle();
    const isOvertaken = this.#causes.some((cause) => !before.includes(cause));
    if (!durable || isOvertaken || !this.takesResume(scope)) {
      // It was halted anew, lost, or started, while the resume went to disk: the newer word holds.
      this.#putBack(lifted);
      await book.commits.settle();
      if (!durable) throw new QktError('QKT_E_JOURNAL_FAILED', `${name} stays halted: the resume could not be written`);
      return { state: actor.state(), halted: true, lifted: [], headroom: preview.headroom };
    }
    actor.send({ type: 'RESUME', by, reason, scope });
    logResume(log, reason, by, this.#causes);
    risk.judge();
    return { state: actor.state(), halted: this.#causes.length > 0, lifted, headroom: preview.headroom };
  }

  #isTold(): boolean {
    const told = new Set(this.#runtime.actor.snapshot().context.haltCauses.map(({ causeId }) => causeId));
    return this.#causes.every(({ causeId }) => told.has(causeId));
  }

  /** @throws QktError where a resume would not do what it says */
  #refuse(preview: ResumePreview, scope: HaltScope): void {
    const { remains, wouldTrip } = preview;
    if (scope === 'strategy' && remains.length > 0)
      throw new QktError('QKT_E_BOOK_HALT', `a halt of the whole book is in force: ${remains[0]!.reason}`, {
        members: { preview },
      });
    if (wouldTrip.length === 0) return;
    const rules = wouldTrip.map(({ rule }) => rule).join(', ');
    throw new QktError('QKT_E_WOULD_TRIP', `${rules} would halt it again at once`, { members: { preview } });
  }

  /** Causes whose lifting did not come about are in force as before, and said so. Their rules may trip anew. */
  #putBack(causes: readonly HaltCauseView[]): void {
    const { book } = this.#runtime;
    this.#causes = [...causes, ...this.#causes];
    for (const cause of causes) book.record(haltEvent(cause));
    book.commits.urgent();
  }

  #record(cause: NewCause): HaltCauseView {
    const { book, name } = this.#runtime;
    this.#count += 1;
    const asked = book.desk.cancelEntries(`halted by ${cause.rule}`);
    const left = book.desk.workingEntries();
    const recorded = {
      ...cause,
      cancelled: asked.filter((id) => !left.includes(id)),
      left,
      causeId: `${name}-h${this.#count}`,
      since: iso(book.options.market.clock.now()),
      equity: book.equity.equity() ?? null,
      positions: book.ledger.positions().map(({ symbol, qty }) => ({ symbol, qty })),
    };
    this.#causes = [...this.#causes, recorded];
    book.record(haltEvent(recorded));
    this.#logOnceStored(recorded);
    return recorded;
  }

  #logOnceStored(cause: HaltCauseView): void {
    const { book, log } = this.#runtime;
    book.commits.announce((durable) => logHalt(log, { ...cause, durable }));
  }
}

function haltEvent({ causeId, rule, scope, reason, by, measured, limit }: HaltCauseView): HaltEvent {
  return {
    type: 'halt',
    causeId,
    rule,
    scope,
    reason,
    by,
    ...(measured !== undefined && { measured }),
    ...(limit !== undefined && { limit }),
  };
}
