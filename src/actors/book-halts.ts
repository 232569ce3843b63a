/**
 * Halts of the whole book: tripped by its rules or made by a person, in force as a cause in every
 * strategy, and lifted together. What a rule of the book holds back and what the strategies hold
 * never part: a trip that is not in force everywhere is judged anew.
 */
import type { Clock } from '../clock.ts';
import type { HaltRequest, HaltResult, Rebase, ResumePreview, ResumeRequest, ResumeResult } from '../domain/ports.ts';
import type { HaltCauseView } from '../domain/risk-views.ts';
import { QktError } from '../errors.ts';
import type { Breach } from '../risk/breach.ts';
import type { HaltRule } from '../risk/halt-rule.ts';
import { bookRules, type RiskSettings } from '../risk/risk-settings.ts';
import type { Rollover } from '../risk/trading-day.ts';
import { BookRisk, type BookRiskState } from './book-risk.ts';
import type { NewCause } from './halts.ts';
import { ruleClockRuns } from './rule-clock.ts';
import type { Memory } from './memory.ts';
import type { StrategyRuntime } from './strategy-runtime.ts';

export interface BookHaltsOptions {
  readonly rules: RiskSettings['book'];
  readonly clock: Clock;
  readonly rollover: Rollover;
  readonly memory: Pick<Memory, 'recallBook' | 'keepBook'>;
  /** Every strategy that there is; one that joins is among them already. */
  readonly runtimes: () => readonly StrategyRuntime[];
}

type ByName<T> = Readonly<Record<string, T>>;

export class BookHalts {
  readonly #options: BookHaltsOptions;
  readonly #runtimes: () => readonly StrategyRuntime[];
  /** Only where the book has rules of its own. */
  #risk: BookRisk | undefined;

  constructor(options: BookHaltsOptions) {
    this.#options = options;
    this.#runtimes = options.runtimes;
    const rules = bookRules({ book: options.rules });
    if (rules.length > 0) this.#risk = this.#watch(rules, options.memory.recallBook());
  }

  /** Other rules of the book; the references that it has stay. */
  reopen(settings: BookHaltsOptions['rules']): void {
    const rules = bookRules({ book: settings });
    if (this.#risk !== undefined) this.#risk.reopen(rules);
    else if (rules.length > 0) {
      this.#risk = this.#watch(rules, undefined);
      for (const runtime of this.#runtimes()) this.join(runtime);
    }
  }

  /** A strategy's account counts from now on. */
  join({ name, book }: StrategyRuntime): void {
    const { ledger, equity } = book;
    book.tellEquity = (value) => this.#risk?.tell(name, value);
    this.#risk?.join(name, {
      equity: () => equity.equity(),
      balance: () => ledger.balance,
      start: ledger.startingBalance,
      clockRuns: () => ruleClockRuns(book),
    });
  }

  /** It is gone already. Halts that were in force in it alone are gone with it, and their rules are judged anew. */
  leave(name: string): void {
    this.#risk?.leave(name);
    this.#risk?.liftUnheld(this.#heldRules());
  }

  /** Everybody who comes back after a start has joined. */
  recovered(): void {
    this.#risk?.recovered();
    this.#risk?.liftUnheld(this.#heldRules());
  }

  close(): void {
    this.#risk?.close();
  }

  /** A halt of the whole book is in force for one that is deployed during it as well, as a new one: nothing was kept of it. */
  async shareWith(runtime: StrategyRuntime): Promise<void> {
    if (causesOf(runtime).length > 0) return;
    const inForce = this.#runtimes()
      .map(causesOf)
      .find(({ length }) => length > 0);
    await Promise.all((inForce ?? []).map((cause) => runtime.halts.halt(anew(cause))));
  }

  /** Halts every strategy with a cause of the book, which no strategy's own resume lifts. */
  halt({ by, reason }: HaltRequest): Promise<ByName<HaltResult>> {
    return forEach(this.#runtimes(), ({ halts }) => halts.halt({ rule: 'manual', scope: 'book', reason, by }));
  }

  /** Without any effect: what {@link resume} would come to, by the rules of the book and of every strategy that it halts. */
  preview(rebase: Rebase): ResumePreview {
    const halted = this.#halted();
    // Re-basing the book moves no strategy's own references.
    const own = halted.map(({ halts }) => halts.preview('none', 'book'));
    const { wouldTrip = [], headroom = [] } = this.#risk?.preview(rebase) ?? {};
    const trips = [...wouldTrip, ...own.flatMap((preview) => preview.wouldTrip)];
    return {
      wouldResume: halted.some(({ halts }) => halts.takesResume('book')) && trips.length === 0,
      wouldTrip: trips,
      remains: own.flatMap(({ remains }) => remains),
      headroom,
      workingOrders: own.flatMap(({ workingOrders }) => workingOrders),
      unknownOrders: own.flatMap(({ unknownOrders }) => unknownOrders),
      rebase,
    };
  }

  /**
   * Lifts the book's causes, also where nothing runs. @throws QktError QKT_E_STATE when none is in force or none
   * can be lifted now, QKT_E_WOULD_TRIP with the preview, QKT_E_JOURNAL_FAILED
   */
  async resume(request: ResumeRequest): Promise<ByName<ResumeResult>> {
    const { rebase } = request;
    const halted = this.#halted();
    if (halted.length === 0)
      throw new QktError('QKT_E_STATE', 'no halt of the book is in force', { allowed: ['HALT', 'KILL'] });
    const preview = this.preview(rebase);
    if (preview.wouldTrip.length > 0) {
      const rules = preview.wouldTrip.map(({ rule }) => rule).join(', ');
      throw new QktError('QKT_E_WOULD_TRIP', `${rules} would halt again at once`, { members: { preview } });
    }
    if (!preview.wouldResume) throw notNow(halted);
    if (rebase !== 'none') this.#risk?.rebase(rebase);
    // In the turn of the causes, so that no crash leaves a rule that neither halts nor is judged.
    this.#risk?.lift();
    const results = await forEach(halted, (runtime) => resumeOne(runtime, request));
    this.#risk?.judge();
    return results;
  }

  #halted(): readonly StrategyRuntime[] {
    return this.#runtimes().filter((runtime) => causesOf(runtime).length > 0);
  }

  #watch(rules: readonly HaltRule[], recalled: BookRiskState | undefined): BookRisk {
    const { clock, rollover, memory } = this.#options;
    return new BookRisk({
      rules,
      clock,
      rollover,
      onBreach: (breach) => this.#trip(breach),
      save: (state) => memory.keepBook(state),
      recalled,
    });
  }

  /** Every gate closes in this turn. */
  #trip(breach: Breach): void {
    for (const { halts } of this.#runtimes()) void halts.trip(breach);
  }

  /** Rules of the book that are in force in every strategy. */
  #heldRules(): readonly string[] {
    const [first, ...others] = this.#runtimes().map(({ halts }) => halts.rulesInForce);
    return (first ?? []).filter((id) => others.every((held) => held.includes(id)));
  }
}

const causesOf = ({ halts }: StrategyRuntime): readonly HaltCauseView[] =>
  halts.causes.filter(({ scope }) => scope === 'book');

/** Without what was true of it in another strategy alone. */
function anew(cause: HaltCauseView): NewCause {
  const { restored: _, durable: __, ...rest } = cause;
  return rest;
}

/** Each is on its way to a state in which the halt can be lifted. */
function notNow(halted: readonly StrategyRuntime[]): QktError {
  const states = halted.map(({ name, actor }) => `${name} is ${actor.state()}`).join(', ');
  return new QktError(
    'QKT_E_STATE',
    `${states}: a halt of the book is lifted once they are halted, stopped or failed`,
    {
      allowed: ['HALT', 'KILL'],
    },
  );
}

/** One that is between two states keeps the book's cause: it is lifted once it has come to rest. */
async function resumeOne({ actor, halts }: StrategyRuntime, request: ResumeRequest): Promise<ResumeResult> {
  if (!halts.takesResume('book')) return { state: actor.state(), halted: true, lifted: [], headroom: [] };
  return halts.resume({ ...request, rebase: 'none' }, 'book');
}

async function forEach<T>(
  runtimes: readonly StrategyRuntime[],
  command: (runtime: StrategyRuntime) => Promise<T>,
): Promise<ByName<T>> {
  const results = await Promise.all(runtimes.map(async (runtime) => [runtime.name, await command(runtime)] as const));
  return Object.fromEntries(results);
}
