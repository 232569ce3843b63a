import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { evaluateRule, reasonOf, type Measured } from '../../src/risk/halt-rules.ts';
import { headroom } from '../../src/risk/headroom.ts';
import { RiskHistory } from '../../src/risk/history.ts';
import { bookRule, counts, inputs, rule, type Money } from './support.ts';

/** What a rule comes to: its measured value as text, and whether it halts. */
function judged(which: ReturnType<typeof rule>, money: Money, change = {}): [string, 'halt' | 'continue'] | string {
  const verdict = evaluateRule(which, inputs(money, change));
  if (verdict.outcome === 'uncomputable') return verdict.missing;
  return [verdict.measured.toString(), verdict.outcome === 'breach' ? 'halt' : 'continue'];
}

describe('drawdown', () => {
  const trailing = rule('maxDrawdown', '0.05', { basis: 'peak' });
  const fixed = rule('maxDrawdown', '0.08', { basis: 'start' });

  it.each<[string, Money, string]>([
    ['EQ-4: start 10000, up 200, then back to +100', { peak: 10_200, equity: 10_100 }, '0.00980392'],
    ['EQ-5: start 10000, no profit, down 100', { equity: 9900 }, '0.01'],
    ['H-21: start 10000, up 1000, down 800', { peak: 11_000, equity: 10_200 }, '0.07272727'],
    ['above the peak that was last looked at', { peak: 10_000, equity: 10_001 }, '0'],
    ['a peak of nothing', { peak: 0, equity: -5 }, '0'],
    ['a peak below nothing', { peak: -10, equity: -50 }, '0'],
    ['all lost and more', { peak: 10_000, equity: -2000 }, '1.2'],
  ])('trails the peak: %s', (_, money, measured) => {
    expect(judged(trailing, money)[0]).toBe(measured);
  });

  it.each<[string, Money, string]>([
    ['EQ-8: realized -800', { equity: 9200 }, '0.08'],
    ['EQ-8: realized -300 and -500 floating', { balance: 9700, equity: 9200 }, '0.08'],
    ['EQ-8: up 500', { equity: 10_500 }, '0'],
    ['EQ-8: a start of 0', { start: 0, equity: -100 }, '0'],
    ['whatever the peak was', { peak: 12_000, equity: 10_000 }, '0'],
  ])('stands on the start: %s', (_, money, measured) => {
    expect(judged(fixed, money)[0]).toBe(measured);
  });

  it.each([
    [9100, 'halt'],
    [9200, 'continue'],
    [9500, 'continue'],
    ['9199.99', 'halt'],
  ])('H-1: static 8 percent of 10000, equity %s: %s', (equity, outcome) => {
    expect(judged(fixed, { equity })[1]).toBe(outcome);
  });
});

describe('the daily rules', () => {
  it.each([
    [-100, 'continue'],
    ['-100.01', 'halt'],
    [-200, 'halt'],
    [100, 'continue'],
  ])('H-4: a daily loss limit of 100, %s today: %s', (change, outcome) => {
    const equity = dec(10_000).plus(dec(change));
    expect(judged(rule('maxDailyLoss', 100), { equity })[1]).toBe(outcome);
  });

  it('DD-1: on the balance, what floated at the start of the day is not in the reference', () => {
    const money = { dayBalance: 10_000, dayEquity: 10_100, balance: 9600, equity: 9600 };
    expect(judged(rule('maxDailyDrawdown', '0.05', { basis: 'balance' }), money)).toEqual(['0.04', 'continue']);
    expect(judged(rule('maxDailyDrawdown', '0.05'), money)).toEqual(['0.04950495', 'continue']);
  });

  it('DD-3: 400 down of 10000 is 0.04; with the reference of the next day it is 0', () => {
    const daily = rule('maxDailyDrawdown', '0.05');
    expect(judged(daily, { equity: 9600 })).toEqual(['0.04', 'continue']);
    expect(judged(daily, { dayEquity: 9600, equity: 9600 })).toEqual(['0', 'continue']);
  });

  it('DD-5: a reference from before the first fill of the day shows its loss', () => {
    const daily = rule('maxDailyDrawdown', '0.04', { basis: 'balance' });
    expect(judged(daily, { balance: 9500, equity: 9500 })).toEqual(['0.05', 'halt']);
  });

  it('take the loss in equity from either reference, or the realized loss alone', () => {
    const money = { dayEquity: 10_100, dayBalance: 10_000, balance: 9950, equity: 9700 };
    expect(judged(rule('maxDailyLoss', 400), money)).toEqual(['400', 'continue']);
    expect(judged(rule('maxDailyLoss', 399, { basis: 'balance' }), money)).toEqual(['300', 'continue']);
    expect(judged(rule('maxDailyLoss', 50, { realizedOnly: true }), money)).toEqual(['50', 'continue']);
    expect(judged(rule('maxDailyLoss', 49, { realizedOnly: true }), money)).toEqual(['50', 'halt']);
  });

  it('with realized loss alone need no mark', () => {
    const money = { equity: undefined, balance: 9900 };
    expect(judged(rule('maxDailyLoss', 50, { realizedOnly: true }), money)).toEqual(['100', 'halt']);
  });
});

describe('what is not known', () => {
  const noMark = { missing: 'no mark for EURUSD' };

  it.each([
    [rule('maxDrawdown', '0.05', { basis: 'peak' }), { equity: undefined }, 'equity is unknown: no mark for EURUSD'],
    [rule('maxDailyLoss', 50), { equity: undefined }, 'equity is unknown: no mark for EURUSD'],
    [rule('maxDailyLoss', 50), { dayEquity: undefined }, 'dayStartEquity is unknown'],
  ])('makes a rule uncomputable, and says what it is (%#)', (which, money, missing) => {
    expect(judged(which, money, noMark)).toBe(missing);
    expect(headroom(which, inputs(money))).toMatchObject({ used: null, remaining: null, remainingMoney: null });
  });

  it('does not concern a rule that needs something else', () => {
    expect(judged(rule('maxDailyLoss', 50, { basis: 'balance' }), { dayEquity: undefined })[1]).toBe('continue');
  });
});

describe('the rules that count', () => {
  it.each([
    ['maxLosingStreak', 3, counts(2), 'continue'],
    ['maxLosingStreak', 3, counts(3), 'halt'],
    ['maxRejections', 3, counts(0, 2), 'continue'],
    ['maxRejections', 3, counts(0, 4), 'halt'],
    ['maxClosesPerWindow', 1, counts(0, 0, 1), 'halt'],
    ['maxClosesPerWindow', 2, counts(9, 9, 1), 'continue'],
  ])('%s of %s halts when it is reached (%#)', (name, limit, at, outcome) => {
    expect(judged(rule(name, limit), {}, { counts: at })[1]).toBe(outcome);
  });

  it('H-24: a runaway of four rejections in 400 ms halts where 3 in 10 s are too many, and the reason says so', () => {
    const history = new RiskHistory(0, 3);
    const runaway = rule('maxRejections', 3, { windowMs: 10_000 });
    for (const ts of [1000, 1100, 1200, 1300]) history.rejection(ts);
    const verdict = evaluateRule(runaway, inputs({}, { counts: history, now: 1400 })) as Measured;
    expect(verdict.outcome).toBe('breach');
    expect(reasonOf(runaway, verdict)).toBe('3 rejections within 10000 ms reach the limit of 3');
  });
});

describe('a verdict', () => {
  it('holds formula, inputs, measured value and limit', () => {
    const verdict = evaluateRule(
      rule('maxDrawdown', '0.05', { basis: 'peak' }),
      inputs({ peak: 11_000, equity: 10_200 }),
    );
    expect(verdict).toEqual({
      outcome: 'breach',
      measured: dec('0.07272727'),
      limit: dec('0.05'),
      formula: '(peak − equity) / peak > limit',
      inputs: { peak: dec(11_000), equity: dec(10_200) },
    });
  });

  it.each([
    [
      rule('maxDrawdown', '0.05', { basis: 'start' }),
      { equity: 9000 },
      'maxDrawdown: (start − equity) / start = 0.1 is over the limit of 0.05 (start 10000, equity 9000)',
    ],
    [
      bookRule('maxDailyLoss', 1000),
      { equity: '8999.5' },
      'book.maxDailyLoss: dayStartEquity − equity = 1000.5 is over the limit of 1000 (dayStartEquity 10000, equity 8999.5)',
    ],
    [
      rule('maxDailyLoss', 10, { realizedOnly: true }),
      { balance: 9980 },
      'maxDailyLoss: dayStartBalance − balance = 20 is over the limit of 10 (dayStartBalance 10000, balance 9980)',
    ],
  ])('is told in a sentence with its figures (%#)', (which, money, reason) => {
    expect(reasonOf(which, evaluateRule(which, inputs(money)) as Measured)).toBe(reason);
  });
});

describe('headroom', () => {
  it('is what the contract shows', () => {
    expect(headroom(rule('maxDrawdown', '0.05', { basis: 'peak' }), inputs({ equity: '9997.6' }))).toEqual({
      rule: 'maxDrawdown',
      basis: 'peak',
      limit: dec('0.05'),
      used: dec('0.00024'),
      remaining: dec('0.04976'),
      remainingMoney: dec('497.6'),
    });
  });

  it('is in money for a loss, in counts for a count, and never negative', () => {
    expect(headroom(rule('maxDailyLoss', 300), inputs({ equity: 9800 }))).toMatchObject({
      basis: 'equity',
      used: dec(200),
      remaining: dec(100),
      remainingMoney: dec(100),
    });
    expect(headroom(rule('maxDailyLoss', 300), inputs({ equity: 9000 }))).toMatchObject({
      used: dec(1000),
      remaining: dec(0),
      remainingMoney: dec(0),
    });
    expect(headroom(rule('maxLosingStreak', 6), inputs({}, { counts: counts(2) }))).toEqual({
      rule: 'maxLosingStreak',
      limit: dec(6),
      used: dec(2),
      remaining: dec(4),
      remainingMoney: null,
    });
  });

  it('does not count a profit of the day as room', () => {
    expect(headroom(rule('maxDailyLoss', 300), inputs({ equity: 10_500 }))).toMatchObject({
      used: dec(0),
      remaining: dec(300),
      remainingMoney: dec(300),
    });
  });

  it('names the rules of the book', () => {
    expect(headroom(bookRule('maxDailyLoss', 300), inputs())).toMatchObject({ rule: 'book.maxDailyLoss' });
  });

  it('projects the time to the breach while equity falls, and only then', () => {
    const loss = rule('maxDailyLoss', 300);
    const at = inputs({ equity: 9900 });
    expect(headroom(loss, at, -0.1).breachInMs).toBe(2000);
    expect(headroom(rule('maxDrawdown', '0.05', { basis: 'peak' }), at, -0.1).breachInMs).toBe(4000);
    expect(headroom(loss, at, 0.1)).not.toHaveProperty('breachInMs');
    expect(headroom(loss, at)).not.toHaveProperty('breachInMs');
    expect(headroom(loss, inputs({ equity: 9000 }), -0.1)).not.toHaveProperty('breachInMs');
    expect(headroom(rule('maxDailyLoss', 300, { realizedOnly: true }), at, -0.1)).not.toHaveProperty('breachInMs');
    expect(headroom(rule('maxRejections', 3), at, -0.1)).not.toHaveProperty('breachInMs');
  });
});
