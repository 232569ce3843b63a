/** A rule of one's own: a condition over one named figure, as an alert rule like any other. */
import type { Severity } from '../domain/alerts.ts';
import { dec, type Decimal, type DecimalLike } from '../domain/decimal.ts';
import type { Field } from './fields.ts';
import { readable } from './figures.ts';
import type { AlertRule, Reading } from './rule.ts';

export interface OwnRule {
  readonly field: string;
  /** Strictly. */
  readonly above?: Decimal;
  readonly below?: Decimal;
  readonly forMs: number;
  readonly keepFiringMs: number;
  readonly severity: Severity;
}

export function ownRule(id: string, own: OwnRule, field: Field): AlertRule {
  const { above, below, forMs, keepFiringMs, severity } = own;
  const limit = (above ?? below)!;
  const word = above === undefined ? 'below' : 'above';
  const sign = above === undefined ? '<' : '>';
  const read = (value: DecimalLike | null | undefined, target: string, inForce: Decimal): Reading => {
    const measured = value === null || value === undefined ? null : dec(value);
    const holds =
      measured === null ? null : above === undefined ? measured.lessThan(inForce) : measured.greaterThan(inForce);
    const summary = `${own.field} of ${target} is ${measured === null ? 'unknown' : readable(measured).toString()}, ${word} ${inForce.toString()}`;
    return { holds, summary, measured, limit: inForce, inputs: { [own.field]: measured } };
  };
  const base = {
    id,
    severity,
    condition: `\`${own.field}\` ${word} ${limit.toString()}`,
    forMs,
    keepFiringMs,
    withinMs: 0,
    missing: 'keep',
    inhibits: [],
    inputs: [own.field],
    limit: { value: limit, of: field.about, isShare: field.isShare === true },
    prometheus: prometheusOf(id, field, sign),
  } as const;
  if (field.scope === 'strategy')
    return {
      ...base,
      scope: 'strategy',
      command: 'qkt status <target>',
      look: (facts, inForce) => read(field.read(facts), facts.strategy, inForce),
    };
  if (field.scope === 'account')
    return {
      ...base,
      scope: 'account',
      command: 'qkt status',
      look: (facts, inForce) => read(field.read(facts), facts.account, inForce),
    };
  return {
    ...base,
    scope: 'daemon',
    command: 'qkt doctor',
    look: (facts, inForce) => read(field.read(facts), 'the daemon', inForce),
  };
}

function prometheusOf(id: string, { prometheus }: Field, sign: string): AlertRule['prometheus'] {
  if (prometheus === undefined) {
    const expr = (select: string): string =>
      `max by (strategy) (qkt_alert_active${braced(select, `alertname="${id}"`)}) == 1`;
    return { expr, forMs: 0 };
  }
  return { expr: (select, limit) => `${prometheus(braced(select))} ${sign} ${limit}` };
}

function braced(select: string, ...more: readonly string[]): string {
  const matchers = [...more, ...(select === '' ? [] : [select])];
  return matchers.length === 0 ? '' : `{${matchers.join(',')}}`;
}
