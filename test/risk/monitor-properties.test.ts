/** Random accounts against a plain oracle in big.js: halts come exactly when it says, and resumes as previewed. */
import { Big } from 'big.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, dec } from '../../src/domain/decimal.ts';
import type { HaltRule } from '../../src/risk/halt-rule.ts';
import { RiskMonitor, type LookInputs } from '../../src/risk/monitor.ts';
import { previewResume, rebased } from '../../src/risk/resume.ts';
import { counts, inputs, rule } from './support.ts';

const money = (least: number, most: number) =>
  fc.integer({ min: least * 100, max: most * 100 }).map((cents) => new Decimal(BigInt(cents), 2).trimmed());
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 8 });

const ratios = fc.integer({ min: 1, max: 60 }).map((percent) => dec(percent).dividedBy(dec(100)));
const rulesArbitrary: fc.Arbitrary<readonly HaltRule[]> = fc
  .tuple(
    ratios,
    ratios,
    money(1, 4000),
    money(1, 4000),
    ratios,
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5 }),
  )
  .map(([peak, start, loss, realized, daily, streak, rejections]) => [
    rule('maxDrawdown', peak, { basis: 'peak' }),
    rule('maxDrawdown', start, { basis: 'start' }),
    rule('maxDailyLoss', loss),
    rule('maxDailyLoss', realized, { realizedOnly: true }),
    rule('maxDailyDrawdown', daily, { basis: 'balance' }),
    rule('maxLosingStreak', streak),
    rule('maxRejections', rejections, { windowMs: 1000 }),
  ]);

const inputsArbitrary: fc.Arbitrary<LookInputs> = fc
  .record({
    start: money(0, 10_000),
    equity: maybe(money(-1000, 12_000)),
    balance: money(0, 12_000),
    peak: money(0, 14_000),
    dayEquity: maybe(money(0, 12_000)),
    dayBalance: money(0, 12_000),
    streak: fc.nat(6),
    rejections: fc.nat(6),
    idle: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    clockRuns: fc.boolean(),
  })
  .map(({ streak, rejections, idle, clockRuns, ...rest }) =>
    inputs(rest, { idle, clockRuns, counts: counts(streak, rejections) }),
  );

const big = (value: Decimal): Big => new Big(value.toString());
Big.RM = Big.roundHalfEven;

/** Does the rule halt, by the table of the contract? */
function oracle(which: HaltRule, at: LookInputs): boolean {
  const { equity, balance, day } = at;
  const limit = big(which.limit);
  const share = (reference: Decimal | undefined): boolean => {
    if (equity === undefined || reference === undefined || reference.sign() <= 0) return false;
    return big(reference).minus(big(equity)).div(big(reference)).round(8, Big.roundHalfEven).gt(limit);
  };
  const loss = (reference: Decimal | undefined, value: Decimal | undefined): boolean =>
    reference !== undefined && value !== undefined && big(reference).minus(big(value)).gt(limit);
  switch (which.id) {
    case 'maxDrawdown:peak':
      return share(at.peak);
    case 'maxDrawdown:start':
      return share(at.start);
    case 'maxDailyLoss:equity':
      return loss(day.equity, equity);
    case 'maxDailyLoss:realized':
      return loss(day.balance, balance);
    case 'maxDailyDrawdown:balance':
      return share(day.balance);
    case 'maxLosingStreak':
      return limit.lte(at.counts.losingStreak(at.now));
    default:
      return limit.lte(at.counts.rejections(at.now, 1000));
  }
}

describe('halt rules, for any account', () => {
  it('halt exactly when the plain calculation does', () => {
    fc.assert(
      fc.property(rulesArbitrary, inputsArbitrary, (rules, at) => {
        const tripped = new RiskMonitor(rules).evaluate(at).map(({ ruleId }) => ruleId);
        const expected = at.idle ? [] : rules.filter((which) => oracle(which, at)).map(({ id }) => id);
        expect(tripped).toEqual(expected);
      }),
      { numRuns: 10_000 },
    );
  });

  it('trip at the same tick whether every tick is looked at or only those that may matter', () => {
    fc.assert(
      fc.property(
        rulesArbitrary,
        fc.array(money(-1000, 14_000), { minLength: 1, maxLength: 30 }),
        (rules, equities) => {
          const always = new RiskMonitor(rules);
          const seldom = new RiskMonitor(rules);
          let peak = dec(10_000);
          for (const [tick, equity] of equities.entries()) {
            peak = Decimal.max(peak, equity);
            const at = inputs({ equity, peak }, { now: tick });
            const all = always.evaluate(at).map(({ ruleId }) => ruleId);
            const looked = seldom.needsLook(equity.toNumber()) ? seldom.evaluate(at).map(({ ruleId }) => ruleId) : [];
            expect(looked).toEqual(all);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('are looked at on the very limit, above and below it by the last decimal', () => {
    fc.assert(
      fc.property(ratios, money(1, 1_000_000), (limit, peak) => {
        const monitor = new RiskMonitor([rule('maxDrawdown', limit, { basis: 'peak' })]);
        monitor.evaluate(inputs({ peak, equity: peak }));
        const floor = peak.minus(peak.times(limit));
        expect(monitor.needsLook(floor.toNumber())).toBe(true);
        expect(monitor.needsLook(floor.minus(dec('0.00000001')).toNumber())).toBe(true);
      }),
    );
  });
});

describe('the preview of a resume', () => {
  it('is what the resume then comes to, over ten thousand states', () => {
    fc.assert(
      fc.property(
        rulesArbitrary,
        inputsArbitrary,
        inputsArbitrary,
        fc.constantFrom('none' as const, 'peak' as const, 'day' as const),
        (rules, before, at, rebase) => {
          const monitor = new RiskMonitor(rules);
          monitor.evaluate(before);
          const preview = previewResume(rules, at, rebase);
          monitor.lift();
          const after = rebased(at, rebase);
          expect(preview.trips).toEqual(monitor.evaluate(after));
          expect(preview.headroom).toEqual(monitor.headroom(after));
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('re-based on the peak forgets a drawdown from it, on the day what the day has lost and counted', () => {
    const rules = [
      rule('maxDrawdown', '0.05', { basis: 'peak' }),
      rule('maxDailyLoss', 100),
      rule('maxLosingStreak', 2),
    ];
    const at = inputs({ equity: 9000 }, { counts: counts(2) });
    const trips = (rebase: 'none' | 'peak' | 'day') =>
      previewResume(rules, at, rebase).trips.map(({ rule: name }) => name);
    expect(trips('none')).toEqual(['maxDrawdown', 'maxDailyLoss', 'maxLosingStreak']);
    expect(trips('peak')).toEqual(['maxDailyLoss', 'maxLosingStreak']);
    expect(trips('day')).toEqual(['maxDrawdown']);
  });

  it('never re-bases what stands on the start', () => {
    const fixed = [rule('maxDrawdown', '0.05', { basis: 'start' })];
    for (const rebase of ['none', 'peak', 'day'] as const)
      expect(previewResume(fixed, inputs({ equity: 9000 }), rebase).trips).toHaveLength(1);
  });
});
