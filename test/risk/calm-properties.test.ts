/** A monitor that spares certain looks beside one that always looks, over the same random days. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Decimal, dec } from '../../src/domain/decimal.ts';
import { evaluateRule } from '../../src/risk/halt-rules.ts';
import { RiskMonitor, type Judge, type LookInputs } from '../../src/risk/monitor.ts';
import { inputs, rule } from './support.ts';

const RULES = [
  rule('maxDrawdown', '0.05', { basis: 'peak' }),
  rule('maxDrawdown', '0.1', { basis: 'start' }),
  rule('maxDailyLoss', 400),
  rule('maxDailyLoss', 300, { realizedOnly: true }),
  rule('maxDailyDrawdown', '0.06', { basis: 'balance' }),
  rule('maxLosingStreak', 3),
  rule('maxRejections', 4, { windowMs: 3000 }),
];
const PEAKS = [10_000, 10_000.01, 10_400];
const DAYS = [10_000, 9_800, 10_300];
const BALANCES = [10_000, 9_900, 9_690];

/** Where rules on equity trip, to the last decimal on either side, and far from it. */
const floors = [
  ...PEAKS.map((peak) => dec(peak).times(dec('0.95'))),
  dec(9000),
  ...DAYS.flatMap((day) => [dec(day).minus(dec(400)), dec(day).times(dec('0.94'))]),
];
const equities = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 990_000, max: 1_041_000 }).map((cents) => new Decimal(BigInt(cents), 2)) },
  fc
    .tuple(fc.constantFrom(...floors), fc.constantFrom('0', '0.00000001', '-0.00000001', '-0.0001'))
    .map(([floor, by]) => floor.plus(dec(by))),
);

/** What changes from one second to the next: most often nothing but equity. */
interface Change {
  readonly equity: Decimal | undefined;
  readonly now: number;
  readonly peak?: number;
  readonly dayEquity?: number;
  readonly dayBalance?: number;
  readonly balance?: number;
  readonly streak?: number;
  readonly rejections?: number;
  readonly idle: boolean;
  readonly clockRuns: boolean;
  readonly throws: boolean;
  readonly act?: 'lift' | 'restart';
}
const seldom = <T>(values: readonly T[]) =>
  fc.oneof({ weight: 25, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) });
const often = (value: boolean) =>
  fc.oneof({ weight: 25, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.constant(!value) });
const changes = fc.array(
  fc
    .record({
      equity: fc.option(equities, { nil: undefined, freq: 25 }),
      now: fc.constantFrom(1000, 1000, 1000, 200_000),
      peak: seldom(PEAKS),
      dayEquity: seldom(DAYS),
      dayBalance: seldom(DAYS),
      balance: seldom(BALANCES),
      streak: seldom([0, 1, 2, 3]),
      rejections: seldom([0, 1, 3, 4]),
      idle: often(false),
      clockRuns: often(true),
      throws: often(false),
      act: seldom(['lift', 'restart'] as const),
    })
    .map(
      (change) =>
        Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never as Change,
    ),
  { minLength: 2, maxLength: 40 },
);

/** The account after each change; a count that cannot be read throws. */
function* accounts(all: readonly Change[]): Generator<{ readonly at: LookInputs; readonly act: Change['act'] }> {
  let state = {
    peak: 10_000,
    dayEquity: 10_000,
    dayBalance: 10_000,
    balance: 10_000,
    streak: 0,
    rejections: 0,
    now: 0,
  };
  for (const { equity, now, idle, clockRuns, throws, act, ...changed } of all) {
    state = { ...state, ...changed, now: state.now + now };
    const { streak, rejections, now: at, ...money } = state;
    const read = (count: number) => () => {
      if (throws) throw new Error('unreadable');
      return count;
    };
    const counts = { losingStreak: read(streak), rejections: read(rejections), closes: () => 0 };
    yield { at: inputs({ ...money, equity }, { now: at, idle, clockRuns, counts }), act };
  }
}

it('sparing the looks that are certain to find nothing trips, counts and stands as looking every second does', () => {
  let looks = 0;
  let spared = 0;
  fc.assert(
    fc.property(changes, (all) => {
      let judged = false;
      const judge: Judge = (which, at) => {
        judged = true;
        return evaluateRule(which, at);
      };
      let sparing = new RiskMonitor(RULES, judge);
      let looking = new RiskMonitor(RULES);
      for (const { at, act } of accounts(all)) {
        for (const monitor of act === 'lift' ? [sparing, looking] : []) monitor.lift();
        if (act === 'restart') [sparing, looking] = [restarted(sparing, judge), restarted(looking)];
        looking.referencesMoved();
        judged = false;
        expect(sparing.evaluate(at)).toEqual(looking.evaluate(at));
        expect([sparing.phase, sparing.save()]).toEqual([looking.phase, looking.save()]);
        if (at.idle) continue;
        looks += 1;
        if (!judged && Object.keys(looking.save().tripped).length < RULES.length) spared += 1;
      }
    }),
    { numRuns: 5000 },
  );
  // Else this would compare a thing with itself.
  expect(spared).toBeGreaterThan(looks / 10);
});

function restarted(monitor: RiskMonitor, judge?: Judge): RiskMonitor {
  const fresh = new RiskMonitor(RULES, judge);
  fresh.restore(monitor.save());
  return fresh;
}
