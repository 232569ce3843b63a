/**
 * Watches the halt rules of one strategy, or of the book, and says what has newly been breached. It
 * fails closed: a rule that throws three times in a row halts, and so does one that cannot be
 * computed for five minutes in session. What it has tripped stays tripped until it is lifted.
 */
import type { EpochMs } from '../domain/time.ts';
import type { HeadroomView } from '../domain/risk-views.ts';
import { breachOf, failureOf, uncomputableOf, type Breach, type BreachKind } from './breach.ts';
import { Calm } from './calm.ts';
import type { HaltRule } from './halt-rule.ts';
import { evaluateRule, type RuleInputs, type Verdict } from './halt-rules.ts';
import { headroom } from './headroom.ts';
import { LookThreshold } from './look-threshold.ts';

/** Throws in a row after which a rule halts. */
const FAILURES_BORNE = 3;
/** Running time that a rule may be uncomputable. */
export const UNCOMPUTABLE_MS = 300_000;

export interface LookInputs extends RuleInputs {
  /** Nothing can be lost: every strategy that this watches is warming up and flat. */
  readonly idle: boolean;
  /** The market is in session and the gateway ready: only then does the five-minute clock run. */
  readonly clockRuns: boolean;
}

/** Where the monitor stands; the same object until that changes. */
export type Phase =
  | { readonly name: 'idle' | 'watching' }
  /** `dueAt`: when it halts if nothing changes; null while the clock stands still. */
  | { readonly name: 'uncomputable'; readonly rules: readonly string[]; readonly dueAt: EpochMs | null }
  | { readonly name: 'tripped'; readonly rules: readonly string[] };

export interface MonitorState {
  readonly tripped: Readonly<Record<string, BreachKind>>;
  /** Running milliseconds by rule. */
  readonly uncomputableMs: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
}

export type Judge = (rule: HaltRule, inputs: RuleInputs) => Verdict;

/** The five-minute clock of one rule. */
interface Outage {
  readonly ms: number;
  /** The last look, if the clock ran from then on. */
  readonly runsFrom: EpochMs | undefined;
}

export class RiskMonitor {
  readonly rules: readonly HaltRule[];
  readonly #judge: Judge;
  readonly #threshold: LookThreshold;
  readonly #calm: Calm;
  readonly #tripped = new Map<string, BreachKind>();
  readonly #failures = new Map<string, number>();
  readonly #outages = new Map<string, Outage>();
  #phase: Phase = { name: 'idle' };

  constructor(rules: readonly HaltRule[], judge: Judge = evaluateRule) {
    this.rules = rules;
    this.#judge = judge;
    this.#threshold = new LookThreshold(rules);
    this.#calm = new Calm(rules);
  }

  /** May this equity have breached something? A double, for the tick path; false is certain, true asks for {@link evaluate}. */
  needsLook(equity: number): boolean {
    return this.#threshold.needsLook(equity);
  }

  /**
   * Judges every rule that has not tripped; gives those that trip now. Never throws. Where it is certain that
   * it would find what the look before has found, nothing, it does not look.
   */
  evaluate(inputs: LookInputs): readonly Breach[] {
    if (!inputs.idle && this.#isCertain(inputs)) return [];
    return this.#lookAtAll(inputs);
  }

  /** Trips are forgotten (of these rules, or all), and so is what counted towards one. The next look may trip again. */
  lift(ruleIds: readonly string[] = [...this.#tripped.keys(), ...this.rules.map(({ id }) => id)]): void {
    for (const id of ruleIds) {
      this.#tripped.delete(id);
      this.#failures.delete(id);
      this.#outages.delete(id);
    }
    this.#calm.end();
    this.#threshold.disarm();
    if (this.#tripped.size === 0) this.#become({ name: 'watching' });
    else this.#become({ name: 'tripped', rules: [...this.#tripped.keys()] });
  }

  /** Trips that no halt is in force for are forgotten; what else has been counted is kept. */
  liftUnheld(inForce: readonly string[]): void {
    const unheld = [...this.#tripped.keys()].filter((id) => !inForce.includes(id));
    if (unheld.length > 0) this.lift(unheld);
  }

  /** References were changed from outside: the next equity is looked at exactly. */
  referencesMoved(): void {
    this.#calm.end();
    this.#threshold.disarm();
  }

  /** Breached rules that ask to be lifted when a new trading day begins. */
  liftedByNewDay(): readonly string[] {
    return this.rules
      .filter((rule) => 'autoResume' in rule && this.#tripped.get(rule.id) === 'breach')
      .map(({ id }) => id);
  }

  /** `pace`: account money per millisecond, see {@link headroom}. */
  headroom(inputs: RuleInputs, pace?: number): readonly HeadroomView[] {
    return this.rules.map((rule) => headroom(rule, inputs, pace));
  }

  get phase(): Phase {
    return this.#phase;
  }

  save(): MonitorState {
    return {
      tripped: Object.fromEntries(this.#tripped),
      uncomputableMs: Object.fromEntries([...this.#outages].map(([id, { ms }]) => [id, ms])),
      failures: Object.fromEntries(this.#failures),
    };
  }

  /** As it was before a restart; the time in between does not count. Trips of rules that are gone stay until lifted. */
  restore({ tripped, uncomputableMs, failures }: MonitorState): void {
    this.#calm.end();
    for (const [id, kind] of Object.entries(tripped)) this.#tripped.set(id, kind);
    for (const [id, count] of Object.entries(failures)) this.#failures.set(id, count);
    for (const [id, ms] of Object.entries(uncomputableMs)) this.#outages.set(id, { ms, runsFrom: undefined });
    if (this.#tripped.size > 0) this.#become({ name: 'tripped', rules: [...this.#tripped.keys()] });
  }

  #isCertain(inputs: LookInputs): boolean {
    const equity = this.#calm.equityAt(inputs);
    return equity !== undefined && !this.#threshold.needsLook(equity);
  }

  #lookAtAll(inputs: LookInputs): readonly Breach[] {
    this.#calm.end();
    if (inputs.idle) {
      for (const [id, { ms }] of this.#outages) this.#outages.set(id, { ms, runsFrom: undefined });
      this.#settle(inputs);
      return [];
    }
    const breaches: Breach[] = [];
    for (const rule of this.rules) {
      if (this.#tripped.has(rule.id)) continue;
      const breach = this.#look(rule, inputs);
      if (breach === undefined) continue;
      this.#tripped.set(rule.id, breach.kind);
      this.#outages.delete(rule.id);
      breaches.push(breach);
    }
    this.#threshold.arm(inputs, (rule) => !this.#tripped.has(rule.id));
    if (this.#failures.size === 0 && this.#outages.size === 0) this.#calm.begin(inputs);
    this.#settle(inputs);
    return breaches;
  }

  #look(rule: HaltRule, inputs: LookInputs): Breach | undefined {
    let verdict: Verdict;
    try {
      verdict = this.#judge(rule, inputs);
    } catch (error) {
      const failures = (this.#failures.get(rule.id) ?? 0) + 1;
      this.#failures.set(rule.id, failures);
      return failures < FAILURES_BORNE ? undefined : failureOf(rule, failures, error, inputs.now);
    }
    this.#failures.delete(rule.id);
    if (verdict.outcome !== 'uncomputable') {
      this.#outages.delete(rule.id);
      return verdict.outcome === 'breach' ? breachOf(rule, verdict, inputs.now) : undefined;
    }
    const ms = this.#countOutage(rule.id, inputs);
    return ms < UNCOMPUTABLE_MS ? undefined : uncomputableOf(rule, ms, verdict.missing, inputs.now);
  }

  #countOutage(id: string, { now, clockRuns }: LookInputs): number {
    const before = this.#outages.get(id) ?? { ms: 0, runsFrom: undefined };
    const ms = before.ms + (before.runsFrom === undefined ? 0 : Math.max(0, now - before.runsFrom));
    this.#outages.set(id, { ms, runsFrom: clockRuns ? now : undefined });
    return ms;
  }

  #settle({ idle, now }: LookInputs): void {
    if (this.#tripped.size > 0) return this.#become({ name: 'tripped', rules: [...this.#tripped.keys()] });
    if (idle) return this.#become({ name: 'idle' });
    if (this.#outages.size === 0) return this.#become({ name: 'watching' });
    const running = [...this.#outages.values()].filter(({ runsFrom }) => runsFrom !== undefined);
    const longest = Math.max(...running.map(({ ms }) => ms));
    const dueAt = running.length === 0 ? null : now + UNCOMPUTABLE_MS - longest;
    this.#become({ name: 'uncomputable', rules: [...this.#outages.keys()], dueAt });
  }

  #become(phase: Phase): void {
    if (!samePhase(this.#phase, phase)) this.#phase = phase;
  }
}

function samePhase(a: Phase, b: Phase): boolean {
  if (a.name !== b.name) return false;
  const rules = (phase: Phase): string => ('rules' in phase ? phase.rules.join() : '');
  const dueAt = (phase: Phase): EpochMs | null => ('dueAt' in phase ? phase.dueAt : null);
  return rules(a) === rules(b) && dueAt(a) === dueAt(b);
}
