/** The limits and rules in force: what the strategy's definition asks for, and what the daemon demands. */
import { Fields } from './fields.ts';
import { combineRules, haltRule, isCount, readHaltRules, type HaltRule, type RuleSettings } from './halt-rule.ts';
import { readGateLimits, tighter, type GateLimits } from './limits.ts';

/** The part of the configuration that is about risk, checked already. */
export interface RiskSettings {
  readonly gate: Readonly<Record<string, unknown>>;
  readonly halt: readonly RuleSettings[];
  readonly book: readonly RuleSettings[];
  readonly strategies: Readonly<
    Record<string, { readonly gate?: Readonly<Record<string, unknown>>; readonly halt?: readonly RuleSettings[] }>
  >;
}

export interface StrategyRisk {
  readonly limits: GateLimits;
  readonly rules: readonly HaltRule[];
  /** How many times of each kind the history has to remember for these rules. */
  readonly remembered: number;
  /** What is wrong with the definition's `risk`, by member; what has a problem is left out. */
  readonly problems: readonly string[];
}

/**
 * For a strategy deployed under `name`; `definition` is its `risk` member as the author wrote it. Of
 * every cap and every rule the tightest holds, whoever set it.
 */
export function riskOf(definition: unknown, daemon: RiskSettings, name: string): StrategyRisk {
  const problems: string[] = [];
  Fields.of(definition, 'risk', ['gate', 'halt'], problems);
  const own = (definition ?? {}) as { readonly gate?: unknown; readonly halt?: unknown };
  const its = Object.hasOwn(daemon.strategies, name) ? daemon.strategies[name]! : {};
  const limits = [
    readGateLimits(own.gate, 'risk.gate', problems),
    readGateLimits(daemon.gate, 'risk.gate', []),
    readGateLimits(its.gate, `risk.strategies.${name}.gate`, []),
  ].reduce(tighter);
  const settings = [...readHaltRules(own.halt, 'risk.halt', problems), ...daemon.halt, ...(its.halt ?? [])];
  const rules = combineRules(settings.map((each) => haltRule(each, 'strategy')));
  const remembered = Math.max(1, ...rules.filter(isCount).map(({ limit }) => limit.toNumber()));
  return { limits, rules, remembered, problems };
}

/** The rules over all strategies together. */
export function bookRules({ book }: Pick<RiskSettings, 'book'>): readonly HaltRule[] {
  return combineRules(book.map((each) => haltRule(each, 'book')));
}
