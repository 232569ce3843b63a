/** The last bar of a bar file is closed at its end like every other; the one under way at the end of quotes is not. */
import { expect, it, onTestFinished } from 'vitest';
import type { RawConfig } from '../../src/config/schema.ts';
import { TestDaemon } from '../doubles/daemon.ts';

const FIVE_BARS = `time,symbol,open,high,low,close
2024-01-10T00:00:00Z,EURUSD,1.1,1.2,1.0,1.15
2024-01-10T00:01:00Z,EURUSD,1.1,1.2,1.0,1.16
2024-01-10T00:02:00Z,EURUSD,1.1,1.2,1.0,1.17
2024-01-10T00:03:00Z,EURUSD,1.1,1.2,1.0,1.18
2024-01-10T00:04:00Z,EURUSD,1.1,1.2,1.0,1.19
`;
const QUOTES = `time,symbol,bid,ask
2024-01-10T00:00:00Z,EURUSD,1.1,1.1
2024-01-10T00:01:00Z,EURUSD,1.2,1.2
2024-01-10T00:01:59.999Z,EURUSD,1.3,1.3
`;
const BUYER = `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'buyer',
  streams: { eur: { symbol: 'EURUSD', bars: '1m' } },
  create: () => ({
    onBar(bar, ctx) {
      if (bar.close === 1.19) ctx.buy('eur', { qty: 1000 });
    },
  }),
});
`;

interface Run {
  readonly speed?: number | 'max';
  readonly isolation?: 'worker' | 'inline';
  readonly latencyMs?: number;
}

async function replayed(
  csv: string,
  { speed = 'max', isolation = 'worker', latencyMs = 0 }: Run = {},
): Promise<string> {
  const paper: NonNullable<RawConfig['venues']>[string] = {
    type: 'paper',
    feed: 'replay',
    file: 'data.csv',
    speed,
    latencyMs,
  };
  const files = { 'data.csv': csv };
  const daemon = await TestDaemon.boot({ config: { venues: { paper } }, files, keepsNothing: true, isolation });
  onTestFinished(() => daemon.close());
  await daemon.deployed(daemon.write('buyer.ts', BUYER));
  daemon.openMarkets();
  await daemon.app.feedsEnded;
  return daemon.summary('buyer');
}

it('an order of the last bar of a bar file fills at the last quote, whatever the speed and wherever the code runs', async () => {
  const runs = [
    await replayed(FIVE_BARS),
    await replayed(FIVE_BARS),
    await replayed(FIVE_BARS, { speed: 60_000 }),
    await replayed(FIVE_BARS, { isolation: 'inline' }),
  ];
  expect(new Set(runs).size).toBe(1);
  // Half the default spread of EURUSD above the close.
  expect(JSON.parse(runs[0]!)).toMatchObject({
    bars: 5,
    ticks: 20,
    tradesTotal: 1,
    trades: [{ ts: '2024-01-10T00:05:00.000Z', price: 1.19004 }],
  });
});

it('an order that the venue gets later than that is still on its way when the run ends', async () => {
  expect(JSON.parse(await replayed(FIVE_BARS, { latencyMs: 250 }))).toMatchObject({
    bars: 5,
    tradesTotal: 0,
    rejected: {},
  });
});

it('the bar that is under way where quotes end stays open', async () => {
  expect(JSON.parse(await replayed(QUOTES))).toMatchObject({ bars: 1, ticks: 3 });
});
