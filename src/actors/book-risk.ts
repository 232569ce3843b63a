/**
 * The risk of the whole book: the same rules over the sum of all strategies' equities. Each strategy
 * tells its equity on every tick; a breach halts all of them in that turn.
 */
import type { Cancel, Clock } from '../clock.ts';
import { Decimal } from '../domain/decimal.ts';
import type { Breach } from '../risk/breach.ts';
import type { Counts } from '../risk/halt-rules.ts';
import type { HaltRule } from '../risk/halt-rule.ts';
import { RiskMonitor, type LookInputs, type MonitorState } from '../risk/monitor.ts';
import { dayStart, nextRollover, type Rollover } from '../risk/trading-day.ts';
import type { Rebase, ResumePreview } from '../domain/ports.ts';
import { previewResume } from '../risk/resume.ts';

/** What the book sees of a strategy. */
export interface BookShare {
  readonly equity: () => Decimal | undefined;
  readonly balance: () => Decimal;
  readonly start: Decimal;
  /** Whether what its equity may lack could be had: its market is open and its gateway ready. */
  readonly clockRuns: () => boolean;
}

/** What of it must survive a restart. */
export interface BookRiskState {
  /** Names of the strategies that the references are about. */
  readonly members: readonly string[];
  readonly monitor: MonitorState;
  readonly peak: Decimal | undefined;
  readonly dayStart: number;
  readonly day: { readonly equity: Decimal | undefined; readonly balance: Decimal | undefined };
}

const JUDGE_EVERY_MS = 1000;
const NO_COUNTS: Counts = { losingStreak: () => 0, rejections: () => 0, closes: () => 0 };

export class BookRisk {
  #monitor: RiskMonitor;
  readonly #clock: Clock;
  readonly #rollover: Rollover;
  readonly #onBreach: (breach: Breach) => void;
  readonly #save: (state: BookRiskState) => void;
  readonly #shares = new Map<string, BookShare>();
  readonly #equities = new Map<string, number>();
  /** Strategies of before a restart that are not back yet: until they are, the sum says nothing. */
  readonly #awaited = new Set<string>();
  readonly #timers: Cancel[];
  #sum = 0;
  /** The peak as a double: only above it an exact look is needed. */
  #peakAt = -Infinity;
  #changed = false;
  #peak: Decimal | undefined;
  #dayStart: number;
  #day: BookRiskState['day'] = { equity: undefined, balance: undefined };

  constructor(options: {
    readonly rules: readonly HaltRule[];
    readonly clock: Clock;
    readonly rollover: Rollover;
    readonly onBreach: (breach: Breach) => void;
    /** Keeps a state that has changed. */
    readonly save: (state: BookRiskState) => void;
    readonly recalled: BookRiskState | undefined;
  }) {
    const { rules, clock, rollover, onBreach, save, recalled } = options;
    this.#monitor = new RiskMonitor(rules);
    this.#clock = clock;
    this.#rollover = rollover;
    this.#onBreach = onBreach;
    this.#save = save;
    this.#dayStart = dayStart(rollover, clock.now());
    if (recalled !== undefined) {
      this.#monitor.restore(recalled.monitor);
      this.#peak = recalled.peak;
      if (recalled.dayStart === this.#dayStart) this.#day = recalled.day;
      else this.#liftOfYesterday();
      for (const name of recalled.members) this.#awaited.add(name);
    }
    this.#timers = [clock.every(JUDGE_EVERY_MS, () => this.#eachSecond()), this.#armRollover()];
  }

  /**
   * A strategy joins with its account; what it brings in is neither profit nor loss. One that comes
   * back after a restart is in the references already.
   */
  join(name: string, share: BookShare): void {
    this.#shares.set(name, share);
    const isBack = this.#awaited.delete(name);
    if (!isBack) this.#shift(share.balance());
    this.tell(name, (share.equity() ?? share.balance()).toNumber());
    if (!isBack) this.#keep();
  }

  /** Everybody who comes back after a restart has: the rules are judged by those who are there. */
  recovered(): void {
    this.#awaited.clear();
  }

  leave(name: string): void {
    const share = this.#shares.get(name);
    if (share === undefined) return;
    this.#shares.delete(name);
    this.#equities.delete(name);
    this.#addUp();
    this.#shift(share.balance().negated());
    this.#keep();
  }

  /** A strategy's equity as a double, on every tick of it. */
  tell(name: string, equity: number): void {
    const before = this.#equities.get(name) ?? 0;
    this.#equities.set(name, equity);
    if (Number.isNaN(before)) this.#addUp();
    else this.#sum += equity - before;
    if (this.#sum > this.#peakAt) this.#look();
    if (this.#monitor.needsLook(this.#sum)) this.judge();
  }

  /** Other rules from now on; the references stay, and so does what has tripped. */
  reopen(rules: readonly HaltRule[]): void {
    const before = this.#monitor.save();
    this.#monitor = new RiskMonitor(rules);
    this.#monitor.restore(before);
    this.judge();
  }

  judge(): void {
    const breaches = this.#monitor.evaluate(this.#inputs());
    for (const breach of breaches) this.#onBreach(breach);
    if (breaches.length > 0) this.#keep();
  }

  /** Which rules a resume would trip at once. */
  preview(rebase: Rebase): Pick<ResumePreview, 'wouldTrip' | 'headroom'> {
    const { trips, headroom } = previewResume(this.#monitor.rules, this.#inputs(), rebase);
    return { wouldTrip: trips.map(({ rule, measured, limit }) => ({ rule, measured, limit })), headroom };
  }

  /** After a resume of the book. */
  lift(): void {
    this.#monitor.lift();
    this.#keep();
  }

  /** Every trip that no halt is in force for is forgotten, and judged anew at once: it may have been breached again. */
  liftUnheld(inForce: readonly string[]): void {
    this.#monitor.liftUnheld(inForce);
    this.judge();
    this.#keep();
  }

  rebase(what: 'peak' | 'day'): void {
    if (what === 'peak') {
      this.#peak = this.#equity();
      this.#peakAt = this.#peak?.toNumber() ?? -Infinity;
    } else this.#day = { equity: this.#equity(), balance: this.#balance() };
    this.#monitor.referencesMoved();
    this.#keep();
  }

  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#keep();
  }

  #addUp(): void {
    this.#sum = 0;
    for (const equity of this.#equities.values()) this.#sum += equity;
  }

  /** Money that comes or goes with a strategy moves the references with it. */
  #shift(amount: Decimal): void {
    this.#peak = this.#peak?.plus(amount);
    this.#peakAt = this.#peak?.toNumber() ?? -Infinity;
    const { equity, balance } = this.#day;
    this.#day = { equity: equity?.plus(amount), balance: balance?.plus(amount) };
    this.#monitor.referencesMoved();
  }

  #eachSecond(): void {
    this.#look();
    this.judge();
    if (this.#changed) this.#keep();
  }

  #look(): void {
    const equity = this.#equity();
    if (equity === undefined || this.#awaited.size > 0) return;
    if (this.#day.equity === undefined) {
      this.#day = { equity, balance: this.#balance() };
      this.#changed = true;
    }
    if (this.#peak !== undefined && !equity.greaterThan(this.#peak)) return;
    this.#peak = equity;
    this.#peakAt = equity.toNumber();
    this.#changed = true;
  }

  /** As each strategy lifts the halts themselves. */
  #liftOfYesterday(): void {
    this.#monitor.lift(this.#monitor.liftedByNewDay());
  }

  #armRollover(): Cancel {
    let cancel: Cancel = () => {};
    const arm = (): void => {
      cancel = this.#clock.at(nextRollover(this.#rollover, this.#clock.now()), () => {
        this.#dayStart = dayStart(this.#rollover, this.#clock.now());
        const isWhole = this.#awaited.size === 0;
        this.#day = { equity: isWhole ? this.#equity() : undefined, balance: isWhole ? this.#balance() : undefined };
        this.#liftOfYesterday();
        this.#monitor.referencesMoved();
        this.#changed = true;
        arm();
      });
    };
    arm();
    return () => cancel();
  }

  #keep(): void {
    this.#changed = false;
    this.#save({
      members: [...this.#shares.keys(), ...this.#awaited],
      monitor: this.#monitor.save(),
      peak: this.#peak,
      dayStart: this.#dayStart,
      day: this.#day,
    });
  }

  #equity(): Decimal | undefined {
    let sum = Decimal.ZERO;
    for (const { equity } of this.#shares.values()) {
      const value = equity();
      if (value === undefined) return undefined;
      sum = sum.plus(value);
    }
    return this.#shares.size === 0 ? undefined : sum.trimmed();
  }

  #sumOf(of: (share: BookShare) => Decimal): Decimal {
    let sum = Decimal.ZERO;
    for (const share of this.#shares.values()) sum = sum.plus(of(share));
    return sum.trimmed();
  }

  #balance(): Decimal {
    return this.#sumOf(({ balance }) => balance());
  }

  /** While the equity of one is missing that could be known; where none is missing, while any could be. */
  #clockRuns(): boolean {
    const shares = [...this.#shares.values()];
    const unknown = shares.filter(({ equity }) => equity() === undefined);
    return (unknown.length > 0 ? unknown : shares).some(({ clockRuns }) => clockRuns());
  }

  #inputs(): LookInputs {
    const equity = this.#equity();
    const clockRuns = (): boolean => this.#clockRuns();
    return {
      now: this.#clock.now(),
      equity,
      balance: this.#balance(),
      start: this.#sumOf(({ start }) => start),
      peak: this.#peak ?? equity,
      day: this.#day,
      counts: NO_COUNTS,
      ...(equity === undefined && { missing: 'the equity of a strategy is unknown' }),
      idle: this.#shares.size === 0 || this.#awaited.size > 0,
      // Asked for only where a rule cannot be computed.
      get clockRuns() {
        return clockRuns();
      },
    };
  }
}
