import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, dec } from '../../src/domain/decimal.ts';
import type { GateInput } from '../../src/risk/gate-input.ts';
import { checkGate, isReducing } from '../../src/risk/gate.ts';
import { tighter, type GateLimits } from '../../src/risk/limits.ts';
import { STAGES } from '../../src/risk/stages.ts';
import { order } from './support.ts';

const decimal = (least: number, most: number) =>
  fc.integer({ min: least * 10, max: most * 10 }).map((tenths) => new Decimal(BigInt(tenths), 1).trimmed());
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** Record without the members that came out undefined. */
const sparse = <T extends object>(model: { [K in keyof T]-?: fc.Arbitrary<T[K] | undefined> }): fc.Arbitrary<T> =>
  fc
    .record(model as { [K in keyof T]: fc.Arbitrary<T[K]> })
    .map((full) => Object.fromEntries(Object.entries(full).filter(([, value]) => value !== undefined)) as T);

const limitsArbitrary = sparse<Required<GateLimits>>({
  maxOrderQty: maybe(decimal(1, 10)),
  maxOrderNotional: maybe(decimal(1, 1000)),
  priceCollar: maybe(decimal(0, 1)),
  maxPosition: maybe(decimal(1, 10)),
  maxOpenPositions: maybe(fc.integer({ min: 1, max: 4 })),
  maxTradesPerDay: maybe(fc.integer({ min: 1, max: 5 })),
  marginFloor: maybe(decimal(0, 200)),
  cooldown: maybe(fc.record({ losses: fc.integer({ min: 1, max: 4 }), forMs: fc.integer({ min: 1, max: 2000 }) })),
}) as fc.Arbitrary<GateLimits>;

const rarely = <T>(usual: T, else_: T) => fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, fc.constant(else_));

const inputArbitrary: fc.Arbitrary<GateInput> = fc
  .record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    qty: decimal(1, 12),
    kind: fc.constantFrom('market' as const, 'limit' as const, 'stop' as const),
    price: decimal(50, 150),
    reduceOnly: rarely(false, true),
    position: decimal(-10, 10),
    reducingQty: decimal(0, 5),
    workingQty: decimal(0, 5),
    exposed: fc.uniqueArray(fc.constantFrom('EURUSD', 'GBPUSD', 'XAUUSD', 'USDJPY')),
    closed: rarely<string | undefined>(undefined, 'halted'),
    gatewayReady: rarely(true, false),
    unknownOrder: rarely<string | undefined>(undefined, 'x-1-1'),
    warm: rarely(true, false),
    feed: rarely<string | undefined>(undefined, 'stale'),
    reference: rarely<Decimal | undefined>(dec(100), undefined),
    history: fc.record({
      entriesToday: fc.nat(6),
      streak: fc.nat(5),
      lastLossAt: maybe(fc.integer({ min: 998_000, max: 1_000_000 })),
    }),
    margin: fc.record({ level: maybe(decimal(0, 300)), unreadable: fc.nat(4) }),
    limits: limitsArbitrary,
  })
  .map(({ kind, price, ...rest }) => order({ ...rest, type: kind, price: kind === 'market' ? undefined : price }));

describe('the gate, for any order in any state', () => {
  it('never lets more through when caps are tightened', () => {
    fc.assert(
      fc.property(inputArbitrary, limitsArbitrary, (input, more) => {
        const tight = checkGate({ ...input, limits: tighter(input.limits, more) });
        if (tight === undefined) {
          expect(checkGate(input)).toBeUndefined();
          expect(checkGate({ ...input, limits: more })).toBeUndefined();
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('gives the first refusal of its stages, and passes only what none of them refuses', () => {
    fc.assert(
      fc.property(inputArbitrary, (input) => {
        const reducing = isReducing(input);
        const refusals = STAGES.filter((stage) => !(reducing && stage.sparesReducing)).flatMap(({ code, refuses }) => {
          const refusal = refuses(input);
          return refusal === undefined ? [] : [{ code, ...refusal }];
        });
        expect(checkGate(input)).toEqual(refusals[0]);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives the same answer however often it is asked', () => {
    fc.assert(
      fc.property(inputArbitrary, (input) => {
        expect(checkGate(input)).toEqual(checkGate(input));
      }),
    );
  });

  it('never takes for reducing what could add exposure, even when every exit on its way fills', () => {
    fc.assert(
      fc.property(inputArbitrary, (input) => {
        if (input.reduceOnly || !isReducing(input)) return;
        const { position, reducingQty, qty } = input;
        const left = position.abs().minus(reducingQty).minus(qty);
        expect(left.sign()).toBeGreaterThanOrEqual(0);
        expect(left.compare(position.abs())).toBeLessThan(0);
      }),
      { numRuns: 5000 },
    );
  });

  it('lets no entry through while it is closed', () => {
    fc.assert(
      fc.property(inputArbitrary, (input) => {
        const shut = { ...input, closed: 'halted' };
        if (checkGate(shut) === undefined) expect(isReducing(shut)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('never leaves a position beyond its cap by an entry, even when all that works fills', () => {
    fc.assert(
      fc.property(inputArbitrary, decimal(1, 10), (input, maxPosition) => {
        const capped = { ...input, limits: { ...input.limits, maxPosition } };
        if (checkGate(capped) !== undefined || isReducing(capped)) return;
        const sign = input.side === 'BUY' ? input.position : input.position.negated();
        expect(sign.plus(input.workingQty).plus(input.qty).compare(maxPosition)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('caps of two sources', () => {
  it('come to the same in either order, and twice is once', () => {
    fc.assert(
      fc.property(limitsArbitrary, limitsArbitrary, (a, b) => {
        expect(tighter(a, b)).toEqual(tighter(b, a));
        expect(tighter(a, a)).toEqual(a);
        expect(tighter(tighter(a, b), b)).toEqual(tighter(a, b));
        expect(tighter(a, {})).toEqual(a);
      }),
    );
  });
});
