import { expect, it } from 'vitest';
import { TestDaemon } from '../doubles/daemon.ts';

const HOLDER = `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'holder',
  streams: { up: { symbol: 'AAABBB' }, down: { symbol: 'CCCBBB' } },
  create: () => {
    const done = new Set();
    return {
      onTick(tick, ctx) {
        if (done.has(tick.stream)) return;
        done.add(tick.stream);
        if (tick.stream === 'up') ctx.buy('up', { qty: 0.5 });
        else ctx.sell('down', { qty: 0.5 });
      },
    };
  },
});
`;

const TERMS = { contractSize: 100, tickSize: 0.01, volumeMin: 0.1, volumeStep: 0.1, quote: 'USD', session: '24x7' };

/** Quotes of both symbols at these times, always the same price. */
const quotes = (...times: string[]): string =>
  ['timestamp,symbol,bid,ask']
    .concat(times.flatMap((time) => ['AAABBB', 'CCCBBB'].map((symbol) => `${time},${symbol},10.00,10.00`)))
    .join('\n');

/** Realized after holding both positions through these quotes. */
async function realizedAfter(...times: string[]): Promise<number> {
  const daemon = await TestDaemon.boot({
    isolation: 'inline',
    keepsNothing: true,
    files: { 'holder.ts': HOLDER, 'data.csv': quotes(...times) },
    config: {
      venues: { paper: { type: 'paper', feed: 'replay', file: 'data.csv', speed: 'max' } },
      instruments: {
        AAABBB: { ...TERMS, base: 'AAA', swapLong: -2, swapShort: 1 },
        CCCBBB: { ...TERMS, base: 'CCC', swapLong: -2, swapShort: 1 },
      },
      risk: { dayRollover: '21:00 UTC' },
    },
  });
  try {
    await daemon.deployed(`${daemon.dir}/holder.ts`);
    daemon.openMarkets();
    await daemon.app.feedsEnded;
    return (JSON.parse(daemon.summary('holder')) as { realized: number }).realized;
  } finally {
    await daemon.close();
  }
}

it('PNL-14: −2 points long and +1 short over one roll-over are −1 and +0.5, charged once', async () => {
  expect(await realizedAfter('2024-01-09T20:00:00Z', '2024-01-09T21:30:00Z', '2024-01-09T22:00:00Z')).toBe(-0.5);
});

it('a swap is charged three times on Wednesday, not at weekends, and not before a roll-over', async () => {
  expect(await realizedAfter('2024-01-10T20:00:00Z', '2024-01-10T21:30:00Z')).toBe(-1.5);
  expect(await realizedAfter('2024-01-13T20:00:00Z', '2024-01-14T22:00:00Z')).toBe(0);
  expect(await realizedAfter('2024-01-09T10:00:00Z', '2024-01-09T20:59:59Z')).toBe(0);
});

it('a week is seven roll-overs and seven nights', async () => {
  const days = Array.from({ length: 8 }, (_, day) => `2024-01-${String(8 + day).padStart(2, '0')}T20:00:00Z`);
  expect(await realizedAfter(...days)).toBe(-3.5);
});
