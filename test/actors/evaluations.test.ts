import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Evaluations, type Asked } from '../../src/actors/evaluations.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { IntentOutcome } from '../../src/streams/order-desk.ts';
import { STAGES } from '../../src/risk/stages.ts';

const NOW = Date.parse('2026-11-22T07:28:33.123Z');
const at = (on: string, ms = 0) => ({ on, now: NOW + ms });
const denied = (code: string) => ({ code, reason: `${code} says no`, measured: dec('1.5'), limit: 1 });

/** A buy of 2 X that ended so. */
function asked(outcome: IntentOutcome, orderId = 's-1-1'): Asked {
  const intent = { kind: 'place', orderId, signalId: 's', stream: 'x', side: 'BUY', type: 'market' } as const;
  return { intent: { ...intent, qty: dec(2), tif: 'GTC' }, symbol: 'X', outcome };
}

describe('evaluations', () => {
  it('are an order as soon as one went out, else what stopped the first', () => {
    const evaluations = new Evaluations();
    for (let i = 0; i < 3; i++) evaluations.quiet('tick', NOW);
    evaluations.record([], at('bar'), true);
    evaluations.record([asked('nothing')], at('bar'), true);
    evaluations.record([], at('timer'), false);
    evaluations.record([asked(denied('WARMUP')), asked(denied('HALTED'))], at('bar'), true);
    evaluations.record([asked(denied('WARMUP')), asked('order')], at('timer'), false);
    evaluations.record([asked('nothing'), asked(denied('HALTED'))], at('fill'), false);
    expect(evaluations.view()).toEqual({
      total: 8,
      noSignal: 5,
      signals: 3,
      orders: 1,
      blocked: { WARMUP: 1, HALTED: 1 },
    });
  });

  it('leave the latest example of each outcome, with what was asked for and the figures that stopped it', () => {
    const evaluations = new Evaluations();
    evaluations.quiet('tick', NOW);
    evaluations.record([asked(denied('MAX_POSITION'), 's-1-1')], at('bar', 1), true);
    evaluations.record([asked('nothing'), asked(denied('MAX_POSITION'), 's-1-3')], at('timer', 2), false);
    evaluations.record([asked('order', 's-1-4')], at('bar', 3), true);
    const order = { symbol: 'X', side: 'BUY', type: 'market', qty: dec(2) };
    expect(evaluations.outcomes()).toEqual([
      { outcome: 'noSignal', count: 1, last: { ts: '2026-11-22T07:28:33.123Z', on: 'tick' } },
      { outcome: 'order', count: 1, last: { ts: '2026-11-22T07:28:33.126Z', on: 'bar', orderId: 's-1-4', ...order } },
      {
        outcome: 'MAX_POSITION',
        count: 2,
        last: {
          ts: '2026-11-22T07:28:33.125Z',
          on: 'timer',
          orderId: 's-1-3',
          ...order,
          reason: 'MAX_POSITION says no',
          measured: dec('1.5'),
          limit: 1,
        },
      },
    ]);
  });

  it('are nothing to begin with, and say that no example is known', () => {
    expect(new Evaluations().outcomes()).toEqual([
      { outcome: 'noSignal', count: 0, last: null },
      { outcome: 'order', count: 0, last: null },
    ]);
  });

  it('always add up, over restarts as well, and so do the outcomes', () => {
    const outcome = fc.constantFrom<IntentOutcome>(
      'order',
      'nothing',
      ...STAGES.slice(0, 4).map(({ code }) => denied(code)),
    );
    const callbacks = fc.array(fc.tuple(fc.array(outcome, { maxLength: 3 }), fc.boolean(), fc.boolean()));
    fc.assert(
      fc.property(callbacks, (calls) => {
        let evaluations = new Evaluations();
        for (const [outcomes, isEvaluation, restarts] of calls) {
          evaluations.record(
            outcomes.map((each) => asked(each)),
            at('bar'),
            isEvaluation,
          );
          if (!restarts) continue;
          const before = evaluations;
          evaluations = new Evaluations();
          evaluations.restore(before.save());
          expect(evaluations.outcomes()).toEqual(before.outcomes());
        }
        const { total, noSignal, signals, orders, blocked } = evaluations.view();
        expect(total).toBe(noSignal + signals);
        expect(signals).toBe(orders + Object.values(blocked).reduce((sum, count) => sum + count, 0));
        expect(evaluations.outcomes().reduce((sum, { count }) => sum + count, 0)).toBe(total);
        for (const { count, last } of evaluations.outcomes()) expect(last === null).toBe(count === 0);
      }),
    );
  });
});
