import { assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../src/domain/decimal.ts';
import { orderTerms } from '../../src/worker/order-options.ts';

const terms = (options: unknown): unknown => orderTerms('buy', options);

describe('order options', () => {
  it('are a market order, good till cancelled, unless said', () => {
    expect(terms({ qty: 0.1 })).toEqual({ type: 'market', qty: '0.1', tif: 'GTC' });
  });

  it.each([
    [
      { qty: 1, type: 'limit', price: 1.1 },
      { type: 'limit', qty: '1', price: '1.1', tif: 'GTC' },
    ],
    [
      { qty: 1, type: 'stop', price: '1.10', tif: 'DAY' },
      { type: 'stop', qty: '1', price: '1.1', tif: 'DAY' },
    ],
    [
      { qty: '1e-7', type: 'trailingStop', trail: 5 },
      { type: 'trailingStop', qty: '0.0000001', trail: '5', tif: 'GTC' },
    ],
    [
      { qty: 1e-7, tag: 'x' },
      { type: 'market', qty: '0.0000001', tif: 'GTC', tag: 'x' },
    ],
    [
      { qty: 1, expiresAt: 1000.7 },
      { type: 'market', qty: '1', tif: 'GTD', expiresAt: 1000 },
    ],
    [
      { qty: 1, tif: 'GTD', expiresAt: new Date(5) },
      { type: 'market', qty: '1', tif: 'GTD', expiresAt: 5 },
    ],
    [
      { qty: 1, expiresAt: '1970-01-01T01:00:00+01:00' },
      { type: 'market', qty: '1', tif: 'GTD', expiresAt: 0 },
    ],
    [
      { qty: 1, bracket: { stopLoss: { by: 0.0015 }, takeProfit: { at: '1.2' } } },
      { type: 'market', qty: '1', tif: 'GTC', bracket: { stopLoss: { by: '0.0015' }, takeProfit: { at: '1.2' } } },
    ],
    [
      { qty: 1, bracket: { takeProfit: { by: 2 } } },
      { type: 'market', qty: '1', tif: 'GTC', bracket: { takeProfit: { by: '2' } } },
    ],
  ])('%j become %j', (options, expected) => {
    expect(terms(options)).toEqual(expected);
  });

  it('spread an even stack out into layers', () => {
    const stack = { layers: 3, spacing: 0.1, direction: 'with', within: '30m' };
    expect(terms({ qty: 0.2, stack })).toMatchObject({
      qty: '0.2',
      stack: {
        layers: [
          { offset: '0', qty: '0.2' },
          { offset: '0.1', qty: '0.2' },
          { offset: '0.2', qty: '0.2' },
        ],
        withinMs: 1_800_000,
      },
    });
    expect(terms({ qty: 1, stack: { ...stack, direction: 'against', within: 60_000 } })).toMatchObject({
      stack: { layers: [{ offset: '0' }, { offset: '-0.1' }, { offset: '-0.2' }], withinMs: 60_000 },
    });
  });

  it('take a listed stack as written, for 24 hours unless said', () => {
    const layers = [{ qty: 0.1 }, { offset: 100, qty: 0.2 }, { offset: '-200', qty: '0.30' }];
    expect(terms({ stack: { layers } })).toMatchObject({
      qty: '0.1',
      stack: {
        layers: [
          { offset: '0', qty: '0.1' },
          { offset: '100', qty: '0.2' },
          { offset: '-200', qty: '0.3' },
        ],
        withinMs: 86_400_000,
      },
    });
    expect(terms({ qty: 2, stack: { layers: [{ offset: 0 }, { offset: 1 }] } })).toMatchObject({
      stack: { layers: [{ qty: '2' }, { qty: '2' }] },
    });
  });

  it.each([
    [undefined, 'buy: the options must be an object, not missing'],
    [[], 'buy: the options must be an object, not a list'],
    [{}, 'buy: qty must be a finite number or decimal text, not missing'],
    [{ qty: 0 }, 'buy: qty must be more than 0, not 0'],
    [{ qty: -1 }, 'buy: qty must be more than 0, not -1'],
    [{ qty: NaN }, 'buy: qty must be a finite number or decimal text, not NaN'],
    [{ qty: Infinity }, 'buy: qty must be a finite number or decimal text, not Infinity'],
    [{ qty: 'ten' }, 'buy: qty must be a finite number or decimal text, not "ten"'],
    [{ qty: '1e999' }, 'buy: qty must be a finite number or decimal text, not "1e999"'],
    [{ qty: 1, pric: 1 }, 'buy: the options: unknown key "pric"; did you mean "price"?'],
    [{ qty: 1, stopLoss: 1 }, 'buy: the options: unknown key "stopLoss"; there are'],
    [{ qty: 1, type: 'Limit' }, 'buy: type must be market, limit, stop or trailingStop, not "Limit"'],
    [{ qty: 1, type: 'limit' }, 'buy: price of a limit order must be a finite number or decimal text, not missing'],
    [{ qty: 1, type: 'stop', price: 0 }, 'buy: price of a stop order must be more than 0, not 0'],
    [{ qty: 1, price: 1 }, 'buy: price has no meaning for a market order'],
    [{ qty: 1, type: 'trailingStop' }, 'buy: trail of a trailingStop order must be'],
    [{ qty: 1, type: 'trailingStop', trail: 1, price: 1 }, 'buy: price has no meaning for a trailingStop order'],
    [{ qty: 1, type: 'limit', price: 1, trail: 1 }, 'buy: trail has no meaning for a limit order'],
    [{ qty: 1, tif: 'IOC' }, 'buy: tif must be GTC, DAY or GTD, not "IOC"'],
    [{ qty: 1, tif: 'GTD' }, 'buy: tif GTD needs expiresAt'],
    [{ qty: 1, tif: 'DAY', expiresAt: 1 }, 'buy: expiresAt belongs to tif GTD, not to DAY'],
    [{ qty: 1, expiresAt: 'tomorrow' }, 'buy: expiresAt must be epoch ms, a Date or ISO-8601 text with its zone'],
    [{ qty: 1, expiresAt: '2026-11-22T10:00:00' }, 'buy: expiresAt must be epoch ms, a Date or ISO-8601 text'],
    [{ qty: 1, expiresAt: new Date(NaN) }, 'buy: expiresAt must be epoch ms, a Date or ISO-8601 text'],
    [{ qty: 1, bracket: {} }, 'buy: bracket needs stopLoss, takeProfit or both'],
    [{ qty: 1, bracket: { stopLoss: 5 } }, 'buy: bracket.stopLoss must be an object, not 5'],
    [{ qty: 1, bracket: { stopLoss: {} } }, 'buy: bracket.stopLoss needs either by (a distance) or at (a price)'],
    [{ qty: 1, bracket: { stopLoss: { by: 1, at: 1 } } }, 'buy: bracket.stopLoss needs either by'],
    [{ qty: 1, bracket: { takeProfit: { by: -1 } } }, 'buy: bracket.takeProfit.by must be more than 0, not -1'],
    [{ qty: 1, bracket: { stoploss: { by: 1 } } }, 'buy: bracket: unknown key "stoploss"; did you mean "stopLoss"?'],
    [{ qty: 1, tag: 5 }, 'buy: tag must be text of at most 100 characters, not 5'],
    [{ qty: 1, stack: 3 }, 'buy: stack must be an object, not 3'],
    [{ stack: { layers: 2, spacing: 1, direction: 'with' } }, 'qty of each stack layer must be'],
    [
      { qty: 1, stack: { layers: 0, spacing: 1, direction: 'with' } },
      'buy: stack.layers must be a whole number from 1',
    ],
    [{ qty: 1, stack: { layers: 1.5, spacing: 1, direction: 'with' } }, 'buy: stack.layers must be a whole number'],
    [{ qty: 1, stack: { layers: 2, spacing: 0, direction: 'with' } }, 'buy: stack.spacing must be more than 0, not 0'],
    [{ qty: 1, stack: { layers: 2, spacing: 1 } }, 'buy: stack.direction must be "with" or "against", not missing'],
    [{ qty: 1, stack: { layers: 2, spacing: 1, direction: 'up' } }, 'buy: stack.direction must be "with" or "against"'],
    [{ qty: 1, stack: { layers: [] } }, 'buy: stack.layers must hold 1 to 100 layers, not 0'],
    [{ qty: 1, stack: { layers: [{ offset: 1, qty: 1 }] } }, 'buy: stack.layers[0].offset must be 0'],
    [{ qty: 1, stack: { layers: [{ qty: 1 }, { qty: 1 }] } }, 'buy: stack.layers[1].offset must be a finite number'],
    [{ stack: { layers: [{ offset: 0 }] } }, 'buy: stack.layers[0].qty must be a finite number'],
    [{ qty: 1, stack: { layers: [{}], spacing: 1 } }, 'buy: stack: unknown key "spacing"'],
    [{ qty: 1, stack: { layers: [{}], within: 'soon' } }, 'buy: stack.within must be a duration such as "30m"'],
    [{ qty: 1, stack: { layers: [{}], within: 0 } }, 'buy: stack.within must be a duration such as "30m"'],
  ])('%j are refused', (options, message) => {
    expect(() => terms(options)).toThrow(
      expect.objectContaining({ code: 'QKT_E_INTENT', message: expect.stringContaining(message) as string }),
    );
  });

  it('carry every positive number as the decimal that prints it shortest', () => {
    assert(
      property(double({ min: 1e-15, max: 1e15, noNaN: true }), (qty) => {
        const text = orderTerms('buy', { qty }).qty;
        expect(text).toMatch(/^\d+(\.\d+)?$/);
        expect(Number(text)).toBe(qty);
        expect(text).toBe(Decimal.of(String(qty)).toString());
      }),
    );
  });
});
