/**
 * The risk of one strategy, wired: caps for its gate, and halt rules that are judged on every tick,
 * every fill and every second. What it finds it reports in the same turn; halting is not its task.
 */
import { createActor, type ActorRefFrom } from 'xstate';
import type { Cancel, Clock } from '../clock.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HeadroomView } from '../domain/risk-views.ts';
import type { Rebase, ResumePreview } from '../domain/ports.ts';
import type { Breach } from '../risk/breach.ts';
import { EquityPace } from '../risk/equity-pace.ts';
import type { RiskHistory } from '../risk/history.ts';
import { RiskMonitor, type LookInputs, type MonitorState } from '../risk/monitor.ts';
import { previewResume } from '../risk/resume.ts';
import type { HaltRule } from '../risk/halt-rule.ts';
import { faultTolerant, type OnFault } from './fault-tolerant.ts';
import { phaseEvent, riskMonitorMachine } from './risk-monitor-machine.ts';

/** How often rules are judged without a tick, in engine time: a silent feed must not silence a rule. */
const JUDGE_EVERY_MS = 1000;

/** What the rules are judged by, as it is now. */
export interface RiskSources {
  readonly name: string;
  /** Engine time. */
  readonly clock: Clock;
  /** The wall clock: the monitor's own actor runs on it. */
  readonly wall: Clock;
  readonly equity: () => Decimal | undefined;
  readonly balance: () => Decimal;
  readonly start: Decimal;
  readonly peak: () => Decimal;
  readonly day: () => { readonly equity: Decimal | undefined; readonly balance: Decimal };
  readonly counts: RiskHistory;
  /** Warming and flat: nothing can be lost. */
  readonly idle: () => boolean;
  /** In session with a gateway that is ready. */
  readonly clockRuns: () => boolean;
}

export class StrategyRisk {
  readonly #sources: RiskSources;
  readonly #monitor: RiskMonitor;
  readonly #actor: ActorRefFrom<typeof riskMonitorMachine>;
  readonly #pace = new EquityPace();
  readonly #onBreach: (breach: Breach) => void;
  readonly #stop: Cancel;
  readonly #rules: readonly HaltRule[];

  constructor(rules: readonly HaltRule[], sources: RiskSources, onBreach: (breach: Breach) => void, onFault: OnFault) {
    this.#rules = rules;
    this.#sources = sources;
    this.#monitor = new RiskMonitor(rules);
    this.#onBreach = onBreach;
    const { wall } = sources;
    const ports = { actions: { look: () => this.judge() } };
    this.#actor = createActor(faultTolerant(riskMonitorMachine.provide(ports), onFault), {
      input: { clock: wall, of: sources.name },
      clock: wall.xstate,
    });
    this.#actor.start();
    // In a replay a second is a matter of microseconds: nothing is done in it where nothing is judged.
    this.#stop = rules.length === 0 ? () => {} : sources.clock.every(JUDGE_EVERY_MS, () => this.#eachSecond());
  }

  /** On every tick, with the equity as a double: judges only where that could matter. */
  onTick(equity: number): void {
    if (this.#monitor.needsLook(equity)) this.judge();
  }

  /** Judges every rule now; what is newly breached is reported before this returns. */
  judge(): void {
    if (this.#rules.length > 0) this.#judge(this.#inputs());
  }

  headroom(): readonly HeadroomView[] {
    return this.#monitor.headroom(this.#inputs(), this.#pace.perMs());
  }

  /** Which rules a resume would trip at once, and what would be left of each. */
  preview(rebase: Rebase, except: readonly string[] = []): Pick<ResumePreview, 'wouldTrip' | 'headroom'> {
    const { trips, headroom } = previewResume(this.#rules, this.#inputs(), rebase);
    const wouldTrip = trips.filter(({ ruleId }) => !except.includes(ruleId));
    return { wouldTrip: wouldTrip.map(({ rule, measured, limit }) => ({ rule, measured, limit })), headroom };
  }

  /** Rules that had tripped may trip again: those of the day before after a roll-over. */
  lift(ruleIds: readonly string[]): void {
    this.#monitor.lift(ruleIds);
  }

  /** After a resume: every rule may trip again but those that are in force still. */
  liftAllBut(ruleIds: readonly string[]): void {
    const tripped = Object.keys(this.#monitor.save().tripped);
    const all = new Set([...tripped, ...this.#rules.map(({ id }) => id)]);
    this.#monitor.lift([...all].filter((id) => !ruleIds.includes(id)));
  }

  /** Every trip that no halt is in force for is forgotten; what else the rules count is kept. */
  liftUnheld(inForce: readonly string[]): void {
    this.#monitor.liftUnheld(inForce);
  }

  /** Rules whose halt ends with the day. */
  liftedByNewDay(): readonly string[] {
    return this.#monitor.liftedByNewDay();
  }

  save(): MonitorState {
    return this.#monitor.save();
  }

  restore(state: unknown): void {
    this.#monitor.restore(state as MonitorState);
    this.#actor.send(phaseEvent(this.#monitor.phase));
  }

  close(): void {
    this.#stop();
    this.#actor.stop();
  }

  #eachSecond(): void {
    const inputs = this.#inputs();
    this.#pace.sample(inputs.now, inputs.equity?.toNumber());
    this.#judge(inputs);
  }

  #judge(inputs: LookInputs): void {
    const before = this.#monitor.phase;
    const breaches = this.#monitor.evaluate(inputs);
    // First of all: it closes the gate.
    for (const breach of breaches) this.#onBreach(breach);
    if (this.#monitor.phase !== before) this.#actor.send(phaseEvent(this.#monitor.phase));
  }

  #inputs(): LookInputs {
    return new Reading(this.#sources);
  }
}

/** The sources as they are now, read every second. */
class Reading implements LookInputs {
  readonly now: EpochMs;
  readonly equity: Decimal | undefined;
  readonly balance: Decimal;
  readonly start: Decimal;
  readonly peak: Decimal;
  readonly day: LookInputs['day'];
  readonly counts: RiskHistory;
  readonly idle: boolean;
  declare readonly missing?: string;
  readonly #clockRuns: () => boolean;

  constructor(sources: RiskSources) {
    this.now = sources.clock.now();
    this.equity = sources.equity();
    this.balance = sources.balance();
    this.start = sources.start;
    this.peak = sources.peak();
    this.day = sources.day();
    this.counts = sources.counts;
    this.idle = sources.idle();
    if (this.equity === undefined) this.missing = 'an open position has no mark or no rate';
    this.#clockRuns = sources.clockRuns;
  }

  /** Asked for only where a rule cannot be computed. */
  get clockRuns(): boolean {
    return this.#clockRuns();
  }
}
