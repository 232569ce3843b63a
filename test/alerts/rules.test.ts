import { evaluate } from '../../src/alerts/evaluate.ts';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import { toJson } from '../../src/domain/json.ts';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/alerts/rule.ts';
import { SPANS, type Spans } from '../../src/alerts/spans.ts';
import { ALERT_RULES, ruleOf } from '../../src/alerts/rules.ts';
import { Decimal, dec } from '../../src/domain/decimal.ts';
import { accountFacts, cause, daemonFacts, facts, gatewayFacts, position, strategyFacts, trade } from './facts.ts';

/** The contract's table: severity, and what the condition needs to hold for. Ages of a minute are a `for` of a minute. */
const TABLE: Readonly<Record<string, readonly [string, number]>> = {
  daemon_down: ['P1', 30],
  strategy_down: ['P1', 60],
  strategy_halted: ['P1', 0],
  book_equity_drop: ['P1', 0],
  strategy_failed: ['P1', 0],
  equity_floor: ['P2', 0],
  no_trades: ['P2', 0],
  rejection_rate: ['P2', 30],
  gateway_down: ['P2', 15],
  halt_incomplete: ['P1', 0],
  flatten_failed: ['P1', 0],
  order_unknown: ['P1', 60],
  book_mismatch: ['P1', 0],
  journal_failed: ['P1', 0],
  stop_not_fired: ['P1', 60],
  stale_feed: ['P2', 30],
  headroom_low: ['P2', 0],
  unprotected_position: ['P2', 0],
  disk_low: ['P2', 60],
  journal_slow: ['P2', 60],
  high_slippage: ['P3', 0],
};

describe('the alert table', () => {
  it('has the rules of the contract, with their severity and their time', () => {
    const rows = ALERT_RULES.map(({ id, severity, forMs }) => [id, [severity, forMs / 1000]]);
    expect(Object.fromEntries(rows)).toEqual(TABLE);
  });

  it('lets a cause fire before its effects, and not cease before them; and no P1 is kept quiet by less', () => {
    for (const rule of ALERT_RULES)
      for (const id of rule.inhibits) {
        const effect = ruleOf(id)!;
        expect(effect.forMs + effect.withinMs, `${rule.id} → ${id}`).toBeGreaterThan(rule.forMs);
        expect(rule.keepFiringMs, `${rule.id} → ${id}`).toBeGreaterThanOrEqual(
          id === 'no_trades' ? 0 : effect.keepFiringMs,
        );
        if (effect.severity === 'P1') expect(rule.severity).toBe('P1');
      }
  });
});

/** What a rule makes of facts, with its own limit. */
function look(id: string, target: unknown): Reading {
  const rule = ruleOf(id)!;
  const read = rule as unknown as { look: (target: unknown, limit: Decimal, spans: Spans) => Reading };
  return read.look(target, rule.limit?.value ?? Decimal.ZERO, SPANS);
}

const MIN = 60_000;
const HOUR = 60 * MIN;

/** By rule: facts on which it does not hold, and facts just beyond, on which it does. */
const BOUNDARIES: readonly (readonly [id: string, holdsNot: unknown, holds: unknown])[] = [
  ['strategy_down', strategyFacts({ healthy: true }), strategyFacts({ healthy: false, state: 'unresponsive' })],
  [
    'strategy_down',
    strategyFacts({ healthy: false, state: 'stopped', shouldRun: false }),
    strategyFacts({ healthy: false, state: 'stopped' }),
  ],
  ['strategy_halted', strategyFacts(), strategyFacts({ state: 'halted', causes: [cause()] })],
  ['strategy_failed', strategyFacts({ state: 'crashed' }), strategyFacts({ state: 'failed' })],
  ['book_equity_drop', accountFacts({ index: dec('0.95') }), accountFacts({ index: dec('0.9499') })],
  [
    'book_equity_drop',
    accountFacts({ index: dec('0.969'), high1h: dec('1.02') }),
    accountFacts({ index: dec('0.968898'), high1h: dec('1.02') }),
  ],
  ['equity_floor', strategyFacts({ equity: dec(9500) }), strategyFacts({ equity: dec('9499.99') })],
  [
    'no_trades',
    strategyFacts({ quietMs: 8 * HOUR, expectTradesEveryMs: 8 * HOUR }),
    strategyFacts({ quietMs: 8 * HOUR + 1, expectTradesEveryMs: 8 * HOUR }),
  ],
  [
    'no_trades',
    strategyFacts({ quietMs: 1000 * HOUR }),
    strategyFacts({ quietMs: 1000 * HOUR, expectTradesEveryMs: HOUR }),
  ],
  [
    'rejection_rate',
    strategyFacts({ submitted15m: 100, rejected15m: 5 }),
    strategyFacts({ submitted15m: 100, rejected15m: 6 }),
  ],
  [
    'rejection_rate',
    strategyFacts({ submitted15m: 9, rejected15m: 9 }),
    strategyFacts({ submitted15m: 10, rejected15m: 1 }),
  ],
  ['gateway_down', gatewayFacts({ state: 'offline' }), gatewayFacts({ state: 'degraded' })],
  ['gateway_down', gatewayFacts({ state: 'ready' }), gatewayFacts({ state: 'down' })],
  [
    'halt_incomplete',
    strategyFacts({ state: 'halted', causes: [cause()] }),
    strategyFacts({ state: 'halted', haltLeft: ['o1'] }),
  ],
  ['flatten_failed', strategyFacts({ flattenLeft: [] }), strategyFacts({ flattenLeft: ['EURUSD 1'] })],
  ['order_unknown', strategyFacts(), strategyFacts({ unknownOrders: ['o1'] })],
  ['book_mismatch', strategyFacts(), strategyFacts({ mismatches: ['EURUSD: ours 1, the venue 2'] })],
  ['journal_failed', daemonFacts(), daemonFacts({ journalOk: false })],
  [
    'stop_not_fired',
    strategyFacts({ positions: [position({ markPrice: dec('1.09') })] }),
    strategyFacts({ positions: [position({ markPrice: dec('1.08999') })] }),
  ],
  [
    'stop_not_fired',
    strategyFacts({ positions: [position({ qty: dec(-1), stopLoss: dec('1.2'), markPrice: dec('1.2') })] }),
    strategyFacts({ positions: [position({ qty: dec(-1), stopLoss: dec('1.2'), markPrice: dec('1.20001') })] }),
  ],
  ['stale_feed', strategyFacts({ stale: ['EURUSD'], state: 'stopped' }), strategyFacts({ stale: ['EURUSD'] })],
  ['headroom_low', strategyFacts({ headroom: [room('0.04')] }), strategyFacts({ headroom: [room('0.0401')] })],
  [
    'unprotected_position',
    strategyFacts({ positions: [position({ bareMs: 5 * MIN - 1 })] }),
    strategyFacts({ positions: [position({ bareMs: 5 * MIN })] }),
  ],
  [
    'unprotected_position',
    strategyFacts({ positions: [position({ losingMs: 4 * HOUR - 1 })] }),
    strategyFacts({ positions: [position({ losingMs: 4 * HOUR })] }),
  ],
  ['disk_low', daemonFacts({ freeBytes: 10e9 }), daemonFacts({ freeBytes: 10e9 - 1 })],
  [
    'disk_low',
    daemonFacts({ freeBytes: 1024 ** 3, diskBytes: 10e9 }),
    daemonFacts({ freeBytes: 1024 ** 3 - 1, diskBytes: 10e9 }),
  ],
  ['journal_slow', daemonFacts({ syncP99: 0.1 }), daemonFacts({ syncP99: 0.101 })],
  [
    'high_slippage',
    strategyFacts({ highSlippage: dec('0.001'), highSlippage5m: 0 }),
    strategyFacts({ highSlippage: dec('0.001'), highSlippage5m: 1, lastTrades: [trade({ slippage: dec('-0.0011') })] }),
  ],
];

function room(used: string) {
  return { rule: 'maxDrawdown', limit: dec('0.05'), used: dec(used), remaining: null, remainingMoney: null };
}

describe('a condition', () => {
  it.each(BOUNDARIES)('of %s holds beyond its boundary, and not on it', (id, holdsNot, holds) => {
    expect(look(id, holdsNot).holds).toBe(false);
    expect(look(id, holds)).toMatchObject({ holds: true, summary: expect.stringMatching(/./) });
  });

  it('is tried for every rule that the daemon judges', () => {
    const tried = new Set(BOUNDARIES.map(([id]) => id));
    expect(ALERT_RULES.filter(({ scope, id }) => scope !== 'outside' && !tried.has(id))).toEqual([]);
  });

  it.each([
    ['strategy_down', strategyFacts({ healthy: null })],
    ['book_equity_drop', accountFacts({ index: null })],
    ['book_equity_drop', accountFacts({ high1h: null })],
    ['equity_floor', strategyFacts({ equity: null })],
    ['no_trades', strategyFacts({ quietMs: null, expectTradesEveryMs: HOUR })],
    ['journal_failed', daemonFacts({ journalOk: null })],
    ['journal_slow', daemonFacts({ syncP99: null })],
    ['disk_low', daemonFacts({ freeBytes: null })],
  ])('of %s is neither true nor false without its input', (id, target) => {
    expect(look(id, target).holds).toBeNull();
  });
});

describe('the figures of an alert', () => {
  const rulebook = new Rulebook({ changes: {}, own: new Map() }, new Map());
  const readings = (changes: Parameters<typeof facts>[0]) =>
    new Map(
      evaluate(facts(changes), rulebook, (_, work) => work()).map(
        ({ terms, reading }) => [terms.rule.id, reading] as const,
      ),
    );

  it('have six significant digits where they are quotients or doubles, and all of them where they are money, counts or inputs', () => {
    const found = readings({
      accounts: [accountFacts({ index: dec('0.94'), high1h: dec('1.13') })],
      strategies: [
        strategyFacts({
          equity: dec('123456.78'),
          causes: [
            cause({ measured: 0.06123456789012345, limit: dec('0.05'), inputs: { peak: dec('10241.123456789') } }),
          ],
          submitted15m: 30,
          rejected15m: 10,
        }),
      ],
      daemon: daemonFacts({ syncP99: 0.014778325123152709, freeBytes: 123_456_789_012 }),
    });
    expect(toJson(found.get('book_equity_drop')!.measured)).toBe('0.168142');
    expect(toJson(found.get('rejection_rate')!.measured)).toBe('0.333333');
    expect(toJson(found.get('journal_slow')!.measured)).toBe('0.0147783');
    expect(toJson(found.get('equity_floor')!.measured)).toBe('123456.78');
    expect(toJson(found.get('disk_low')!.measured)).toBe('123456789012');
    expect(toJson(found.get('strategy_halted'))).toContain('"measured":0.0612346,"limit":0.05');
    expect(toJson(found.get('strategy_halted')!.inputs)).toContain('"peak":10241.123456789');
  });

  it('of a halt name who and the command that lifts it: that of the book where the book has halted', () => {
    const halted = (...causes: Parameters<typeof cause>[0][]) =>
      look('strategy_halted', strategyFacts({ causes: causes.map(cause) }));
    expect(halted({})).toMatchObject({ inputs: { by: 'its rule', scope: 'strategy' } });
    expect(halted({})).not.toHaveProperty('command');
    expect(halted({ by: 'ops' }, { scope: 'book' })).toMatchObject({
      inputs: { by: 'ops' },
      command: 'qkt resume --all --dry-run',
    });
    const strategies = [strategyFacts({ causes: [cause({ scope: 'book' })] })];
    expect(readings({ strategies }).get('strategy_halted')).toHaveProperty('command', 'qkt resume --all --dry-run');
  });

  it('of journal_slow are seconds, as its limit is', () => {
    const reading = look('journal_slow', daemonFacts({ syncP99: 0.2, slowSyncShare: 0.03 }));
    expect(reading).toMatchObject({ holds: true, measured: 0.2, limit: dec('0.1') });
    expect(reading.summary).toBe("1 % of the journal's writes within 5 min took 200 ms or longer, over 100 ms");
  });

  it.each(['strategy_halted', 'book_mismatch', 'flatten_failed', 'order_unknown', 'halt_incomplete', 'gateway_down'])(
    'of %s, which has no threshold, have no limit',
    (id) => expect(readings({ strategies: [strategyFacts({ causes: [cause()] })] }).get(id)!.limit).toBeNull(),
  );
});
