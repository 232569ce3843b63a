/** What an alert rule is: data, and one pure function that reads the facts. */
import type { Figure, Inputs, Severity } from '../domain/alerts.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { AccountFacts, DaemonFacts, GatewayFacts, StrategyFacts } from './facts.ts';
import type { Spans } from './spans.ts';

/** What one look at a target came to. */
export interface Reading {
  /** Null: an input is missing, and the rule's policy decides. */
  readonly holds: boolean | null;
  /** What is wrong, in a sentence; used while it holds. */
  readonly summary: string;
  readonly measured: Figure;
  /** Null where the rule has no threshold: nobody is told figures then. */
  readonly limit: Figure;
  readonly inputs: Inputs;
  /** The command that acts on it, where it is another than the rule's. */
  readonly command?: string;
}

/** A threshold that a configuration may move. */
export interface Limit {
  readonly value: Decimal;
  /** What it is, for the reference: `share of the starting balance`. */
  readonly of: string;
  /** It is from 0 to 1: a share, never a percentage. */
  readonly isShare?: boolean;
}

export interface RuleBase {
  readonly id: string;
  readonly severity: Severity;
  /** The condition in words, as the reference has it. */
  readonly condition: string;
  /** How long it must hold before it fires. */
  readonly forMs: number;
  /** How long it fires on once the condition has ceased, so that flapping is one alert. */
  readonly keepFiringMs: number;
  /** Time that lies in the condition itself: an age of a minute cannot be reached sooner. */
  readonly withinMs: number;
  /** An input that is missing keeps the state, counts as the condition holding, or as not holding. */
  readonly missing: 'keep' | 'fire' | 'ok';
  /** Ids of the rules that this one speaks for, on the same strategies. */
  readonly inhibits: readonly string[];
  /** Names of what it is judged by. */
  readonly inputs: readonly string[];
  /** A command that acts on it; `<target>` stands for the target. */
  readonly command: string;
  readonly limit?: Limit;
  /** The same for Prometheus. `select` is a label matcher such as `strategy="x"`, or empty. */
  readonly prometheus: {
    readonly expr: (select: string, limit: string, spans: Spans) => string;
    /** Where it is not the rule's own: a series of ours has waited already. */
    readonly forMs?: number;
  };
}

/** @param limit in force for the target; the rule's own where nothing else is configured */
type Look<Target> = (target: Target, limit: Decimal, spans: Spans) => Reading;

export type AlertRule =
  | (RuleBase & { readonly scope: 'strategy'; readonly look: Look<StrategyFacts> })
  | (RuleBase & { readonly scope: 'gateway'; readonly look: Look<GatewayFacts> })
  | (RuleBase & { readonly scope: 'account'; readonly look: Look<AccountFacts> })
  | (RuleBase & { readonly scope: 'daemon'; readonly look: Look<DaemonFacts> })
  | (RuleBase & { readonly scope: 'outside' });

/** The page that says what to do about it, as it lies in the repository. */
export const runbookOf = (id: string): string => `docs/runbooks/${id}.md`;
