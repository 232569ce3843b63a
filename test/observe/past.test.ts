import { rmSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { EventBody, QktEvent } from '../../src/domain/events.ts';
import { PastFold } from '../../src/observe/past.ts';
import { marketFile, strategySource } from '../acceptance/trading-scene.ts';
import { poll, scratchDir, TestDaemon } from '../doubles/daemon.ts';

const TRADER = strategySource(
  'trader',
  `if (ticks % 30 !== 0) return;
   if (ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 10000 }); else ctx.close('eur');`,
);

let seq = 0;
const event = (body: EventBody): QktEvent => ({ ...body, seq: ++seq, ts: seq, strategy: 'a' });
const fill = (realized: number) =>
  event({
    type: 'fill',
    fillId: 'f',
    orderId: 'o',
    symbol: 'EURUSD',
    side: 'BUY',
    qty: dec(1),
    price: dec('1.1'),
    commission: dec(0),
    realized: dec(realized),
    reducing: realized !== 0,
  });
const position = (qty: number, swap?: number) =>
  event({
    type: 'position',
    symbol: 'EURUSD',
    qty: dec(qty),
    avgPrice: qty === 0 ? null : dec('1.1'),
    fillId: 'f',
    ...(swap !== undefined && { swap: dec(swap) }),
  });
const halt = (causeId: string, scope = 'strategy') =>
  event({ type: 'halt', causeId, rule: 'manual', scope, reason: causeId, by: 'owner' });

function fold(...events: readonly QktEvent[]) {
  const folded = new PastFold(dec(1000));
  for (const one of events) folded.take(one);
  return folded;
}

describe('a fold of the past', () => {
  it('adds up fills and swaps, and knows the equity only while nothing is open', () => {
    expect(fold(fill(0), position(1)).figures()).toMatchObject({ balance: dec(1000), equity: null, unrealized: null });
    const closed = fold(fill(0), position(1), position(1, -2), fill(7), position(0)).figures();
    expect(closed).toMatchObject({ positions: [], tradesTotal: 2 });
    expect([closed.balance, closed.equity, closed.realized].map(String)).toEqual(['1005', '1005', '5']);
  });

  it('lifts only the causes that a resume names, and all of one that names none', () => {
    const both = [halt('h1'), halt('h2', 'book')];
    const lifted = event({ type: 'resume', reason: 'ok', by: 'owner', lifted: ['h1'] });
    expect(fold(...both, lifted).figures().causes).toMatchObject([{ causeId: 'h2', scope: 'book' }]);
    expect(fold(...both, event({ type: 'resume', reason: 'ok', by: 'owner' })).figures().halted).toBe(false);
  });

  it('keeps the time of a cause that a start tells anew', () => {
    const first = halt('h1');
    const again = { ...halt('h1'), restored: true } as QktEvent;
    expect(fold(first, again).figures().causes[0]!.since).toBe(new Date(first.ts).toISOString());
  });

  it('knows no sums once events are missing, and says nothing false in their place', () => {
    const folded = fold(fill(3));
    folded.take({ type: 'gap', from: 5, to: 9 });
    folded.take(position(0));
    expect(folded.figures()).toMatchObject({ balance: null, equity: null, realized: null, tradesTotal: null });
  });
});

describe('/past', () => {
  it('tells state and figures of before a restart of the daemon as they were then', async () => {
    const dir = scratchDir();
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const boot = (): Promise<TestDaemon> =>
      TestDaemon.boot({
        dir,
        config: { venues: { paper: { type: 'paper', feed: 'replay', file: 'quotes.csv', speed: 60 } } },
        files: { 'quotes.csv': marketFile() },
      });
    let daemon = await boot();
    const get = async (rest: string): Promise<Record<string, unknown>> =>
      (await daemon.get(`/daemon/strategies/trader/${rest}`)).json();
    await daemon.deployed(daemon.write('trader.ts', TRADER));
    daemon.openMarkets();
    await poll('trades', async () => (((await get('status'))['tradesTotal'] as number) >= 4 ? true : undefined));
    await daemon.post('/daemon/strategies/trader/halt', { reason: 'before the restart' });
    // An exit that was under way at the halt may still fill.
    const halted = await poll('the halt is on disk, and the past is what the status says', async () => {
      const [past, status] = [await get('past'), await get('status')];
      const isSame = past['balance'] === status['balance'] && past['tradesTotal'] === status['tradesTotal'];
      return past['state'] === 'halted' && past['halted'] === true && isSame ? past : undefined;
    });
    expect(halted).toMatchObject({ state: 'halted', halted: true, causes: [{ reason: 'before the restart' }] });
    const { seq: at } = halted['at'] as { seq: number };

    await daemon.close();
    daemon = await boot();
    onTestFinished(() => daemon.close());
    expect(await get(`past?at=${at}`)).toMatchObject({
      state: 'halted',
      balance: halted['balance'],
      positions: halted['positions'],
      causes: halted['causes'],
      next: { seq: expect.any(Number) as number },
    });
    expect(await get('past?at=0')).toMatchObject({ at: null, state: null, balance: 10_000, first: { seq: 1 } });
    expect(await get('past')).toMatchObject({ halted: true, causes: halted['causes'] });
  });
});
