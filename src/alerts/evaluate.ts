/** One look: what every rule in force makes of the facts. */
import type { Facts } from './facts.ts';
import { readableFigure, readableInputs } from './figures.ts';
import type { AlertRule, Reading } from './rule.ts';
import type { RuleInForce, Rulebook } from './rulebook.ts';

/** A rule on one target, as it is seen. */
export interface Judged {
  readonly terms: RuleInForce;
  readonly target: string;
  readonly strategy: string | null;
  /** What is missing decided already; null: nothing is known, and nothing changes. */
  readonly holds: boolean | null;
  readonly reading: Omit<Reading, 'holds'>;
  /** Strategies that it is about. */
  readonly strategies: readonly string[];
}

/** Runs what may throw, and tells of it then. @returns undefined when it threw */
export type Survive = <Result>(during: string, work: () => Result) => Result | undefined;

/** Of a rule that could not be judged: nothing is known. */
const UNREADABLE: Reading = { holds: null, summary: '', measured: null, limit: null, inputs: {} };

/** A rule that throws is not judged on this target; all others are. */
export function evaluate(facts: Facts, book: Rulebook, survive: Survive): readonly Judged[] {
  const judged: Judged[] = [];
  const { spans } = book;
  const all = facts.strategies.map(({ strategy }) => strategy);
  const take = (
    terms: RuleInForce,
    target: string,
    strategy: string | null,
    strategies: readonly string[],
    look: () => Reading,
  ) => {
    const read = survive(`${terms.rule.id}:${target}`, look);
    const { summary, measured, limit, inputs, command } = read ?? UNREADABLE;
    const reading = {
      summary,
      measured: readableFigure(measured),
      limit: readableFigure(limit),
      inputs: readableInputs(inputs),
      ...(command !== undefined && { command }),
    };
    const holds = read === undefined ? null : (read.holds ?? instead(terms.rule));
    judged.push({ terms, target, strategy, strategies, holds, reading });
  };
  for (const strategy of facts.strategies)
    for (const terms of book.inForce(strategy.strategy)) {
      const { rule, limit } = terms;
      if (rule.scope === 'strategy')
        take(terms, strategy.strategy, strategy.strategy, [strategy.strategy], () => rule.look(strategy, limit, spans));
    }
  for (const terms of book.inForce()) {
    const { rule, limit } = terms;
    if (rule.scope === 'gateway')
      for (const gateway of facts.gateways)
        take(terms, gateway.gateway, null, gateway.strategies, () => rule.look(gateway, limit, spans));
    else if (rule.scope === 'account')
      for (const account of facts.accounts)
        take(terms, account.account, null, all, () => rule.look(account, limit, spans));
    else if (rule.scope === 'daemon') take(terms, 'daemon', null, all, () => rule.look(facts.daemon, limit, spans));
  }
  return judged;
}

const instead = ({ missing }: AlertRule): boolean | null => (missing === 'keep' ? null : missing === 'fire');
