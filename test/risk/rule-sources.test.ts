import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { combineRules, haltRule, readHaltRules } from '../../src/risk/halt-rule.ts';
import { readGateLimits, tighter } from '../../src/risk/limits.ts';
import { bookRules, riskOf, type RiskSettings } from '../../src/risk/risk-settings.ts';
import { rule } from './support.ts';

const gate = (raw: unknown) => {
  const problems: string[] = [];
  return { limits: readGateLimits(raw, 'risk.gate', problems), problems };
};
const halt = (raw: unknown) => {
  const problems: string[] = [];
  return { rules: readHaltRules(raw, 'risk.halt', problems), problems };
};

describe('the caps of a definition or a configuration', () => {
  it('are read from numbers and from text, exactly', () => {
    const raw = {
      maxOrderQty: 0.1,
      maxOrderNotional: '250000.05',
      priceCollar: 0.05,
      maxPosition: 2,
      maxOpenPositions: 3,
      maxTradesPerDay: '10',
      marginFloor: 0,
      cooldown: { losses: 2, for: '15m' },
    };
    expect(gate(raw)).toEqual({
      limits: {
        maxOrderQty: dec('0.1'),
        maxOrderNotional: dec('250000.05'),
        priceCollar: dec('0.05'),
        maxPosition: dec(2),
        maxOpenPositions: 3,
        maxTradesPerDay: 10,
        marginFloor: dec(0),
        cooldown: { losses: 2, forMs: 900_000 },
      },
      problems: [],
    });
    expect(gate(undefined)).toEqual({ limits: {}, problems: [] });
  });

  it.each([
    [{ maxOrderQty: 0 }, 'risk.gate.maxOrderQty must be a number greater than 0, not 0'],
    [{ maxOrderQty: 'many' }, 'risk.gate.maxOrderQty must be a number greater than 0, not "many"'],
    [{ maxPosition: Number.NaN }, 'risk.gate.maxPosition must be a number greater than 0, not null'],
    [{ maxTradesPerDay: 1.5 }, 'risk.gate.maxTradesPerDay must be a whole number of at least 1, not 1.5'],
    [{ marginFloor: -1 }, 'risk.gate.marginFloor must be a number, 0 or more, not -1'],
    [{ cooldown: { losses: 2 } }, 'risk.gate.cooldown.for is required: a duration such as 30s, 15m or 8h'],
    [{ cooldown: 5 }, 'risk.gate.cooldown must be a map of keys, not 5'],
    [{ cooldown: { losses: 2, for: 10 } }, 'risk.gate.cooldown.for must be a duration such as 30s, 15m or 8h, not 10'],
    ['none', 'risk.gate must be a map of keys, not "none"'],
    [[], 'risk.gate must be a map of keys, not []'],
  ])('are refused by name when they are wrong: %j', (raw, problem) => {
    expect(gate(raw).problems).toEqual([problem]);
  });

  it('name a key that is not known', () => {
    expect(gate({ maxOrderQuantity: 1 }).problems[0]).toMatch(/^risk\.gate\.maxOrderQuantity is not known here: use /);
  });

  it("take the daemon's when it is tighter and the strategy's when that is", () => {
    const daemon = gate({ maxOrderQty: 10, priceCollar: 0.05, marginFloor: 100, cooldown: { losses: 3, for: '1m' } });
    const strategy = gate({
      maxOrderQty: 100,
      priceCollar: 0.01,
      marginFloor: 150,
      cooldown: { losses: 2, for: '10s' },
    });
    expect(tighter(daemon.limits, strategy.limits)).toEqual({
      maxOrderQty: dec(10),
      priceCollar: dec('0.01'),
      marginFloor: dec(150),
      cooldown: { losses: 2, forMs: 60_000 },
    });
  });
});

describe('the halt rules of a definition', () => {
  it('are read with their defaults', () => {
    const { rules, problems } = halt([
      { rule: 'maxDrawdown', basis: 'start', limit: '0.1', onBreach: 'flatten' },
      { rule: 'maxDailyLoss', limit: 300, autoResume: 'nextDay' },
      { rule: 'maxDailyLoss', limit: 200, realizedOnly: true },
      { rule: 'maxRejections', limit: 3, window: '10s' },
      { rule: 'maxLosingStreak', limit: 6 },
    ]);
    expect(problems).toEqual([]);
    expect(rules.map((settings) => haltRule(settings, 'strategy'))).toEqual([
      {
        id: 'maxDrawdown:start',
        rule: 'maxDrawdown',
        scope: 'strategy',
        limit: dec('0.1'),
        onBreach: 'flatten',
        basis: 'start',
      },
      {
        id: 'maxDailyLoss:equity',
        rule: 'maxDailyLoss',
        scope: 'strategy',
        limit: dec(300),
        onBreach: 'hold',
        basis: 'equity',
        realizedOnly: false,
        autoResume: 'nextDay',
      },
      {
        id: 'maxDailyLoss:realized',
        rule: 'maxDailyLoss',
        scope: 'strategy',
        limit: dec(200),
        onBreach: 'hold',
        basis: 'equity',
        realizedOnly: true,
      },
      {
        id: 'maxRejections:10000ms',
        rule: 'maxRejections',
        scope: 'strategy',
        limit: dec(3),
        onBreach: 'hold',
        windowMs: 10_000,
      },
      { id: 'maxLosingStreak', rule: 'maxLosingStreak', scope: 'strategy', limit: dec(6), onBreach: 'hold' },
    ]);
  });

  it.each([
    [{ rule: 'maxDrawdown', limit: 0.1 }, 'risk.halt[0].basis is required: one of peak, start'],
    [{ rule: 'maxDrawdown', basis: 'day', limit: 0.1 }, 'risk.halt[0].basis must be one of peak, start, not "day"'],
    [{ rule: 'maxDailyDrawdown', limit: 5 }, 'risk.halt[0].limit must be a ratio greater than 0, at most 1, not 5'],
    [{ rule: 'maxDailyLoss' }, 'risk.halt[0].limit is required: a number greater than 0'],
    [{ rule: 'maxRejections', limit: 2.5 }, 'risk.halt[0].limit must be a whole number of at least 1, not 2.5'],
    [
      { rule: 'maxLosingStreak', limit: 3, basis: 'peak' },
      'risk.halt[0].basis is not known here: use rule, limit, onBreach, window',
    ],
    [
      { rule: 'maxLoss', limit: 3 },
      'risk.halt[0].rule must be one of maxDrawdown, maxDailyLoss, maxDailyDrawdown, maxLosingStreak, maxRejections, maxClosesPerWindow, not "maxLoss"',
    ],
    [7, 'risk.halt[0] must be a map of keys, not 7'],
  ])('are refused by name when they are wrong: %j', (raw, problem) => {
    const { rules, problems } = halt([raw]);
    expect(problems[0]).toBe(problem);
    expect(rules).toEqual([]);
  });

  it('must be a list', () => {
    expect(halt({ rule: 'maxDailyLoss' }).problems).toEqual(['risk.halt must be a list of rules']);
  });
});

describe('rules of several sources', () => {
  const daily = (limit: number, more = {}) => rule('maxDailyLoss', limit, more);
  const left = (...rules: ReturnType<typeof rule>[]) =>
    combineRules(rules).map(({ id, limit }) => [id, limit.toString()]);

  it('leave the tighter one of the same measure, whichever came first', () => {
    expect(left(daily(300), daily(200))).toEqual([['maxDailyLoss:equity', '200']]);
    expect(left(daily(200), daily(300))).toEqual([['maxDailyLoss:equity', '200']]);
    expect(left(daily(200), daily(200))).toEqual([['maxDailyLoss:equity', '200']]);
  });

  it('stand beside one another when they measure something else', () => {
    expect(
      left(
        daily(300),
        daily(200, { basis: 'balance' }),
        daily(100, { realizedOnly: true }),
        rule('maxRejections', 3),
        rule('maxRejections', 3, { windowMs: 1000 }),
      ),
    ).toHaveLength(5);
  });

  it('both remain when the looser one does more: it flattens, or it waits for a person', () => {
    expect(left(daily(200), daily(300, { onBreach: 'flatten' }))).toEqual([
      ['maxDailyLoss:equity@200', '200'],
      ['maxDailyLoss:equity@300', '300'],
    ]);
    expect(left(daily(200, { autoResume: 'nextDay' }), daily(300))).toHaveLength(2);
    expect(left(daily(200, { onBreach: 'flatten' }), daily(300))).toHaveLength(1);
  });
});

describe('what is in force for a strategy', () => {
  const daemon: RiskSettings = {
    gate: { maxOrderQty: 100, priceCollar: 0.05 },
    halt: [{ rule: 'maxDrawdown', basis: 'peak', limit: dec('0.05') }],
    book: [{ rule: 'maxDailyLoss', limit: dec(1000), onBreach: 'flatten' }],
    strategies: { 'ema-cross': { gate: { maxOrderQty: 10 }, halt: [{ rule: 'maxLosingStreak', limit: dec(6) }] } },
  };

  it('is the tightest of the definition, of the daemon for all, and of the daemon for this one', () => {
    const definition = {
      gate: { maxOrderQty: 1000, priceCollar: 0.01, maxPosition: 50 },
      halt: [{ rule: 'maxDrawdown', basis: 'peak', limit: 0.2 }],
    };
    const risk = riskOf(definition, daemon, 'ema-cross');
    expect(risk.limits).toEqual({ maxOrderQty: dec(10), priceCollar: dec('0.01'), maxPosition: dec(50) });
    expect(risk.rules.map(({ id, limit }) => `${id} ${limit.toString()}`)).toEqual([
      'maxDrawdown:peak 0.05',
      'maxLosingStreak 6',
    ]);
    expect(risk).toMatchObject({ remembered: 6, problems: [] });
  });

  it('is what the daemon says where the definition says nothing', () => {
    for (const name of ['other', 'constructor']) {
      const risk = riskOf(undefined, daemon, name);
      expect(risk.limits).toEqual({ maxOrderQty: dec(100), priceCollar: dec('0.05') });
      expect(risk.rules.map(({ id }) => id)).toEqual(['maxDrawdown:peak']);
      expect(risk.remembered).toBe(1);
    }
  });

  it('comes with every problem of the definition at once', () => {
    const definition = { gate: { maxOrderQty: -1 }, halt: [{ rule: 'maxLoss', limit: 1 }], gates: {} };
    expect(riskOf(definition, daemon, 'x').problems.map((problem) => problem.split(' ')[0])).toEqual([
      'risk.gates',
      'risk.gate.maxOrderQty',
      'risk.halt[0].rule',
    ]);
    expect(riskOf('all', daemon, 'x').problems).toEqual(['risk must be a map of keys, not "all"']);
  });

  it('leaves the rules of the book to the book', () => {
    expect(bookRules(daemon)).toEqual([
      {
        id: 'book.maxDailyLoss:equity',
        rule: 'maxDailyLoss',
        scope: 'book',
        limit: dec(1000),
        onBreach: 'flatten',
        basis: 'equity',
        realizedOnly: false,
      },
    ]);
  });
});
