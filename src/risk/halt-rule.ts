/** Halt rules as data: what each one is, how it is written, and which remain when several sources set them. */
import type { Decimal } from '../domain/decimal.ts';
import { Fields } from './fields.ts';

export type Scope = 'strategy' | 'book';
export type CountRuleName = 'maxLosingStreak' | 'maxRejections' | 'maxClosesPerWindow';

interface Common {
  /** Unique within a strategy or the book: `maxDrawdown:peak`. */
  readonly id: string;
  readonly scope: Scope;
  /** A ratio, account money or a count, by the rule. */
  readonly limit: Decimal;
  readonly onBreach: 'hold' | 'flatten';
}
export interface DrawdownRule extends Common {
  readonly rule: 'maxDrawdown';
  readonly basis: 'peak' | 'start';
}
export interface DailyRule extends Common {
  readonly rule: 'maxDailyLoss' | 'maxDailyDrawdown';
  /** What the day's reference is of. */
  readonly basis: 'equity' | 'balance';
  /** The loss of closed trades alone (`maxDailyLoss`). */
  readonly realizedOnly: boolean;
  readonly autoResume?: 'nextDay';
}
export interface CountRule extends Common {
  readonly rule: CountRuleName;
  /** Milliseconds that are looked back; absent: the trading day, and for a streak no bound at all. */
  readonly windowMs?: number;
}
export type HaltRule = DrawdownRule | DailyRule | CountRule;

export const isCount = (rule: HaltRule): rule is CountRule =>
  rule.rule === 'maxLosingStreak' || rule.rule === 'maxRejections' || rule.rule === 'maxClosesPerWindow';

/** A rule as the configuration hands it over. */
export interface RuleSettings {
  readonly rule: string;
  readonly limit: Decimal;
  readonly basis?: string;
  readonly onBreach?: 'hold' | 'flatten';
  readonly windowMs?: number;
  readonly realizedOnly?: boolean;
  readonly autoResume?: 'nextDay';
}

const RULES = [
  'maxDrawdown',
  'maxDailyLoss',
  'maxDailyDrawdown',
  'maxLosingStreak',
  'maxRejections',
  'maxClosesPerWindow',
] as const satisfies readonly HaltRule['rule'][];

/** Reads a definition's `halt` list; what is wrong with it goes to `problems`, and that rule is left out. */
export function readHaltRules(raw: unknown, member: string, problems: string[]): readonly RuleSettings[] {
  if (raw === undefined) return [];
  if (Array.isArray(raw)) return raw.flatMap((rule, index) => readRule(rule, `${member}[${index}]`, problems));
  problems.push(`${member} must be a list of rules`);
  return [];
}

function readRule(raw: unknown, member: string, problems: string[]): readonly RuleSettings[] {
  const found = problems.length;
  const rule = Fields.of(raw, member, ALL_KEYS, problems)?.word('rule', RULES, 'required');
  if (rule === undefined) return [];
  const fields = Fields.of(raw, member, KEYS[rule], problems)!;
  const limit = readLimit(rule, fields);
  const basis = readBasis(rule, fields);
  const onBreach = fields.word('onBreach', ['hold', 'flatten']);
  const windowMs = fields.duration('window');
  const realizedOnly = fields.flag('realizedOnly');
  const autoResume = fields.word('autoResume', ['nextDay']);
  if (limit === undefined || problems.length > found) return [];
  return [
    {
      rule,
      limit,
      ...(basis !== undefined && { basis }),
      ...(onBreach !== undefined && { onBreach }),
      ...(windowMs !== undefined && { windowMs }),
      ...(realizedOnly !== undefined && { realizedOnly }),
      ...(autoResume !== undefined && { autoResume }),
    },
  ];
}

const ALWAYS = ['rule', 'limit', 'onBreach'] as const;
const COUNT_KEYS = [...ALWAYS, 'window'];
const KEYS: Readonly<Record<HaltRule['rule'], readonly string[]>> = {
  maxDrawdown: [...ALWAYS, 'basis'],
  maxDailyLoss: [...ALWAYS, 'basis', 'realizedOnly', 'autoResume'],
  maxDailyDrawdown: [...ALWAYS, 'basis', 'autoResume'],
  maxLosingStreak: COUNT_KEYS,
  maxRejections: COUNT_KEYS,
  maxClosesPerWindow: COUNT_KEYS,
};
const ALL_KEYS = [...new Set(Object.values(KEYS).flat())];

function readLimit(rule: HaltRule['rule'], fields: Fields): Decimal | undefined {
  if (rule === 'maxDailyLoss') return fields.positive('limit', 'required');
  if (rule === 'maxDrawdown' || rule === 'maxDailyDrawdown') return fields.ratio('limit', 'required');
  return fields.count('limit', 'required') === undefined ? undefined : fields.positive('limit');
}

function readBasis(rule: HaltRule['rule'], fields: Fields): string | undefined {
  return rule === 'maxDrawdown'
    ? fields.word('basis', ['peak', 'start'], 'required')
    : fields.word('basis', ['equity', 'balance']);
}

/** A rule from checked settings, with every default filled in. */
export function haltRule(settings: RuleSettings, scope: Scope): HaltRule {
  const { limit, onBreach = 'hold', windowMs, autoResume } = settings;
  const rule = settings.rule as HaltRule['rule'];
  const id = (detail: string | undefined): string =>
    (scope === 'book' ? 'book.' : '') + (detail === undefined ? rule : `${rule}:${detail}`);
  if (rule === 'maxDrawdown') {
    const basis = settings.basis === 'start' ? 'start' : 'peak';
    return { rule, id: id(basis), scope, limit, onBreach, basis };
  }
  if (rule === 'maxDailyLoss' || rule === 'maxDailyDrawdown') {
    const basis = settings.basis === 'balance' ? 'balance' : 'equity';
    const realizedOnly = settings.realizedOnly ?? false;
    const common = { rule, id: id(realizedOnly ? 'realized' : basis), scope, limit, onBreach };
    return { ...common, basis, realizedOnly, ...(autoResume !== undefined && { autoResume }) };
  }
  const common = { rule, id: id(windowMs === undefined ? undefined : `${windowMs}ms`), scope, limit, onBreach };
  return { ...common, ...(windowMs !== undefined && { windowMs }) };
}

/**
 * The rules of all sources together. Where two measure the same, the tighter one alone remains,
 * unless the looser one does more when it is reached: then both do.
 */
export function combineRules(rules: readonly HaltRule[]): readonly HaltRule[] {
  const kept: HaltRule[] = [];
  for (const rule of rules) {
    if (kept.some((other) => covers(other, rule))) continue;
    kept.splice(0, kept.length, ...kept.filter((other) => !covers(rule, other)), rule);
  }
  return kept.map((rule) => {
    const shared = kept.some((other) => other !== rule && other.id === rule.id);
    return shared ? { ...rule, id: `${rule.id}@${rule.limit.toString()}` } : rule;
  });
}

/** Whatever `loose` would do, `tight` does no later, and for no shorter. */
function covers(tight: HaltRule, loose: HaltRule): boolean {
  return (
    tight.id === loose.id &&
    !tight.limit.greaterThan(loose.limit) &&
    (tight.onBreach === 'flatten' || loose.onBreach === 'hold') &&
    (!('autoResume' in tight) || 'autoResume' in loose)
  );
}
