/** What a closed market does to a strategy, and what it does not. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { ruleClockRuns } from '../../src/actors/rule-clock.ts';
import type { StrategyBook } from '../../src/actors/strategy-book.ts';
import { VirtualClock } from '../../src/clock.ts';
import type { RawConfig } from '../../src/config/schema.ts';
import type { LeaseView, QueueView } from '../../src/domain/health-views.ts';
import { call } from '../http/support.ts';
import { poll, TestDaemon } from '../doubles/daemon.ts';
import { instrument } from '../doubles/engine.ts';
import { sourceOf } from '../market/scripted-market.ts';
import { ReplayMarket } from '../../src/venues/replay-market.ts';

const DAY_MS = 86_400_000;
const dates = Array.from({ length: 9 }, (_, n) => new Date(Date.now() + (n - 4) * DAY_MS).toISOString().slice(0, 10));

/** Sessions that are closed and open whatever the day is on which this runs. */
const CONFIG: RawConfig = {
  sessions: {
    shut: { zone: 'UTC', open: 'Mon 00:00', close: 'Mon 00:00', holidays: dates },
    open: { zone: 'UTC', open: 'Mon 00:00', close: 'Mon 00:00', holidays: [] },
  },
  instruments: { EURUSD: { session: 'shut' } },
};

const buyer = (stream = ''): string => `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'buyer',
  streams: { eur: { symbol: 'EURUSD' ${stream} } },
  create() {
    let ticks = 0;
    return { onTick(tick, ctx) { if (++ticks === 3) ctx.buy('eur', { qty: 1000 }); } };
  },
});
`;

async function boot(): Promise<TestDaemon> {
  const daemon = await TestDaemon.boot({ config: CONFIG });
  onTestFinished(() => daemon.close());
  return daemon;
}

async function untilTraded(port: number): Promise<Record<string, unknown>> {
  return poll('the order to be filled', async () => {
    const status = (await call(port, '/status')).json();
    return status['tradesTotal'] === 1 ? status : undefined;
  });
}

const feedOf = async (port: number): Promise<LeaseView> => {
  const answer = await call(port, '/health');
  expect(answer.status).toBe(200);
  const { leases } = answer.json() as { leases: readonly LeaseView[] };
  return leases.find(({ name }) => name === 'feed:EURUSD')!;
};

describe('a strategy whose market is closed', () => {
  it('has its feed suspended and is healthy and ready; what is quoted all the same is traded', async () => {
    const daemon = await boot();
    const port = await daemon.deployed(daemon.write('buyer.ts', buyer()));
    expect(await feedOf(port)).toMatchObject({ ok: true, inSession: false });
    daemon.openMarkets();
    const status = await untilTraded(port);
    expect(status['data']).toMatchObject({ stale: [] });
    expect(await feedOf(port)).toMatchObject({ ok: true, inSession: false });
    expect((await call(port, '/health/ready')).json()).toEqual({ ready: true, status: 'trading', missing: [] });
  });

  it('is in session where its own stream says so', async () => {
    const daemon = await boot();
    const port = await daemon.deployed(daemon.write('buyer.ts', buyer(`, session: 'open'`)));
    daemon.openMarkets();
    await untilTraded(port);
    expect(await feedOf(port)).toMatchObject({ ok: true, inSession: true });
  });

  it('is refused where its stream names a session that is not configured, with file and line', async () => {
    const daemon = await boot();
    const answer = await daemon.deploy(daemon.write('buyer.ts', buyer(`, session: 'shutt'`)));
    expect([answer.status, answer.json()]).toMatchObject([
      400,
      { code: 'QKT_E_STRATEGY_SHAPE', candidates: ['shut'], line: 4 },
    ]);
  });
});

it('every queue is shown with what waits, its bound and what it has left out', async () => {
  const daemon = await boot();
  const port = await daemon.deployed(daemon.write('buyer.ts', buyer()));
  daemon.openMarkets();
  const { queues } = (await untilTraded(port)) as unknown as { queues: readonly QueueView[] };
  expect(queues.map(({ name }) => name)).toEqual(['inbox', 'journal', 'log', 'readers']);
  for (const { depth, limit } of queues) {
    expect(depth).toBeGreaterThanOrEqual(0);
    expect(limit).toBeGreaterThan(depth);
  }
  expect(queues[0]).toMatchObject({ inFlight: expect.any(Number) as number, conflated: expect.any(Number) as number });
  expect(queues[1]).toMatchObject({ unit: 'bytes' });
  expect(queues[2]).toMatchObject({ unit: 'characters', dropped: 0 });
  const health = (await daemon.get('/daemon/health')).json() as { queues: readonly QueueView[] };
  expect(health.queues.map(({ name }) => name)).toEqual(['journal', 'log', 'alerts', 'readers', 'readers:socket']);
});

describe('a replay', () => {
  const FX = new Map([['fx', { zone: 'America/New_York', open: 'Sun 17:00', close: 'Fri 17:00', holidays: [] }]]);
  const FRIDAY = Date.UTC(2026, 6, 10, 20, 59, 59);
  const SUNDAY = Date.UTC(2026, 6, 12, 21, 0, 1);
  const ticks = [FRIDAY, SUNDAY].map((ts) => ({ symbol: 'X', ts, bid: 100, ask: 100 }));
  const replay = (speed: number | 'max') => {
    const wall = new VirtualClock(1_000_000);
    const market = new ReplayMarket(sourceOf(ticks), {
      speed,
      wall,
      instruments: new Map([['X', instrument('X', { session: 'fx' })]]),
      sessions: FX,
      failed: (error) => {
        throw error;
      },
    });
    onTestFinished(() => market.close());
    market.open();
    return { wall, market };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('judges sessions by the time of its market, also while that waits for the next quote', async () => {
    const { wall, market } = replay(60);
    await settled();
    expect([market.seen('X'), market.openForMs('fx')]).toEqual([true, expect.any(Number)]);
    wall.advanceBy(1000);
    expect(market.openForMs('fx')).toBeUndefined();
    wall.advanceBy((SUNDAY - FRIDAY) / 60 - 1000);
    await settled();
    expect(market.clock.now()).toBe(SUNDAY);
    // A second of the market's time is a sixtieth of one of ours.
    expect(market.openForMs('fx')).toBeCloseTo(1000 / 60, 3);
  });

  it('as fast as it goes judges them by its last quote', async () => {
    const { market } = replay('max');
    await market.ended;
    expect([market.openForMs('fx'), market.silenceLimitMs('X')]).toEqual([Infinity, 10_000]);
  });
});

describe('the five-minute clock of a rule that cannot be computed', () => {
  const SHUT = new Set(['shut']);
  const book = (positions: Readonly<Record<string, boolean>>, ready = true): StrategyBook =>
    ({
      options: { gatewayReady: () => ready, market: { inSession: (symbol: string) => !SHUT.has(symbol) } },
      ledger: { positions: () => Object.keys(positions).map((symbol) => ({ symbol })) },
      termsOf: ({ symbol }: { symbol: string }) => (positions[symbol] === true ? { mark: 1, rate: 1 } : {}),
    }) as unknown as StrategyBook;

  it.each([
    ['runs where an open market owes the price', { open: false }, true, true],
    ['stands still where only a closed one does', { shut: false, open: true }, true, false],
    ['runs where one of both is open', { shut: false, open: false }, true, true],
    ['stands still while all that is held is closed', { shut: true }, true, false],
    ['runs where nothing is held', {}, true, true],
    ['stands still while the gateway is not ready', { open: false }, false, false],
  ])('%s', (_, positions, ready, runs) => {
    expect(ruleClockRuns(book(positions as Readonly<Record<string, boolean>>, ready))).toBe(runs);
  });
});
