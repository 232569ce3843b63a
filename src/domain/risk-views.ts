/** Halts and their causes, headroom, and the policy in force, as they are shown. */
import type { Decimal } from './decimal.ts';

export interface RiskStateView {
  readonly halted: boolean;
  readonly causes: readonly HaltCauseView[];
  readonly reason: string | null;
  readonly rule: string | null;
  readonly scope: string | null;
  readonly since: string | null;
  readonly by: string | null;
  /** Of the earliest cause, while halted by a rule. */
  readonly formula?: string;
  readonly inputs?: Readonly<Record<string, Decimal | number | null>>;
  readonly measured?: Decimal | number | null;
  readonly limit?: Decimal | number;
  /** What is refused while halted, or while nothing can be made durable. */
  readonly blocked?: string;
  /** False while the journal cannot be written: what happens now is forgotten by a crash. */
  readonly durable?: boolean;
  readonly drawdown: Decimal | null;
  readonly dailyLoss: Decimal | null;
  readonly headroom: readonly HeadroomView[];
}

/** Who has halted where it was no person, in words. */
export const BY_RULE = 'its rule';

/** One cause of a halt, as it is recorded; halted while any is in force. */
export interface HaltCauseView {
  readonly causeId: string;
  /** A halt rule, or `manual`. */
  readonly rule: string;
  /** `strategy` or `book`: whose resume lifts it. */
  readonly scope: string;
  readonly reason: string;
  readonly since: string;
  /** The token's name of a person's halt; null for a rule's. */
  readonly by: string | null;
  readonly basis?: string;
  /** The formula in words, such as `(peak − equity) / peak > limit`. */
  readonly formula?: string;
  readonly inputs?: Readonly<Record<string, Decimal | number | null>>;
  readonly measured?: Decimal | number | null;
  readonly limit?: Decimal | number;
  readonly onBreach?: 'hold' | 'flatten';
  /** Of the rule that tripped; absent for a person's halt. */
  readonly ruleId?: string;
  readonly autoResume?: 'nextDay';
  readonly equity?: Decimal | null;
  readonly positions?: readonly { readonly symbol: string; readonly qty: Decimal }[];
  /** Ids of entries and waiting layers that the halt has cancelled, and of those that the venue had not given back yet. */
  readonly cancelled?: readonly string[];
  readonly left?: readonly string[];
  /** Brought back by a start of the daemon. */
  readonly restored?: boolean;
  /** False when it could not be written to disk. */
  readonly durable?: boolean;
}

export interface HeadroomView {
  readonly rule: string;
  readonly basis?: string;
  readonly limit: Decimal;
  readonly used: Decimal | null;
  readonly remaining: Decimal | null;
  readonly remainingMoney: Decimal | null;
  /** Milliseconds until the limit at the recent pace; absent where there is no pace towards it. */
  readonly breachInMs?: number;
}

/** The policy in force for a strategy: what its orders pass through, and what halts it. */
export interface RiskView {
  readonly strategy: string;
  /** In order: the first refusal wins. */
  readonly gate: readonly GateStageView[];
  /** The strategy's own rules, then those of the book. */
  readonly halt: readonly HaltRuleView[];
}

export interface GateStageView {
  /** Of the denial. */
  readonly code: string;
  /** Risk-reducing orders pass this stage. */
  readonly sparesReducing: boolean;
  /** The cap of the stage, where it has one. */
  readonly cap?: string;
  /** Of the cap; null where it is not set. */
  readonly value?: Decimal | number | { readonly losses: number; readonly forMs: number } | null;
}

export interface HaltRuleView {
  readonly rule: string;
  /** `strategy` or `book`. */
  readonly scope: string;
  readonly basis?: string;
  readonly formula: string;
  readonly limit: Decimal;
  /** Of a count; absent where it counts the day, and a streak without an end. */
  readonly windowMs?: number;
  readonly onBreach: 'hold' | 'flatten';
  readonly autoResume?: 'nextDay';
}
