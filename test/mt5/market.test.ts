/** Quotes and bars of an MT5 gateway, against a scripted client on the virtual clock. */
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { Bar, FeedFault, Instrument, Tick } from '../../src/domain/market.ts';
import { Mt5Market } from '../../src/venues/mt5/market.ts';
import type { Mt5Bar, Mt5Quote, Mt5Symbol, Read, Timeframe } from '../../src/venues/mt5/types.ts';
import { settle } from '../actors/strategy-harness.ts';

/** A Monday at noon, UTC. */
const START = Date.UTC(2026, 0, 5, 12);
const MINUTE = 60_000;

const instrument = (symbol: string, session = '24x7'): Instrument => ({
  symbol,
  contractSize: dec(100),
  tickSize: dec('0.01'),
  volumeMin: dec('0.01'),
  volumeStep: dec('0.01'),
  base: symbol,
  quote: 'USD',
  session,
  spread: dec('0.2'),
});
const SESSIONS = new Map([['day', { zone: 'UTC', open: '09:00', close: '13:00', holidays: [] }]]);

class Scene {
  readonly clock = new VirtualClock(START);
  /** What the gateway answers; undefined: nothing that can be read. */
  readonly quotes = new Map<string, Mt5Quote | undefined>();
  readonly asked: string[] = [];
  rows: readonly Mt5Bar[] = [];
  requests: [Timeframe, number][] = [];
  /** How many times bars cannot be read. */
  unreadableBars = 0;
  skewMs = 0;
  offsetMs = 0;
  /** Symbols whose answers are kept back. */
  readonly held = new Map<string, () => void>();
  readonly lost: (string | undefined)[] = [];
  readonly ticks: Tick[] = [];
  readonly bars: Bar[] = [];
  readonly drops: FeedFault[] = [];
  readonly market = new Mt5Market({
    clock: this.clock,
    client: {
      quote: (name) => this.#quote(name),
      bars: (_name, timeframe, count) => this.#bars(timeframe, count),
      symbol: () => Promise.resolve({ known: true, value: { point: dec('0.001') } as Mt5Symbol }),
      serverTime: () => ({ offsetMs: this.offsetMs, measuredAt: START, skewMs: this.skewMs }),
      utc: (shown) => shown - this.offsetMs,
    },
    brokerSymbol: (symbol) => `${symbol}m`,
    instruments: new Map(
      [instrument('GOLD'), instrument('OIL'), instrument('DAX', 'day')].map((one) => [one.symbol, one]),
    ),
    sessions: SESSIONS,
    pollMs: 1000,
    lost: (reason) => this.lost.push(reason),
  });

  follow(...symbols: readonly string[]): void {
    for (const symbol of symbols) this.market.ticks$(symbol).subscribe((tick) => this.ticks.push(tick));
    this.market.drops$.subscribe((drop) => this.drops.push(drop));
  }

  /** A new quote at the venue, made now. */
  say(symbol: string, bid: number, ask: number, serverTime = this.clock.now() + this.offsetMs + this.skewMs): void {
    this.quotes.set(`${symbol}m`, { symbol: `${symbol}m`, bid, ask, serverTime });
  }

  async start(): Promise<void> {
    this.market.open();
    this.market.resume();
    await settle();
  }

  /** Time goes on in steps, with the answers of each taken in. */
  async pass(ms: number, step = 1000): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.advanceBy(step);
      await settle();
    }
  }

  async #quote(name: string): Promise<Read<Mt5Quote | undefined>> {
    this.asked.push(name);
    if (this.held.has(name)) await new Promise<void>((resolve) => this.held.set(name, resolve));
    const value = this.quotes.get(name);
    return value === undefined ? { known: false, reason: 'ECONNREFUSED' } : { known: true, value };
  }

  #bars(timeframe: Timeframe, count: number): Promise<Read<readonly Mt5Bar[]>> {
    this.requests.push([timeframe, count]);
    if (this.unreadableBars > 0) {
      this.unreadableBars -= 1;
      return Promise.resolve({ known: false, reason: 'HTTP 503' });
    }
    return Promise.resolve({ known: true, value: this.rows });
  }
}

describe('quotes of an MT5 gateway', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });

  it('are asked for once a period and symbol, however many follow it, and are ticks when they are new', async () => {
    scene.say('GOLD', 2400.1, 2400.3);
    scene.follow('GOLD', 'GOLD');
    await scene.start();
    expect(scene.asked).toEqual(['GOLDm']);
    expect(scene.ticks).toHaveLength(2);
    expect(scene.ticks[0]).toEqual({ symbol: 'GOLD', ts: START, bid: 2400.1, ask: 2400.3 });
    await scene.pass(2000);
    expect(scene.asked).toHaveLength(3);
    expect(scene.ticks).toHaveLength(2);
    scene.say('GOLD', 2400.2, 2400.4);
    await scene.pass(1000);
    expect(scene.ticks.at(-1)).toEqual({ symbol: 'GOLD', ts: START + 2000, bid: 2400.2, ask: 2400.4 });
    expect(scene.market.quote('GOLD')).toEqual(scene.ticks.at(-1));
  });

  it('are no longer asked for when nobody follows the symbol', async () => {
    scene.say('GOLD', 1, 2);
    await scene.start();
    const subscription = scene.market.ticks$('GOLD').subscribe();
    await scene.pass(1000);
    subscription.unsubscribe();
    const before = scene.asked.length;
    await scene.pass(3000);
    expect(scene.asked).toHaveLength(before);
  });

  it('of one symbol do not wait for those of another', async () => {
    scene.say('GOLD', 2400.1, 2400.3);
    scene.say('OIL', 70, 70.1);
    scene.held.set('OILm', () => {});
    scene.follow('GOLD', 'OIL');
    await scene.start();
    await scene.pass(3000);
    expect(scene.asked.filter((name) => name === 'OILm')).toHaveLength(1);
    expect(scene.asked.filter((name) => name === 'GOLDm')).toHaveLength(4);
  });

  it('are not known while the gateway cannot be used, and known again with the first that is read', async () => {
    scene.say('GOLD', 2400.1, 2400.3);
    scene.follow('GOLD');
    await scene.start();
    scene.market.suspend();
    expect(scene.market.quote('GOLD')).toBeUndefined();
    await scene.pass(60_000);
    expect(scene.asked).toHaveLength(1);
    // Nobody has traded meanwhile: the same quote is still in force, and it is no tick.
    scene.market.resume();
    await settle();
    expect(scene.market.quote('GOLD')).toEqual({ symbol: 'GOLD', ts: START, bid: 2400.1, ask: 2400.3 });
    expect(scene.ticks).toHaveLength(1);
    scene.say('GOLD', 2401, 2401.2);
    await scene.pass(1000);
    expect(scene.ticks).toHaveLength(2);
  });

  it('that were asked for before an outage are nobody’s when they come after it', async () => {
    scene.say('GOLD', 2400.1, 2400.3);
    scene.held.set('GOLDm', () => {});
    scene.follow('GOLD');
    await scene.start();
    scene.market.suspend();
    scene.held.get('GOLDm')!();
    await settle();
    expect(scene.market.quote('GOLD')).toBeUndefined();
    expect(scene.ticks).toEqual([]);
  });

  it('that cross or are not positive are dropped and counted once', async () => {
    scene.say('GOLD', 2401, 2400);
    scene.follow('GOLD');
    await scene.start();
    await scene.pass(2000);
    expect(scene.drops.map(({ cause, symbol }) => [cause, symbol])).toEqual([['crossed', 'GOLD']]);
    expect(scene.market.quote('GOLD')).toBeUndefined();
  });

  it('have the time of the server in UTC, never of the future, and never run backwards', async () => {
    scene.offsetMs = 3 * 3_600_000;
    scene.say('GOLD', 2400.1, 2400.3, START - 400 + scene.offsetMs);
    scene.follow('GOLD');
    await scene.start();
    scene.say('GOLD', 2400.2, 2400.4, START + 9000 + scene.offsetMs);
    await scene.pass(1000);
    scene.skewMs = 30_000;
    scene.say('GOLD', 2400.3, 2400.5);
    await scene.pass(1000);
    expect(scene.ticks.map(({ ts }) => ts - START)).toEqual([-400, 1000, 1000]);
  });

  it('are ticks again once three go on from one another after the clock of the server was set back', async () => {
    scene.say('GOLD', 2400.1, 2400.3);
    scene.follow('GOLD');
    await scene.start();
    scene.say('GOLD', 2390, 2390.2, START - 20_000);
    await scene.pass(5000);
    expect(scene.ticks).toHaveLength(1);
    scene.offsetMs = -3_600_000;
    for (const bid of [2400.2, 2400.3, 2400.4, 2400.5]) {
      scene.say('GOLD', bid, bid + 0.2);
      await scene.pass(1000);
    }
    expect(scene.ticks.map(({ bid }) => bid)).toEqual([2400.1, 2400.4, 2400.5]);
    expect(scene.ticks.at(-1)!.ts).toBe(scene.clock.now() - 1000);
  });

  it('deny entries while the clock of the server is more than 60 s off', async () => {
    scene.skewMs = 61_000;
    scene.say('GOLD', 2400.1, 2400.3);
    scene.follow('GOLD');
    await scene.start();
    expect(scene.market.feedDenies('GOLD')).toBe("the venue's clock is 61000 ms ahead");
    scene.skewMs = -60_000;
    scene.say('GOLD', 2400.2, 2400.4, scene.clock.now() + 70_000);
    await scene.pass(1000);
    expect(scene.market.feedDenies('GOLD')).toBeUndefined();
  });

  it('rest while the session is closed: asked for once a minute, and at once when it opens', async () => {
    scene.clock.advanceTo(Date.UTC(2026, 0, 6, 7));
    scene.say('DAX', 1, 2);
    scene.follow('DAX');
    await scene.start();
    await scene.pass(120_000);
    expect(scene.asked).toHaveLength(3);
    await scene.pass(118 * MINUTE, MINUTE);
    const before = scene.asked.length;
    await scene.pass(3000);
    expect(scene.asked.length - before).toBe(3);
  });

  it('are lost after five rounds in which none could be read, and there again with the first', async () => {
    scene.say('GOLD', 2400.1, 2400.3);
    scene.follow('GOLD', 'OIL');
    await scene.start();
    await scene.pass(10_000);
    expect(scene.lost).toEqual([]);
    scene.quotes.clear();
    // The round that is under way when they go fails first; the next one is judged with it.
    await scene.pass(5000);
    expect(scene.lost).toEqual([]);
    await scene.pass(1000);
    expect(scene.lost).toEqual(['ECONNREFUSED']);
    await scene.pass(20_000);
    scene.say('GOLD', 2400.2, 2400.4);
    await scene.pass(2000);
    expect(scene.lost).toEqual(['ECONNREFUSED', undefined]);
  });

  it('are missing when no symbol in session has quoted for 30 s, not when one of them is silent', async () => {
    scene.say('GOLD', 2400.1, 2400.3);
    scene.say('OIL', 70, 70.1);
    scene.follow('GOLD', 'OIL');
    await scene.start();
    for (let second = 0; second < 40; second++) {
      scene.say('GOLD', 2400.1, 2400.3);
      await scene.pass(1000);
    }
    expect(scene.market.quotesMissing()).toBeUndefined();
    await scene.pass(30_000);
    expect(scene.market.quotesMissing()).toBeUndefined();
    await scene.pass(1000);
    expect(scene.market.quotesMissing()).toBe('no quote of GOLD, OIL for 31 s');
    scene.say('GOLD', 2400.1, 2400.3);
    await scene.pass(1000);
    expect(scene.market.quotesMissing()).toBeUndefined();
  });
});

describe('bars of the past', () => {
  let scene: Scene;
  const row = (start: number, bid: number): Mt5Bar => ({
    start,
    open: bid,
    high: bid + 2,
    low: bid - 1,
    close: bid + 1,
    ticks: 10,
    spread: 200,
  });
  const past = (lengthMs: number) => scene.market.bars('GOLD', lengthMs, 100).past;
  beforeEach(() => {
    scene = new Scene();
  });

  it('are those of the terminal, of the middle price, and the open one goes on live', async () => {
    scene.clock.advanceBy(20_000);
    scene.rows = [row(START - 2 * MINUTE, 2400), row(START - MINUTE, 2401), row(START, 2402)];
    expect(past(MINUTE)).toEqual([]);
    const grown: unknown[] = [];
    scene.market.pastGrew$.subscribe((series) => grown.push(series));
    scene.market.bars('GOLD', MINUTE, 100).live$.subscribe((bar) => scene.bars.push(bar));
    await scene.start();
    expect(grown).toEqual([{ symbol: 'GOLD', lengthMs: MINUTE }]);
    expect(past(MINUTE)).toMatchObject([
      { start: START - 2 * MINUTE, open: 2400.1, high: 2402.1, low: 2399.1, close: 2401.1, ticks: 10 },
      { start: START - MINUTE, end: START, open: 2401.1 },
    ]);
    await scene.pass(40_000);
    expect(scene.bars).toMatchObject([{ start: START, end: START + MINUTE, open: 2402.1, close: 2403.1 }]);
    expect(past(MINUTE)).toHaveLength(3);
  });

  it('of a length that no terminal makes are put together from shorter ones, aligned to the epoch', async () => {
    const length = 3 * MINUTE;
    scene.rows = [-4, -3, -2, -1].map((minutes) => row(START + minutes * MINUTE, 2400 + minutes));
    past(length);
    await scene.start();
    expect(scene.requests).toEqual([['M1', 3003]]);
    // The minute before the first whole bar is left out.
    expect(past(length)).toMatchObject([
      { start: START - length, end: START, open: 2397.1, high: 2401.1, low: 2396.1, close: 2400.1, ticks: 30 },
    ]);
  });

  it.each([
    [0, ['D1', 1001]],
    [2 * 3_600_000, ['H1', 10_000]],
    [5.5 * 3_600_000, ['M30', 10_000]],
  ])('of a day are asked for in a length that falls on our days with a server %d ms ahead', async (offset, asked) => {
    scene.offsetMs = offset;
    past(24 * 60 * MINUTE);
    await scene.start();
    expect(scene.requests).toEqual([asked]);
  });

  it.each(['unreadable', 'not there'])('that are %s at first are asked for again', async (trouble) => {
    const rows = [row(START - 2 * MINUTE, 2400), row(START - MINUTE, 2401)];
    if (trouble === 'unreadable') {
      scene.unreadableBars = 1;
      scene.rows = rows;
    }
    past(MINUTE);
    await scene.start();
    expect(past(MINUTE)).toEqual([]);
    scene.rows = rows;
    await scene.pass(10_000);
    expect(past(MINUTE)).toHaveLength(2);
    expect(scene.requests).toHaveLength(2);
  });

  it('shorter than a minute are not to be had', async () => {
    past(10_000);
    await scene.start();
    expect(scene.requests).toEqual([]);
  });

  it('that an outage has cost are filled in, and our own stay as they were', async () => {
    scene.say('GOLD', 2400, 2400.2);
    scene.follow('GOLD');
    past(MINUTE);
    await scene.start();
    await scene.pass(MINUTE);
    scene.market.suspend();
    await scene.pass(2 * MINUTE);
    scene.rows = [0, 1, 2].map((minutes) => row(START + minutes * MINUTE, 1000));
    scene.market.resume();
    await settle();
    expect(past(MINUTE).map(({ start, open }) => [(start - START) / MINUTE, open])).toEqual([
      [0, 2400.1],
      [1, 1000.1],
      [2, 1000.1],
    ]);
  });
});
