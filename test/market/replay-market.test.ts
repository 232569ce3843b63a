import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { Decimal } from '../../src/domain/decimal.ts';
import { createPrng } from '../../src/domain/prng.ts';
import type { VenueReport } from '../../src/domain/venue.ts';
import { PaperAccount } from '../../src/venues/paper.ts';
import type { ReplayMarket } from '../../src/venues/replay-market.ts';
import { instrument, START } from '../doubles/engine.ts';
import { at, replay } from './scripted-market.ts';

/** Everything that a market tells, with the engine time at which it did. */
function listen(market: ReplayMarket, symbols: readonly string[] = ['X'], barMs = 60_000): string[] {
  const seen: string[] = [];
  const stamp = (text: string): void => void seen.push(`${text} @${market.clock.now() - START}`);
  for (const symbol of symbols) {
    market
      .bars(symbol, barMs, 0)
      .live$.subscribe(({ start, close }) => stamp(`bar ${symbol} ${start - START}=${close}`));
    market.ticks$(symbol).subscribe(({ bid }) => stamp(`tick ${symbol} ${bid}`));
  }
  return seen;
}

async function play(market: ReplayMarket): Promise<void> {
  market.open();
  await market.ended;
}

describe('a replay', () => {
  it('closes a bar at its end by the clock, before any later tick is applied', async () => {
    const market = replay([at(0, 1), at(30_000, 2), at(60_000, 3), at(200_000, 4), at(240_001, 5)]);
    const seen = listen(market);
    await play(market);
    expect(seen).toEqual([
      'tick X 1 @0',
      'tick X 2 @30000',
      'bar X 0=2 @60000',
      'tick X 3 @60000',
      'bar X 60000=3 @120000',
      'tick X 4 @200000',
      'bar X 180000=4 @240000',
      'tick X 5 @240001',
    ]);
  });

  it("closes a symbol's bar before a later tick of another symbol", async () => {
    const market = replay([at(0, 1), at(61_000, 9, 'Y'), at(62_000, 2)]);
    const seen = listen(market, ['X', 'Y']);
    await play(market);
    expect(seen.slice(0, 3)).toEqual(['tick X 1 @0', 'bar X 0=1 @60000', 'tick Y 9 @61000']);
  });

  it('has the quote of before its end in force while a bar closes, so that an order fills at it', async () => {
    const market = replay([at(0, 100), at(59_999, 101), at(60_000, 150)]);
    const reports: VenueReport[] = [];
    const account = new PaperAccount(
      { latencyMs: 0, slippagePoints: 0, rejectionRate: 0, partialFillRate: 0, commissionPerLot: Decimal.ZERO },
      {
        clock: market.clock,
        prng: createPrng(1),
        instrument: () => instrument('X'),
        quote: (symbol) => market.quote(symbol),
        account: 's',
        report: (report) => void reports.push(report),
      },
    );
    market.bars('X', 60_000, 0).live$.subscribe(() => {
      account.submit({ id: 'a', symbol: 'X', side: 'BUY', type: 'market', qty: Decimal.ONE, tif: 'GTC' });
    });
    await play(market);
    const fill = reports.find((report) => report.kind === 'fill');
    expect(fill).toMatchObject({ fill: { ts: START + 60_000 } });
    expect(fill?.kind === 'fill' && fill.fill.price.toNumber()).toBe(101);
  });

  it('of a bar file goes on to the end of the last bar, and no further', async () => {
    const ticks = [at(0, 1), at(20_000, 2), at(40_000, 3), at(59_999, 4)];
    const [bars, quotes] = [replay(ticks, {}, 60_000), replay(ticks)];
    const [fromBars, fromQuotes] = [listen(bars), listen(quotes)];
    const longer = listen(bars, ['X'], 300_000);
    await play(bars);
    await play(quotes);
    expect(fromBars).toEqual([...fromQuotes, 'bar X 0=4 @60000']);
    expect(longer.filter((what) => what.startsWith('bar'))).toEqual([]);
    expect(bars.clock.now()).toBe(START + 60_000);
  });

  it('closes bars before other timers of the same moment run', async () => {
    const market = replay([at(0, 1), at(70_000, 2)]);
    const seen: string[] = [];
    market.clock.at(START + 60_000, () => {
      market.closeBars(market.clock.now());
      seen.push('timer');
    });
    market.bars('X', 60_000, 0).live$.subscribe(() => seen.push('bar'));
    await play(market);
    expect(seen).toEqual(['bar', 'timer']);
  });

  it('runs timers between ticks one by one, at their own time', async () => {
    const market = replay([at(0, 1), at(10_000, 2)]);
    const seen: number[] = [];
    const cancel = market.clock.every(3000, () => seen.push(market.clock.now() - START));
    await play(market);
    cancel();
    expect(seen).toEqual([3000, 6000, 9000]);
  });

  it('gives the bars of before to whoever comes later, as far as it has seen them', async () => {
    const market = replay(Array.from({ length: 10 }, (_, minute) => at(minute * 60_000, minute + 1)));
    market.bars('X', 60_000, 0);
    await play(market);
    expect(market.bars('X', 60_000, 3).past.map(({ close }) => close)).toEqual([7, 8, 9]);
    expect(market.bars('X', 60_000, 0).past).toEqual([]);
  });

  it('hears of a source that fails in the middle, and ends', async () => {
    const failures: unknown[] = [];
    const market = replay([at(0, 1)], { failed: (error) => failures.push(error) });
    market.source.batches = () => {
      throw new Error('disk gone');
    };
    await play(market);
    expect(failures).toMatchObject([{ message: 'disk gone' }]);
  });

  it('ends where it is when it is closed, also before it was opened', async () => {
    const market = replay([at(0, 1), at(1, 2), at(2, 3)]);
    const seen = listen(market);
    market.ticks$('X').subscribe(() => market.close());
    await play(market);
    expect(seen).toEqual(['tick X 1 @0']);
    const never = replay([at(0, 1)]);
    never.close();
    await never.ended;
  });
});

describe('a cut', () => {
  it('ends the data where they are, timers before the next quote included, but not before it was opened', async () => {
    const market = replay([at(0, 1), at(60_500, 2)]);
    const seen = listen(market);
    market.cut();
    market.bars('X', 60_000, 0).live$.subscribe(() => market.cut());
    market.clock.at(START + 60_200, () => seen.push('late'));
    await play(market);
    expect(seen).toEqual(['tick X 1 @0', 'bar X 0=1 @60000']);
  });

  it('ends the wait for a quote of a paced replay', async () => {
    const wall = new VirtualClock();
    const market = replay([at(0, 1), at(86_400_000, 2)], { speed: 1, wall });
    const seen = listen(market);
    market.open();
    while (wall.nextDue() === Infinity) await new Promise((resolve) => setImmediate(resolve));
    market.cut();
    await market.ended;
    expect([seen, wall.nextDue()]).toEqual([['tick X 1 @0'], Infinity]);
  });
});

describe('lock-step', () => {
  it('waits for the work that a tick or a bar has caused before time goes on', async () => {
    const market = replay([at(0, 1), at(60_500, 2), at(61_000, 3)]);
    const seen: string[] = [];
    let work: Promise<void> | undefined;
    const begin = (what: string): void => {
      seen.push(`begin ${what}`);
      work = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        seen.push(`end ${what}`);
        work = undefined;
      });
    };
    market.bars('X', 60_000, 0).live$.subscribe(() => begin('bar'));
    market.ticks$('X').subscribe(({ bid }) => begin(`tick ${bid}`));
    market.follow(() => work);
    await play(market);
    expect(seen).toEqual(['tick 1', 'bar', 'tick 2', 'tick 3'].flatMap((what) => [`begin ${what}`, `end ${what}`]));
  });

  it('waits for all followers, and for nobody that has left', async () => {
    const market = replay([at(0, 1), at(1, 2)]);
    const asked: string[] = [];
    market.follow(() => void asked.push('stays'));
    const leave = market.follow(() => void asked.push('leaves'));
    market.ticks$('X').subscribe(({ bid }) => bid === 1 && leave());
    await play(market);
    expect(asked).toEqual(['stays', 'stays']);
  });

  it('at a bounded speed waits for a single follower, and lets no one of several hold up the others', async () => {
    const stuck = new Promise<void>(() => {});
    const wall = new VirtualClock();
    const market = replay([at(0, 1), at(1, 2)], { speed: 1000, wall });
    const seen = listen(market);
    market.follow(() => stuck);
    market.follow(() => undefined);
    await play(market);
    expect(seen).toEqual(['tick X 1 @0', 'tick X 2 @1']);
  });
});

describe('the pace of a replay', () => {
  it.each([
    [1, [0, 1000, 5000]],
    [10, [0, 100, 500]],
  ])('at speed %d gives each tick at its time of the wall clock', async (speed, expected) => {
    const wall = new VirtualClock(777);
    const market = replay([at(0, 1), at(1000, 2), at(5000, 3)], { speed, wall });
    const seen: number[] = [];
    market.ticks$('X').subscribe(() => seen.push(wall.now() - 777));
    market.open();
    while (seen.length < 3) {
      await new Promise((resolve) => setImmediate(resolve));
      if (wall.nextDue() < Infinity) wall.runNext();
    }
    await market.ended;
    expect(seen).toEqual(expected);
  });
});
