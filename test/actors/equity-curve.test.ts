import { describe, expect, it } from 'vitest';
import { EquityCurve } from '../../src/actors/equity-curve.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { Figures } from '../../src/observe/status-view.ts';

const HEAD = { currency: 'USD', startingBalance: dec(100) } as Figures;
const at = (equity: number | null, drawdown: number | null = 0) => ({
  equity: equity === null ? null : dec(equity),
  balance: dec(100),
  drawdown: drawdown === null ? null : dec(drawdown),
});

describe('the equity curve', () => {
  it('has one point for each second, the last figure of it and its worst drawdown', () => {
    const curve = new EquityCurve('a');
    curve.take(10_000, at(100, 0.01));
    curve.take(10_400, at(101, 0.03));
    curve.take(10_900, at(102, 0.02));
    curve.take(11_000, at(103));
    const { ts, equity, drawdown } = curve.view('10m', HEAD);
    expect(ts).toEqual(['1970-01-01T00:00:10.900Z', '1970-01-01T00:00:11.000Z']);
    expect([equity, drawdown]).toEqual([
      [102, 103],
      [0.03, 0],
    ]);
    expect(curve.view('1d', HEAD)).toMatchObject({ equity: [103], drawdown: [0.03], stepMs: 60_000 });
  });

  it('keeps ten minutes of seconds and a day of minutes, and shows what is not known as null', () => {
    const curve = new EquityCurve('a');
    for (let s = 0; s < 90_000; s += 10) curve.take(s * 1000, at(s));
    curve.take(90_000_000, at(null, null));
    const seconds = curve.view('10m', HEAD);
    expect(seconds.ts).toHaveLength(600);
    expect([seconds.equity.at(-1), seconds.drawdown.at(-1)]).toEqual([null, null]);
    const minutes = curve.view('1d', HEAD);
    expect(minutes.ts).toHaveLength(1440);
    expect(minutes.equity[0]).toBe(61 * 60 + 50);
    expect(curve.recent(60)).toHaveLength(60);
  });
});
