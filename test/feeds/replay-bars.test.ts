import { Big } from 'big.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay, write } from './replay-fixtures.ts';

const START = Date.UTC(2024, 0, 10);
const bars = (...rows: string[]): string => write(`time,open,high,low,close\n${rows.join('\n')}\n`);
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();

describe('replay of bars', () => {
  it('goes open, low, high, close for a rising bar and open, high, low, close for a falling one', async () => {
    const { ticks, source } = await replay(
      bars(`${at(0)},10,14,9,12`, `${at(1)},12,13,8,9`, `${at(2)},9,9,9,9`),
      'X',
      0,
    );
    expect(source).toMatchObject({ layout: 'bars', barMs: 60_000, firstTs: START });
    expect(ticks.map((t) => t.bid)).toEqual([10, 9, 14, 12, 12, 13, 8, 9, 9, 9, 9, 9]);
    expect(ticks.slice(0, 5).map((t) => t.ts - START)).toEqual([0, 20_000, 40_000, 59_999, 60_000]);
  });

  it('takes a bar that ends where it began for a rising one', async () => {
    const { ticks } = await replay(bars(`${at(0)},10,11,9,10`, `${at(1)},10,10,10,10`), 'X', 0);
    expect(ticks.slice(0, 4).map((t) => t.bid)).toEqual([10, 9, 11, 10]);
  });

  it('puts bid and ask half the spread from the mid price, without a binary tail', async () => {
    const { ticks } = await replay(bars(`${at(0)},1.1,1.3,1.0,1.2`, `${at(1)},1.2,1.2,1.2,1.2`), 'X', 0.0003);
    expect(ticks[0]).toMatchObject({ symbol: 'X', ts: START, bid: 1.09985, ask: 1.10015 });
    expect(ticks[2]).toMatchObject({ bid: 1.29985, ask: 1.30015 });
  });

  it('is exact for any prices and spread (against big.js)', async () => {
    const price = fc.integer({ min: 1000, max: 99_999_999 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(price, { minLength: 2, maxLength: 30 }),
        fc.nat(1998),
        fc.nat(6),
        async (mids, s, places) => {
          const spread = Big(`${s}e-${places}`);
          const decimals = mids.map((mid) => Big(`${mid}e-${places}`));
          const rows = decimals.map((mid, i) => `${at(i)}${`,${mid.toFixed()}`.repeat(4)}`);
          const { ticks } = await replay(bars(...rows), 'X', spread.toNumber());
          const expected = decimals.flatMap((mid) => {
            const quote = [mid.minus(spread.div(2)).toNumber(), mid.plus(spread.div(2)).toNumber()];
            return [quote, quote, quote, quote];
          });
          expect(ticks.map((t) => [t.bid, t.ask])).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('infers the length from the commonest distance, so that gaps do not count', async () => {
    const { source, ticks } = await replay(bars(...[0, 60, 65, 70, 4000, 4005].map((m) => `${at(m)},1,1,1,1`)), 'X');
    expect(source.barMs).toBe(300_000);
    expect(ticks.slice(-4).map((t) => t.ts - START - 4005 * 60_000)).toEqual([0, 100_000, 200_000, 299_999]);
  });

  it('interleaves the bars of several symbols by time', async () => {
    const rows = ['A', 'B'].flatMap((s) => [0, 1].map((m) => ({ s, m }))).toSorted((a, b) => a.m - b.m);
    const file = write(`ts,symbol,open,high,low,close\n${rows.map(({ s, m }) => `${at(m)},${s},1,1,1,1`).join('\n')}`);
    const { ticks, source } = await replay(file);
    expect(ticks.map((t) => t.symbol).join('')).toBe('ABABABABABABABAB');
    expect(ticks.map((t) => t.ts)).toEqual(ticks.map((t) => t.ts).toSorted((a, b) => a - b));
    expect(source.barMs).toBe(60_000);
  });

  it.each([
    ['a high below the low', '10,8,9,9', 'malformed', 'high 8 is below low 9', 29],
    ['an open above the high', '11,10,9,9', 'malformed', 'open 11 is not between low 9 and high 10', 26],
    ['a close below the low', '10,10,9,8', 'malformed', 'close 8 is not between low 9 and high 10', 34],
    ['a price that is not positive', '10,10,0,9', 'nonPositive', 'low "0" is not positive', 32],
    ['a low that the spread takes below zero', '10,10,0.2,9', 'nonPositive', 'half the spread', 1],
    ['a missing price', '10,,9,9', 'malformed', 'high "" is not a number', 29],
  ])('drops a bar with %s', async (_, prices, cause, detail, column) => {
    const good = [0, 1, 3].map((m) => `${at(m)},10,10,9,9`);
    const file = bars(good[0]!, good[1]!, `${at(2)},${prices}`, good[2]!);
    const { ticks, faults, source } = await replay(file, 'X', 0.5);
    expect(ticks).toHaveLength(12);
    expect(faults).toEqual([
      { cause, symbol: 'X', line: 4, column, detail: expect.stringContaining(detail) as string },
    ]);
    expect(source.counts).toMatchObject({ [cause]: 1 });
  });

  it('drops a second bar of the same time, and one that begins before the last has ended', async () => {
    const rows = [0, 1, 1, 2, 3, 3.5, 4].map((m) => `${at(m)},1,1,1,1`);
    const { ticks, faults } = await replay(bars(...rows), 'X');
    expect(ticks).toHaveLength(20);
    expect(faults.map(({ cause, line }) => [cause, line])).toEqual([
      ['backwards', 4],
      ['backwards', 7],
    ]);
  });
});
