/** The rules in force: the table, as the configuration changes it, with the rules of its own. */
import type { Severity } from '../domain/alerts.ts';
import { Decimal } from '../domain/decimal.ts';
import { FIELDS } from './fields.ts';
import { ownRule } from './own-rule.ts';
import type { AlertRule } from './rule.ts';
import { ALERT_RULES } from './rules.ts';
import type { AlertSettings, RuleChange, RuleChanges } from './settings.ts';
import { shortened, SPANS, type Spans } from './spans.ts';

/** A rule as it is in force for a target. */
export interface RuleInForce {
  readonly rule: AlertRule;
  readonly severity: Severity;
  readonly forMs: number;
  readonly keepFiringMs: number;
  /** Zero where the rule has none. */
  readonly limit: Decimal;
}

export class Rulebook {
  /** Of all targets, those included that a configuration puts off. */
  readonly rules: readonly AlertRule[];
  /** Names of strategies with changes of their own. */
  readonly special: readonly string[];
  /** What conditions look back on. */
  readonly spans: Spans;
  readonly #general: readonly RuleInForce[];
  readonly #byStrategy: ReadonlyMap<string, readonly RuleInForce[]>;

  /**
   * @param perStrategy changes by the name of the strategy, over those for all
   * @param faster how many times shorter all times of the table are; those of a configuration are as it says
   */
  constructor(
    { changes, own }: Pick<AlertSettings, 'changes' | 'own'>,
    perStrategy: ReadonlyMap<string, RuleChanges>,
    faster = 1,
  ) {
    this.spans = shortened(SPANS, faster);
    this.rules = [...ALERT_RULES, ...[...own].map(([id, rule]) => ownRule(id, rule, FIELDS[rule.field]!))];
    this.special = [...perStrategy.keys()].filter((name) => Object.keys(perStrategy.get(name)!).length > 0);
    this.#general = inForce(this.rules, changes, faster);
    this.#byStrategy = new Map(
      this.special.map((name) => [name, inForce(this.rules, merged(changes, perStrategy.get(name)!), faster)]),
    );
  }

  /** The rules in force for a strategy, or for all that has no changes of its own. */
  inForce(strategy?: string): readonly RuleInForce[] {
    return (strategy === undefined ? undefined : this.#byStrategy.get(strategy)) ?? this.#general;
  }

  /** Undefined when it is put off, or there is none of that id. */
  find(id: string, strategy?: string): RuleInForce | undefined {
    return this.inForce(strategy).find(({ rule }) => rule.id === id);
  }
}

function inForce(rules: readonly AlertRule[], changes: RuleChanges, faster: number): readonly RuleInForce[] {
  return rules.flatMap((rule) => {
    const change: RuleChange = changes[rule.id] ?? {};
    if (change.off === true) return [];
    return [
      {
        rule,
        severity: change.severity ?? rule.severity,
        forMs: change.forMs ?? rule.forMs / faster,
        keepFiringMs: change.keepFiringMs ?? rule.keepFiringMs / faster,
        limit: change.limit ?? rule.limit?.value ?? Decimal.ZERO,
      },
    ];
  });
}

function merged(general: RuleChanges, special: RuleChanges): RuleChanges {
  const all: Record<string, RuleChange> = { ...general };
  for (const [id, change] of Object.entries(special)) all[id] = { ...all[id], ...change };
  return all;
}
