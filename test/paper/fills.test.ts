import { describe, expect, it } from 'vitest';
import { Engine, instrument, START } from '../doubles/engine.ts';

describe('fills on paper', () => {
  it('buys at the ask and sells at the bid', () => {
    const engine = new Engine();
    engine.quote(99.98, 100.02);
    engine.place('BUY', 1);
    engine.place('SELL', 2);
    expect(engine.fills()).toEqual(['s-1-1 BUY 1@100.02', 's-1-2 SELL 2@99.98']);
  });

  it('refuses an order for which there is no price: PB-2, R-5', () => {
    const engine = new Engine();
    expect(engine.offer('BUY', 1)).toEqual({ code: 'UNPRICEABLE', reason: 'no price reference for X' });
    expect([engine.fills(), engine.refusals[0]?.by]).toEqual([[], 'gate']);
  });

  it('fills a limit at the first quote that is as good or better, at that quote: PB-3', () => {
    const engine = new Engine();
    engine.quote(1.2);
    engine.place('BUY', 1, { type: 'limit', price: '1.10' });
    engine.quote(1.105);
    expect(engine.fills()).toEqual([]);
    engine.quote(1.099);
    expect(engine.fills()).toEqual(['s-1-1 BUY 1@1.099']);
  });

  it('fills a limit when the quote is exactly at it, on the executable side', () => {
    const engine = new Engine();
    engine.quote(101, 102);
    engine.place('BUY', 1, { type: 'limit', price: 100 });
    engine.place('SELL', 2, { type: 'limit', price: 103 });
    engine.quote(99.9, 100.01);
    engine.quote(102.99, 103.5);
    expect(engine.fills()).toEqual([]);
    engine.quote(99, 100);
    engine.quote(103, 104);
    expect(engine.fills()).toEqual(['s-1-1 BUY 1@100', 's-1-2 SELL 2@103']);
  });

  it('fills a limit that is marketable on arrival at the better quote', () => {
    const engine = new Engine();
    engine.quote(100, 100.1);
    engine.place('BUY', 1, { type: 'limit', price: 105 });
    expect(engine.fills()).toEqual(['s-1-1 BUY 1@100.1']);
  });

  it('fills a limit inside a replayed bar at its price, as the market passes it: PB-7', () => {
    const engine = new Engine();
    engine.quote(1.1);
    engine.place('SELL', 1, { type: 'limit', price: '1.11' });
    engine.quote(1.115, 1.115, { path: true });
    expect(engine.fills()).toEqual(['s-1-1 SELL 1@1.11']);
  });

  it('fills a limit that a gap between two bars has jumped over at the quote', () => {
    const engine = new Engine();
    engine.quote(1.1);
    engine.place('SELL', 1, { type: 'limit', price: '1.11' });
    engine.quote(1.12, 1.12, { path: false });
    expect(engine.fills()).toEqual(['s-1-1 SELL 1@1.12']);
  });

  it('fills a stop at the first executable quote at or beyond its trigger, a gap at the gap', () => {
    const engine = new Engine();
    engine.quote(100, 100.5);
    engine.place('BUY', 1, { type: 'stop', price: 101 });
    engine.place('SELL', 1, { type: 'stop', price: 99 });
    engine.quote(100.4, 100.99);
    expect(engine.fills()).toEqual([]);
    engine.quote(100.6, 101);
    engine.quote(95.5, 96);
    expect(engine.fills()).toEqual(['s-1-1 BUY 1@101', 's-1-2 SELL 1@95.5']);
  });

  it('fills a stop whose trigger is passed already at once', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1, { type: 'stop', price: 98 });
    expect(engine.fills()).toEqual(['s-1-1 BUY 1@100']);
  });

  it('triggers stops before targets, then the older first', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('SELL', 1, { type: 'limit', price: 104, tag: 'young target' });
    engine.place('SELL', 1, { type: 'limit', price: 102 });
    engine.place('BUY', 1, { type: 'stop', price: 103 });
    engine.place('BUY', 1, { type: 'stop', price: 101 });
    engine.quote(105);
    expect(engine.fills().map((fill) => fill.split(' ')[0])).toEqual(['s-1-3', 's-1-4', 's-1-1', 's-1-2']);
  });

  it('leaves out an order that a fill before it has cancelled: PB-10', () => {
    const engine = new Engine();
    engine.quote(95, 105);
    const first = engine.place('BUY', 1, { type: 'limit', price: 101 });
    const sibling = engine.place('SELL', 1, { type: 'limit', price: 99 });
    engine.onTrade = () => engine.cancel(sibling);
    engine.quote(100);
    expect(engine.fills()).toEqual([`${first} BUY 1@100`]);
    expect(engine.statuses(sibling)).toEqual(['created', 'submitted', 'working', 'cancelled']);
  });

  it('fills nothing after a cancel: PB-13', () => {
    const engine = new Engine();
    engine.quote(100);
    const id = engine.place('BUY', 1, { type: 'limit', price: 95 });
    engine.cancel(id);
    engine.cancel(id);
    engine.quote(90);
    expect(engine.fills()).toEqual([]);
    expect(engine.of('cancel').map(({ orderId, status }) => [orderId, status])).toEqual([[id, 'cancelled']]);
  });

  it('lets orders rest through quotes of other symbols', () => {
    const engine = new Engine({ instruments: [instrument('X'), instrument('Y')] });
    engine.quote(100);
    engine.quote(100, 100, { symbol: 'Y' });
    engine.place('BUY', 1, { type: 'limit', price: 95 });
    engine.quote(90, 90, { symbol: 'Y' });
    expect(engine.fills()).toEqual([]);
  });
});

describe('quantities on paper', () => {
  it('are floored to the step', () => {
    const engine = new Engine();
    engine.quote(100);
    const id = engine.place('BUY', '1.29');
    expect(engine.fills()).toEqual([`${id} BUY 1.2@100`]);
    expect(engine.statuses(id)).toEqual(['created', 'submitted', 'working', 'filled']);
  });

  it('are rejected under the minimum, with step and minimum in the reason: PB-16', () => {
    const engine = new Engine({ instruments: [instrument('X', { volumeStep: '0.1', volumeMin: '0.2' })] });
    engine.quote(100);
    const id = engine.place('BUY', '0.19');
    expect(engine.refusals[0]).toMatchObject({ by: 'venue', code: 'VOLUME' });
    expect(engine.refusals[0]?.reason).toMatch(/0\.1\b.*0\.2\b/);
    expect([engine.fills(), engine.statuses(id)]).toEqual([[], ['created', 'submitted', 'rejected']]);
  });

  it('are rejected over the largest', () => {
    const engine = new Engine({ instruments: [instrument('X', { volumeMax: 5 })] });
    engine.quote(100);
    engine.place('BUY', 5);
    engine.place('BUY', '5.1');
    expect([engine.qty(), engine.refusals.map(({ code }) => code)]).toEqual([5, ['VOLUME']]);
  });
});

describe('time in force', () => {
  it('expires at its deadline', () => {
    const engine = new Engine();
    engine.quote(100);
    const id = engine.place('BUY', 1, { type: 'limit', price: 95, tif: 'GTD', expiresAt: START + 1000 });
    engine.clock.advanceTo(START + 999);
    expect(engine.order(id)?.status).toBe('working');
    engine.clock.advanceTo(START + 1000);
    expect(engine.statuses(id).at(-1)).toBe('expired');
    engine.quote(90);
    expect(engine.fills()).toEqual([]);
    expect(engine.of('cancel').map(({ status, ts }) => [status, ts])).toEqual([['expired', START + 1000]]);
  });

  it('lets the deadline win over a touch by the same tick: GT-1', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1, { type: 'limit', price: 95, tif: 'GTD', expiresAt: START + 1000 });
    engine.quote(94, 94, { ts: START + 1000 });
    expect(engine.fills()).toEqual([]);
  });

  it('lets it win also where the timer of the deadline is late', () => {
    const engine = new Engine();
    engine.quote(100);
    const id = engine.place('BUY', 1, { type: 'limit', price: 95, tif: 'GTD', expiresAt: START + 1000 });
    engine.desk.onQuote({ symbol: 'X', ts: START + 1000, bid: 94, ask: 94 });
    expect([engine.fills(), engine.statuses(id).at(-1)]).toEqual([[], 'expired']);
  });

  it('ends a DAY order with the trading day', () => {
    const engine = new Engine({ rollover: '17:00 America/New_York' });
    engine.quote(100);
    const id = engine.place('BUY', 1, { type: 'limit', price: 95, tif: 'DAY' });
    const end = Date.UTC(2024, 0, 10, 22);
    expect(engine.order(id)?.expiresAt).toBe(end);
    engine.quote(94.9, 95.1, { ts: end - 1 });
    engine.quote(90, 90, { ts: end });
    expect([engine.fills(), engine.statuses(id).at(-1)]).toEqual([[], 'expired']);
  });

  it('rejects a deadline that has passed', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('BUY', 1, { type: 'limit', price: 95, tif: 'GTD', expiresAt: START });
    expect(engine.refusals.map(({ by, code }) => [by, code])).toEqual([['venue', 'EXPIRATION']]);
  });
});

describe('trailing stops', () => {
  it('follow the best bid down by their distance and fire on the way back: TR-1', () => {
    const engine = new Engine();
    engine.quote(100);
    const id = engine.place('SELL', 1, { type: 'trailingStop', trail: 5 });
    const triggers: (string | undefined)[] = [];
    for (const price of [100, 110, 108, 105.01]) {
      engine.quote(price);
      triggers.push(engine.order(id)?.price?.toString());
    }
    expect([triggers, engine.fills()]).toEqual([['95', '105', '105', '105'], []]);
    engine.quote(104.99);
    expect(engine.fills()).toEqual([`${id} SELL 1@104.99`]);
  });

  it('do the same upwards for a BUY: TR-3', () => {
    const engine = new Engine();
    engine.quote(100);
    const id = engine.place('BUY', 1, { type: 'trailingStop', trail: 5 });
    engine.quotes(100, 90, 94.99);
    expect([engine.order(id)?.price?.toNumber(), engine.fills()]).toEqual([95, []]);
    engine.quote(96);
    expect(engine.fills()).toEqual([`${id} BUY 1@96`]);
  });

  it('follow the side of the quote that they execute at', () => {
    const engine = new Engine();
    engine.quote(100, 102);
    const id = engine.place('BUY', 1, { type: 'trailingStop', trail: 5 });
    expect(engine.order(id)?.price?.toNumber()).toBe(107);
    engine.quote(90, 92);
    engine.quote(96, 96.99);
    expect(engine.fills()).toEqual([]);
    engine.quote(96.5, 97);
    expect(engine.fills()).toEqual([`${id} BUY 1@97`]);
  });

  it('fill at the quote when the market gaps through them', () => {
    const engine = new Engine();
    engine.quote(100);
    engine.place('SELL', 1, { type: 'trailingStop', trail: '0.5' });
    engine.quotes(101, 80);
    expect(engine.fills()).toEqual(['s-1-1 SELL 1@80']);
  });
});
