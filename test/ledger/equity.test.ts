import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { Engine, instrument } from '../doubles/engine.ts';

const cross = instrument('EURJPY', { base: 'EUR', quote: 'JPY' });
const yen = instrument('USDJPY', { base: 'USD', quote: 'JPY' });

function drawdown(engine: Engine): string {
  return engine.equity.drawdown(engine.equity.equity()!).toString();
}

describe('equity', () => {
  it('takes the drawdown from the peak that realized profit has set: EQ-4', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 10);
    engine.quote(120);
    engine.close();
    engine.place('BUY', 10);
    engine.quote(110);
    engine.close();
    expect(engine.ledger.realized.toNumber()).toBe(100);
    expect(engine.equity.peak.toNumber()).toBe(10_200);
    expect(drawdown(engine)).toBe('0.00980392');
    expect(engine.equity.maxDrawdown.toString()).toBe('0.00980392');
  });

  it('starts its peak at the starting balance: EQ-5', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 10);
    engine.quote(90);
    engine.close();
    expect([engine.equity.peak.toNumber(), drawdown(engine)]).toEqual([10_000, '0.01']);
  });

  it('counts a floating profit that was given back', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 100);
    engine.quotes(110, 99, 104);
    expect([engine.equity.peak.toNumber(), engine.equity.maxDrawdown.toString()]).toEqual([11_000, '0.1']);
    expect(drawdown(engine)).toBe('0.05454545');
  });

  it('has no drawdown without a positive reference, and never a negative one', () => {
    const engine = new Engine({ startingBalance: 0 });
    engine.quote(100);
    engine.place('BUY', 1);
    engine.quote(90);
    expect(drawdown(engine)).toBe('0');
    engine.quote(130);
    expect(drawdown(engine)).toBe('0');
  });

  it("measures the day's loss from the equity at the day's start", () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 10);
    engine.quote(110);
    engine.equity.startDay();
    engine.quote(70);
    expect(engine.equity.dailyLoss(engine.equity.equity()!)?.toNumber()).toBe(400);
    engine.quote(120);
    expect(engine.equity.dailyLoss(engine.equity.equity()!)?.toNumber()).toBe(0);
  });

  it('is unknown without a rate', () => {
    const engine = new Engine({ instruments: [cross, yen] });
    engine.quote(150, 150, { symbol: 'USDJPY' });
    engine.quote(160, 160, { symbol: 'EURJPY' });
    engine.place('BUY', 10, { symbol: 'EURJPY' });
    expect(engine.equity.equity()?.toString()).toBe('10000');
    const blind = new Engine({ instruments: [cross] });
    blind.quote(160, 160, { symbol: 'EURJPY' });
    expect(blind.offer('BUY', 10, { symbol: 'EURJPY' })).toMatchObject({ code: 'UNPRICEABLE' });
  });

  it('follows the conversion rate as well as the mark', () => {
    const engine = new Engine({ instruments: [cross, yen] });
    engine.quote(150, 150, { symbol: 'USDJPY' });
    engine.quote(160, 160, { symbol: 'EURJPY' });
    engine.place('BUY', 100, { symbol: 'EURJPY' });
    engine.quote(190, 190, { symbol: 'EURJPY' });
    engine.quote(100, 100, { symbol: 'USDJPY' });
    expect(engine.equity.peak.toString()).toBe('10030');
    engine.quote(190, 190, { symbol: 'EURJPY' });
    engine.quote(150, 150, { symbol: 'USDJPY' });
    expect(engine.equity.maxDrawdown.toString()).toBe('0.00099701');
  });

  it('finds the peak and the worst drawdown of every tick, as a look at each of them would', () => {
    const steps = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 120 });
    const flips = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 8 });
    fc.assert(
      fc.property(steps, flips, fc.constantFrom('X', 'USDJPY', 'EURJPY'), (moves, acts, symbol) => {
        const engine = new Engine({ instruments: [instrument('X'), cross, yen], startingBalance: '1000.01' });
        engine.quote(150, 150.02, { symbol: 'USDJPY' });
        let peak = dec('1000.01');
        let worst = dec(0);
        let cents = 15_000;
        moves.forEach((move, index) => {
          cents = Math.max(100, cents + move);
          engine.quote(cents / 100, (cents + 2) / 100, { symbol });
          const look = (): void => {
            const equity = engine.equity.equity()!;
            if (equity.greaterThan(peak)) peak = equity;
            const ratio = peak.minus(equity).dividedBy(peak);
            if (ratio.greaterThan(worst)) worst = ratio;
          };
          look();
          if (!acts.includes(index)) return;
          if (index % 2 === 0) engine.place(index % 4 === 0 ? 'BUY' : 'SELL', 3, { symbol });
          else engine.close(symbol);
          look();
        });
        expect(engine.equity.peak.toString()).toBe(peak.toString());
        expect(engine.equity.maxDrawdown.toString()).toBe(worst.toString());
      }),
      { numRuns: 200 },
    );
  });
});
