import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { evaluateRule, type Verdict } from '../../src/risk/halt-rules.ts';
import { RiskMonitor, UNCOMPUTABLE_MS, type MonitorState } from '../../src/risk/monitor.ts';
import { bookRule, counts, inputs, rule } from './support.ts';

const drawdown = rule('maxDrawdown', '0.05', { basis: 'peak' });
const daily = rule('maxDailyLoss', 100);
const broken = (): Verdict => {
  throw new Error('out of figures');
};
/** Through the text that a journal would hold. */
function restarted(monitor: RiskMonitor, rules = monitor.rules): RiskMonitor {
  const again = new RiskMonitor(rules);
  again.restore(JSON.parse(JSON.stringify(monitor.save())) as MonitorState);
  return again;
}
const blind = (now: number, change = {}) =>
  inputs({ equity: undefined }, { now, missing: 'no mark for EURUSD', ...change });

describe('a risk monitor', () => {
  it('tells a breach once, with everything that the record says about its rule', () => {
    const monitor = new RiskMonitor([drawdown, daily]);
    expect(monitor.evaluate(inputs({ equity: 9900 }))).toEqual([]);
    expect(monitor.evaluate(inputs({ equity: '9899.99' }))).toEqual([
      {
        ruleId: 'maxDailyLoss:equity',
        kind: 'breach',
        rule: 'maxDailyLoss',
        basis: 'equity',
        scope: 'strategy',
        since: '1970-01-01T00:16:40.000Z',
        reason:
          'maxDailyLoss: dayStartEquity − equity = 100.01 is over the limit of 100 (dayStartEquity 10000, equity 9899.99)',
        formula: 'dayStartEquity − equity > limit',
        inputs: { dayStartEquity: dec(10_000), equity: dec('9899.99') },
        measured: dec('100.01'),
        limit: dec(100),
        onBreach: 'hold',
      },
    ]);
    expect(monitor.evaluate(inputs({ equity: 9800 }))).toEqual([]);
    expect(monitor.phase).toEqual({ name: 'tripped', rules: ['maxDailyLoss:equity'] });
  });

  it('goes on judging the other rules: several causes may be in force', () => {
    const monitor = new RiskMonitor([drawdown, daily]);
    monitor.evaluate(inputs({ equity: 9800 }));
    expect(monitor.evaluate(inputs({ equity: 9400 })).map(({ ruleId }) => ruleId)).toEqual(['maxDrawdown:peak']);
    expect(monitor.phase).toEqual({ name: 'tripped', rules: ['maxDailyLoss:equity', 'maxDrawdown:peak'] });
  });

  it('H-4: a halt of the book has the scope of the book and names no strategy', () => {
    const monitor = new RiskMonitor([bookRule('maxDailyLoss', 100, { onBreach: 'flatten' })]);
    const [breach] = monitor.evaluate(inputs({ equity: 9800 }));
    expect(breach).toMatchObject({ rule: 'book.maxDailyLoss', scope: 'book', onBreach: 'flatten' });
  });

  it('H-13: does not halt while warming up and flat, whatever the rules would say', () => {
    const monitor = new RiskMonitor([daily], broken);
    for (let n = 0; n < 5; n++) expect(monitor.evaluate(inputs({ equity: 0 }, { idle: true }))).toEqual([]);
    expect(monitor.phase).toEqual({ name: 'idle' });
  });

  it('stays tripped until it is lifted, however well things go', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(inputs({ equity: 9800 }));
    monitor.evaluate(inputs({ equity: 12_000 }));
    expect(monitor.phase.name).toBe('tripped');
    monitor.lift();
    expect(monitor.phase).toEqual({ name: 'watching' });
    expect(monitor.evaluate(inputs({ equity: 12_000 }))).toEqual([]);
  });

  it('H-7: once lifted there is nothing left of the halt, and the same loss trips again', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(inputs({ equity: 9800 }));
    monitor.lift();
    expect(monitor.save()).toEqual({ tripped: {}, uncomputableMs: {}, failures: {} });
    expect(monitor.evaluate(inputs({ equity: 9800 }))).toHaveLength(1);
  });

  it('H-17: after a restart on the same day the halt is still in force and is not told anew', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(inputs({ equity: 9100 }));
    const again = restarted(monitor);
    expect(again.phase).toEqual({ name: 'tripped', rules: ['maxDailyLoss:equity'] });
    expect(again.evaluate(inputs({ equity: 9100 }))).toEqual([]);
  });

  it('keeps a trip of a rule that a redeploy has taken away', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(inputs({ equity: 9100 }));
    const again = restarted(monitor, [drawdown]);
    again.evaluate(inputs());
    expect(again.phase.name).toBe('tripped');
    again.lift();
    expect(again.phase.name).toBe('watching');
  });

  it('says which breaches ask for the next day, and lifts those alone', () => {
    const monitor = new RiskMonitor([rule('maxDailyLoss', 100, { autoResume: 'nextDay' }), drawdown]);
    expect(monitor.evaluate(inputs({ equity: 9000 }))[0]).toMatchObject({ autoResume: 'nextDay' });
    expect(monitor.liftedByNewDay()).toEqual(['maxDailyLoss:equity']);
    monitor.lift(monitor.liftedByNewDay());
    expect(monitor.phase).toEqual({ name: 'tripped', rules: ['maxDrawdown:peak'] });
    expect(monitor.liftedByNewDay()).toEqual([]);
  });
});

describe('a rule that throws', () => {
  it('H-15: halts at the third failure in a row, and says so', () => {
    const monitor = new RiskMonitor([daily], broken);
    expect(monitor.evaluate(inputs())).toEqual([]);
    expect(monitor.evaluate(inputs())).toEqual([]);
    expect(monitor.evaluate(inputs())).toMatchObject([
      {
        kind: 'failed',
        rule: 'maxDailyLoss',
        measured: null,
        onBreach: 'hold',
        reason: 'maxDailyLoss could not be evaluated: 3 consecutive failures, the last: out of figures',
      },
    ]);
    expect(monitor.evaluate(inputs())).toEqual([]);
  });

  it('begins to count anew after an evaluation that went well', () => {
    let fails = true;
    const monitor = new RiskMonitor([daily], (...args) => (fails ? broken() : evaluateRule(...args)));
    monitor.evaluate(inputs());
    monitor.evaluate(inputs());
    fails = false;
    monitor.evaluate(inputs());
    fails = true;
    monitor.evaluate(inputs());
    monitor.evaluate(inputs());
    expect(monitor.phase.name).toBe('watching');
  });

  it('goes on counting after a restart', () => {
    const monitor = new RiskMonitor([daily], broken);
    monitor.evaluate(inputs());
    monitor.evaluate(inputs());
    const again = new RiskMonitor([daily], broken);
    again.restore(monitor.save());
    expect(again.evaluate(inputs())).toHaveLength(1);
  });

  it('does not keep the others from being judged', () => {
    const monitor = new RiskMonitor([drawdown, daily], (which, given) =>
      which === drawdown ? broken() : evaluateRule(which, given),
    );
    expect(monitor.evaluate(inputs({ equity: 9000 })).map(({ ruleId }) => ruleId)).toEqual(['maxDailyLoss:equity']);
  });

  it('is one whose figures throw when they are asked for', () => {
    const monitor = new RiskMonitor([daily]);
    const unreadable = Object.defineProperty(inputs(), 'equity', { get: broken });
    monitor.evaluate(unreadable);
    monitor.evaluate(unreadable);
    expect(monitor.evaluate(unreadable)[0]?.reason).toContain('3 consecutive failures');
  });
});

describe('a rule that cannot be computed', () => {
  it('halts UNCOMPUTABLE after five minutes of session, and says what was missing', () => {
    const monitor = new RiskMonitor([daily]);
    expect(monitor.evaluate(blind(0))).toEqual([]);
    expect(monitor.phase).toEqual({ name: 'uncomputable', rules: [daily.id], dueAt: UNCOMPUTABLE_MS });
    expect(monitor.evaluate(blind(UNCOMPUTABLE_MS - 1))).toEqual([]);
    expect(monitor.evaluate(blind(UNCOMPUTABLE_MS))).toMatchObject([
      {
        kind: 'uncomputable',
        rule: 'UNCOMPUTABLE',
        ruleId: daily.id,
        onBreach: 'hold',
        reason: 'maxDailyLoss could not be computed for 300 s: equity is unknown: no mark for EURUSD',
      },
    ]);
  });

  it('begins its five minutes anew once it was computed', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(blind(0));
    monitor.evaluate(inputs({}, { now: 200_000 }));
    expect(monitor.phase).toEqual({ name: 'watching' });
    monitor.evaluate(blind(200_001));
    expect(monitor.evaluate(blind(UNCOMPUTABLE_MS + 200_000))).toEqual([]);
    expect(monitor.evaluate(blind(UNCOMPUTABLE_MS + 200_001))).toHaveLength(1);
  });

  it('has a clock that stands still while the market is closed or the gateway is not ready', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(blind(0));
    monitor.evaluate(blind(100_000, { clockRuns: false }));
    expect(monitor.phase).toEqual({ name: 'uncomputable', rules: [daily.id], dueAt: null });
    monitor.evaluate(blind(50_000_000, { clockRuns: false }));
    expect(monitor.evaluate(blind(90_000_000))).toEqual([]);
    expect(monitor.phase).toEqual({ name: 'uncomputable', rules: [daily.id], dueAt: 90_200_000 });
    expect(monitor.evaluate(blind(90_199_999))).toEqual([]);
    expect(monitor.evaluate(blind(90_200_000))).toHaveLength(1);
  });

  it('has a clock that outlives a restart, without the time in between', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(blind(0));
    monitor.evaluate(blind(200_000));
    const again = restarted(monitor);
    again.evaluate(blind(9_000_000));
    expect(again.evaluate(blind(9_099_999))).toEqual([]);
    expect(again.evaluate(blind(9_100_000))).toHaveLength(1);
  });

  it('is told with its phase as one object until something changes', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(blind(0));
    const { phase } = monitor;
    monitor.evaluate(blind(1000));
    expect(monitor.phase).toBe(phase);
  });

  it('does not hold up a rule that can be', () => {
    const streak = rule('maxLosingStreak', 3);
    const monitor = new RiskMonitor([daily, streak]);
    expect(monitor.evaluate(blind(0, { counts: counts(3) })).map(({ ruleId }) => ruleId)).toEqual(['maxLosingStreak']);
  });
});

describe('the look that a tick costs', () => {
  it('is always asked for before the first evaluation, after a restore and after a lift', () => {
    const monitor = new RiskMonitor([daily]);
    expect(monitor.needsLook(10_000)).toBe(true);
    monitor.evaluate(inputs());
    expect(monitor.needsLook(10_000)).toBe(false);
    monitor.lift();
    expect(monitor.needsLook(10_000)).toBe(true);
  });

  it('is asked for where the equity is not known', () => {
    const monitor = new RiskMonitor([daily]);
    monitor.evaluate(inputs());
    expect(monitor.needsLook(Number.NaN)).toBe(true);
  });

  it('follows the peak between two evaluations', () => {
    const monitor = new RiskMonitor([drawdown]);
    monitor.evaluate(inputs());
    expect(monitor.needsLook(9600)).toBe(false);
    expect(monitor.needsLook(20_000)).toBe(false);
    expect(monitor.needsLook(18_900)).toBe(true);
  });

  it('is not asked for by rules that have tripped, that only count, or whose reference is nothing', () => {
    const monitor = new RiskMonitor([
      daily,
      rule('maxLosingStreak', 3),
      rule('maxDailyLoss', 5, { realizedOnly: true }),
    ]);
    monitor.evaluate(inputs({ equity: 9000 }));
    expect(monitor.needsLook(-1e9)).toBe(false);
    const none = new RiskMonitor([rule('maxDrawdown', '0.1', { basis: 'start' })]);
    none.evaluate(inputs({ start: 0 }));
    expect(none.needsLook(-1e9)).toBe(false);
  });
});
