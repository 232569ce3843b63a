/** Checked by `tsc --noEmit` as much as by running: a `@ts-expect-error` that is none fails the type check. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defineStrategy, param, type Bar, type Ctx, type PlaceOptions, type StrategyDefinition } from 'qkt';
import contractExample from '../../examples/ema-cross.ts';

const create = (): object => ({});

describe('the types of qkt', () => {
  it('take the example of the contract as it is', () => {
    expectTypeOf(contractExample).toEqualTypeOf<StrategyDefinition>();
    expect(contractExample.name).toBe('ema-cross');
  });

  it('know parameters, streams and timers by name', () => {
    const definition = defineStrategy({
      name: 'typed',
      version: 1,
      params: {
        fast: param.integer(9),
        size: param.decimal('0.1'),
        on: param.boolean(true),
        note: param.string(''),
        mode: param.oneOf('slow', ['slow', 'quick']),
      },
      streams: { eur: { symbol: 'EURUSD', bars: '1m' }, yen: { symbol: 'USDJPY' } },
      timers: { hourly: { every: '1h' }, close: { at: '16:55', zone: 'America/New_York' } },
      create({ params, indicators }) {
        expectTypeOf(params.fast).toEqualTypeOf<number>();
        expectTypeOf(params.size).toEqualTypeOf<number>();
        expectTypeOf(params.on).toEqualTypeOf<boolean>();
        expectTypeOf(params.note).toEqualTypeOf<string>();
        expectTypeOf(params.mode).toEqualTypeOf<'slow' | 'quick'>();
        // @ts-expect-error no such parameter
        expect(params.slow).toBeUndefined();
        expectTypeOf(indicators.ema(3).update(1)).toEqualTypeOf<number | undefined>();
        return {
          onBar(bar, ctx) {
            expectTypeOf(bar).toEqualTypeOf<Bar<'eur' | 'yen'>>();
            expectTypeOf(ctx).toEqualTypeOf<Ctx<'eur' | 'yen'>>();
            ctx.buy('eur', { qty: params.fast });
            // @ts-expect-error no such stream
            ctx.buy('gbp', { qty: 1 });
            // @ts-expect-error no such stream
            ctx.position('gbp');
            indicators.atr(3).update(bar);
          },
          onTimer(name, ctx) {
            expectTypeOf(name).toEqualTypeOf<'hourly' | 'close'>();
            ctx.cancelAll();
          },
          onFill(fill) {
            expectTypeOf(fill.stream).toEqualTypeOf<'eur' | 'yen'>();
          },
          onReject(denial) {
            expectTypeOf(denial.status).toEqualTypeOf<'denied' | 'rejected'>();
          },
        };
      },
    });
    expect(Object.keys(definition.timers)).toEqual(['hourly', 'close']);
  });

  it('have no timer names where there are no timers', () => {
    defineStrategy({
      name: 'typed',
      streams: { eur: { symbol: 'EURUSD' } },
      create: () => ({
        onTimer(name) {
          expectTypeOf(name).toEqualTypeOf<never>();
        },
      }),
    });
  });

  it('let order options be only those that go together', () => {
    const options: PlaceOptions[] = [
      { qty: 1 },
      { qty: '0.1', type: 'limit', price: 1.1, tif: 'DAY' },
      { qty: 1, type: 'trailingStop', trail: '5' },
      { qty: 1, expiresAt: new Date(0) },
      { qty: 1, bracket: { stopLoss: { by: 1 }, takeProfit: { at: 2 } } },
      { qty: 1, stack: { layers: 3, spacing: 0.5, direction: 'against', within: '10m' } },
      { stack: { layers: [{ qty: 1 }, { offset: -1, qty: 2 }] } },
      // @ts-expect-error a limit order needs its price
      { qty: 1, type: 'limit' },
      // @ts-expect-error a market order has no price
      { qty: 1, price: 1 },
      // @ts-expect-error a quantity is needed
      { type: 'market' },
      // @ts-expect-error either by or at
      { qty: 1, bracket: { stopLoss: { by: 1, at: 1 } } },
      // @ts-expect-error an empty bracket
      { qty: 1, bracket: {} },
      // @ts-expect-error an even stack needs a direction
      { qty: 1, stack: { layers: 3, spacing: 1 } },
      // @ts-expect-error a day order does not expire at a time
      { qty: 1, tif: 'DAY', expiresAt: 5 },
      // @ts-expect-error no such option
      { qty: 1, stopLoss: 5 },
    ];
    expect(options).toHaveLength(15);
  });

  it('refuse definitions that would be refused when loaded', () => {
    const streams = { eur: { symbol: 'EURUSD' } };
    const attempts = [
      // @ts-expect-error a length that is none
      () => defineStrategy({ name: 'x', streams: { eur: { symbol: 'EURUSD', bars: 'minute' } }, create }),
      // @ts-expect-error no symbol
      () => defineStrategy({ name: 'x', streams: { eur: {} }, create }),
      // @ts-expect-error no streams
      () => defineStrategy({ name: 'x', create }),
      // @ts-expect-error not one of the options
      () => defineStrategy({ name: 'x', streams, params: { a: param.oneOf('c', ['a', 'b']) }, create }),
      // @ts-expect-error both ways of a timer
      () => defineStrategy({ name: 'x', streams, timers: { t: { every: '1m', at: '10:00' } }, create }),
      // @ts-expect-error no such answer to a hang
      () => defineStrategy({ name: 'x', streams, onHang: 'ignore', create }),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(expect.objectContaining({ code: 'QKT_E_STRATEGY_SHAPE' }));
  });

  it('refuse callbacks that are asynchronous', () => {
    defineStrategy({
      name: 'x',
      streams: { eur: { symbol: 'EURUSD' } },
      create: () => ({
        // @ts-expect-error callbacks return nothing
        async onTick() {
          await Promise.resolve();
        },
      }),
    });
  });
});
