import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { haltRule } from '../../src/risk/halt-rule.ts';
import { GATE_KEYS } from '../../src/risk/limits.ts';
import { policyOf } from '../../src/risk/policy.ts';
import { STAGES, type Stage } from '../../src/risk/stages.ts';

describe('the policy of a strategy', () => {
  it('has every stage of the gate in its order, with the caps that are set', () => {
    const { gate } = policyOf('s', { maxOrderQty: dec('0.3'), cooldown: { losses: 2, forMs: 60_000 } }, []);
    expect(gate.map(({ code }) => code)).toEqual(STAGES.map(({ code }) => code));
    expect(gate.filter(({ value }) => value !== undefined && value !== null)).toEqual([
      { code: 'COOLDOWN', sparesReducing: true, cap: 'cooldown', value: { losses: 2, forMs: 60_000 } },
      { code: 'MAX_ORDER_QTY', sparesReducing: true, cap: 'maxOrderQty', value: dec('0.3') },
    ]);
  });

  it('has a stage for every cap that can be set', () => {
    const caps = STAGES.flatMap(({ cap }: Stage) => cap ?? []);
    expect(caps.toSorted()).toEqual([...GATE_KEYS].toSorted());
  });

  it('tells each rule with its formula, its limit and what a breach does', () => {
    const rules = [
      haltRule({ rule: 'maxDrawdown', basis: 'peak', limit: dec('0.05') }, 'strategy'),
      haltRule({ rule: 'maxDailyLoss', limit: dec(300), realizedOnly: true, autoResume: 'nextDay' }, 'strategy'),
      haltRule({ rule: 'maxRejections', limit: dec(5), windowMs: 60_000 }, 'strategy'),
      haltRule({ rule: 'maxDailyLoss', basis: 'balance', limit: dec(900), onBreach: 'flatten' }, 'book'),
    ];
    expect(policyOf('s', {}, rules).halt).toEqual([
      {
        rule: 'maxDrawdown',
        scope: 'strategy',
        basis: 'peak',
        formula: '(peak − equity) / peak > limit',
        limit: dec('0.05'),
        onBreach: 'hold',
      },
      {
        rule: 'maxDailyLoss',
        scope: 'strategy',
        basis: 'realized',
        formula: 'dayStartBalance − balance > limit',
        limit: dec(300),
        onBreach: 'hold',
        autoResume: 'nextDay',
      },
      {
        rule: 'maxRejections',
        scope: 'strategy',
        formula: 'rejections within 60000 ms ≥ limit',
        limit: dec(5),
        windowMs: 60_000,
        onBreach: 'hold',
      },
      {
        rule: 'book.maxDailyLoss',
        scope: 'book',
        basis: 'balance',
        formula: 'dayStartBalance − equity > limit',
        limit: dec(900),
        onBreach: 'flatten',
      },
    ]);
  });
});
