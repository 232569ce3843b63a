import { describe, expect, it, onTestFinished } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { openGatewayClient } from '../../src/venues/mt5/client.ts';
import type { Placement, Read, TradeAnswer, TradeResult } from '../../src/venues/mt5/types.ts';
import { poll } from '../doubles/daemon.ts';
import { GOLD, START } from '../mt5-sim/support.ts';
import { clientAndSimulator, MAGIC, type Pair } from './client-support.ts';

const HOUR = 3_600_000;
const BUY: Placement = { symbol: GOLD, side: 'BUY', type: 'market', volume: dec('0.1'), comment: 'qtag', key: 'key-1' };
const BUY_LIMIT: Placement = { ...BUY, type: 'limit', price: dec(2390), key: 'key-2' };

function known<T>(read: Read<T>): T {
  if (!read.known) throw new Error(`not known: ${read.reason}`);
  return read.value;
}

function done(answer: TradeAnswer): TradeResult {
  if (answer.kind !== 'done') throw new Error(`${answer.kind}: ${answer.reason}`);
  return answer.result;
}

const routes = ({ sim }: Pair, route: string) =>
  sim.simulator.gateway.log.since(0).filter((request) => request.route === route);

describe('a client and a gateway', () => {
  it('agree about an account, a symbol, a quote and the bars of its past', async () => {
    const { client, sim } = await clientAndSimulator();
    expect(known(await client.health())).toMatchObject({ isHealthy: true, mt5Status: 'connected', login: 4_410_021 });
    expect(known(await client.ready())).toMatchObject({ ready: true });
    expect(known(await client.account())).toMatchObject({
      marginMode: 'hedging',
      tradeMode: 'demo',
      tradeAllowed: true,
    });
    expect(known(await client.symbol(GOLD))).toMatchObject({ digits: 3, profitCurrency: 'USD' });
    expect(known(await client.symbol('NONE/such?'))).toBeUndefined();
    expect(known(await client.quote(GOLD))).toEqual({ symbol: GOLD, bid: 2400.1, ask: 2400.35, serverTime: START });
    expect(known(await client.quote('NONE'))).toBeUndefined();
    sim.clock.advanceBy(60_000);
    sim.gold(2401);
    expect(known(await client.bars(GOLD, 'M1', 5)).map(({ start, close }) => [start, close])).toEqual([
      [START, 2400.1],
      [START + 60_000, 2401],
    ]);
  });

  it('agree about a position from its opening to its end', async () => {
    const { client } = await clientAndSimulator();
    const { order: ticket, price } = done(await client.place({ ...BUY, sl: dec(2390), tp: dec(2420) }));
    expect(price!.toString()).toBe('2400.35');
    const [position] = known(await client.positions());
    expect(position).toMatchObject({ ticket, side: 'BUY', magic: MAGIC, comment: 'qtag', openedAt: START });
    expect([position!.sl?.toString(), position!.tp?.toString()]).toEqual(['2390', '2420']);
    expect(known(await client.positionsTotal())).toBe(1);
    done(await client.setStops(ticket, { sl: undefined, tp: dec(2410) }));
    expect(known(await client.positions())[0]).toMatchObject({ sl: undefined, tp: dec(2410) });
    expect(await client.setStops(ticket, { sl: undefined, tp: dec(2410) })).toMatchObject({ code: 'NO_CHANGES' });
    done(await client.closePart(ticket, dec('0.04')));
    expect(known(await client.positions())[0]!.volume.toString()).toBe('0.06');
    done(await client.close(ticket));
    expect(known(await client.positions())).toEqual([]);
    const deals = known(await client.deals(START, START + 1, ticket));
    expect(deals.map(({ entry, side, volume }) => [entry, side, volume.toString()])).toEqual([
      ['in', 'BUY', '0.1'],
      ['out', 'SELL', '0.04'],
      ['out', 'SELL', '0.06'],
    ]);
    expect(known(await client.orderEnd(ticket))).toBe('filled');
  });

  it('agree about a pending order from its placing to its end (traps 1 and 3)', async () => {
    const pair = await clientAndSimulator();
    const { client, sim } = pair;
    const { order: ticket, deal } = done(await client.place({ ...BUY_LIMIT, expiresAt: START + HOUR }));
    expect(deal).toBe(0);
    await sim.order({ type: 'SELL_STOP', price: 2395, magic: 99, comment: 'other' });
    const orders = known(await client.orders());
    expect(orders.map(({ type, volume, magic, comment }) => [type, volume.toString(), magic, comment])).toEqual([
      ['BUY_LIMIT', '0.1', MAGIC, 'qtag'],
      ['SELL_STOP', '0.1', 99, 'other'],
    ]);
    // The gateway takes no notice of a magic number here: it is not even asked.
    expect(routes(pair, 'GET /orders')[0]!.url).toBe('/orders');
    done(await client.modify(ticket, { price: dec(2380), sl: dec(2370) }));
    expect(known(await client.orders())[0]).toMatchObject({ price: dec(2380), sl: dec(2370) });
    expect(known(await client.orderEnd(ticket))).toBe('working');
    done(await client.cancel(ticket));
    expect(known(await client.orderEnd(ticket))).toBe('cancelled');
    expect(await client.cancel(ticket)).toMatchObject({ kind: 'refused', code: 'NOT_FOUND', status: 404 });
    const second = done(await client.place({ ...BUY_LIMIT, key: 'key-3', expiresAt: START + HOUR })).order;
    sim.clock.advanceBy(HOUR + 1000);
    expect(known(await client.orders())).toHaveLength(1);
    expect(known(await client.orderEnd(second))).toBe('expired');
  });

  it('agree about everything at once', async () => {
    const { client } = await clientAndSimulator();
    const { order } = done(await client.place(BUY));
    const pending = done(await client.place(BUY_LIMIT)).order;
    const { asOf, positions, orders, deals } = known(await client.reconcile());
    expect(asOf).toBe(START);
    expect([positions[0]!.ticket, orders[0]!.ticket, deals[0]!.order]).toEqual([order, pending, order]);
    // The deposit that opened the account is no trade.
    expect(deals).toHaveLength(1);
  });

  it('speak with a key, and not without it', async () => {
    const { sim, client } = await clientAndSimulator({ apiKey: 's3cret' });
    expect(await client.account()).toMatchObject({ known: true });
    const stranger = await openGatewayClient({
      clock: sim.clock,
      url: sim.url,
      magic: MAGIC,
      deviation: 20,
      serverClock: 'utc',
    });
    onTestFinished(() => stranger.dispose());
    expect(await stranger.account()).toEqual({ known: false, reason: 'HTTP 401: Unauthorized', status: 401 });
    expect(await stranger.place(BUY)).toMatchObject({ kind: 'refused', code: 'AUTHENTICATION_ERROR' });
  });

  it('know each request by an id and a placement by its key, and place it once', async () => {
    const pair = await clientAndSimulator();
    const { client } = pair;
    const first = done(await client.place(BUY));
    const again = done(await client.place(BUY));
    expect(again).toEqual(first);
    expect(known(await client.positions())).toHaveLength(1);
    const placed = routes(pair, 'POST /order');
    expect(placed.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key-1', 'key-1']);
    expect(new Set(placed.map(({ requestId }) => requestId)).size).toBe(2);
    expect(placed[0]!.requestId).toMatch(/^qkt-10001-/);
  });

  it('go through a path that stands before every route', async () => {
    const { sim } = await clientAndSimulator();
    const client = await openGatewayClient({
      clock: sim.clock,
      url: `${sim.url}/behind/`,
      magic: MAGIC,
      deviation: 20,
      serverClock: 'utc',
    });
    onTestFinished(() => client.dispose());
    expect(await client.account()).toMatchObject({ known: false, status: 404 });
    expect(sim.simulator.gateway.log.since(0).at(-1)!.url).toBe('/behind/account');
  });
});

describe('what a client makes of faults', () => {
  it.each(['bare-arrays', 'ignore-position-filter'])('nothing, of %s (MT-6, trap 12)', async (fault) => {
    const { client, sim } = await clientAndSimulator();
    const first = done(await client.place(BUY)).order;
    const second = done(await client.place({ ...BUY, key: 'key-3' })).order;
    sim.fault(fault);
    expect(known(await client.positions()).map(({ ticket }) => ticket)).toEqual([first, second]);
    const deals = known(await client.deals(START, START, second));
    expect(deals.map(({ positionId }) => positionId)).toEqual([second]);
  });

  it('an empty list of positions is one, and the total tells that it is not flat (trap 4)', async () => {
    const { client, sim } = await clientAndSimulator();
    done(await client.place(BUY));
    sim.fault('empty-positions');
    expect(known(await client.positions())).toEqual([]);
    expect(known(await client.positionsTotal())).toBe(1);
    expect(known(await client.reconcile()).positions).toHaveLength(1);
  });

  it('a close whose outcome is hidden behind 400 is unknown, done or not (trap 5)', async () => {
    const { client, sim } = await clientAndSimulator();
    const ticket = done(await client.place(BUY)).order;
    for (const fault of ['unknown-not-executed', 'unknown-executed']) {
      sim.fault(fault, { times: 1, route: 'POST /close_position' });
      expect(await client.close(ticket)).toMatchObject({ kind: 'unknown' });
    }
    expect(known(await client.positions())).toEqual([]);
  });

  it.each([
    ['unknown-executed', 1],
    ['unknown-not-executed', 0],
    ['in-progress-executed', 1],
    ['in-progress-not-executed', 0],
    ['reset-executed', 1],
    ['reset-not-executed', 0],
    ['requote', 0],
    ['internal-error', 0],
  ])('a placement that meets %s is unknown, and was sent once', async (fault, positions) => {
    const pair = await clientAndSimulator();
    pair.sim.fault(fault, { times: 1, route: 'POST /order' });
    expect(await pair.client.place(BUY)).toMatchObject({ kind: 'unknown' });
    expect(routes(pair, 'POST /order')).toHaveLength(1);
    expect(known(await pair.client.positions())).toHaveLength(positions);
  });

  it('a placement that is answered too late is unknown, and what it made is seen at once', async () => {
    const pair = await clientAndSimulator();
    const { client, sim } = pair;
    expect(known(await client.positions())).toEqual([]);
    sim.fault('slow-reply', { value: 6000, times: 1 });
    const answer = client.place(BUY);
    await poll('it has arrived', () => sim.simulator.terminal.positions.all().length > 0 || undefined);
    sim.clock.advanceBy(5000);
    expect(await answer).toEqual({ kind: 'unknown', reason: 'no answer within 5000 ms' });
    expect(known(await client.positions())).toHaveLength(1);
    expect(routes(pair, 'POST /order')).toHaveLength(1);
  });

  it('a price of 0 is none (trap 6)', async () => {
    const { client, sim } = await clientAndSimulator();
    sim.fault('zero-price');
    expect(done(await client.place(BUY))).toMatchObject({ deal: 0, price: undefined });
  });

  it('a partial fill says so, with or without how much', async () => {
    const { client, sim } = await clientAndSimulator();
    sim.fault('partial-fill', { times: 1 });
    const told = done(await client.place(BUY));
    expect([told.isPartial, told.volume?.toString()]).toEqual([true, '0.05']);
    sim.fault('partial-without-volume', { times: 1 });
    expect(done(await client.place({ ...BUY, key: 'k3' }))).toMatchObject({ isPartial: true, volume: undefined });
  });

  it('a terminal that is away leaves everything unknown but the health of the service (traps 4 and 7)', async () => {
    const { client, sim } = await clientAndSimulator();
    sim.fault('mt5-down');
    expect(known(await client.health())).toMatchObject({ isHealthy: false, mt5Status: 'disconnected' });
    expect(known(await client.ready())).toMatchObject({ ready: false, killed: false });
    const reading = client.positions();
    await poll('it waits to ask again', async () => {
      sim.clock.advanceBy(100);
      return (await Promise.race([reading, Promise.resolve(undefined)])) !== undefined || undefined;
    });
    expect(await reading).toMatchObject({ known: false, status: 503 });
    expect(await client.place(BUY)).toMatchObject({ kind: 'unknown' });
  });

  it('the kill switch refuses orders and closes, and lets pending orders be cancelled (trap 8)', async () => {
    const { client } = await clientAndSimulator();
    const position = done(await client.place(BUY)).order;
    const pending = done(await client.place(BUY_LIMIT)).order;
    expect(await client.kill(false)).toMatchObject({ known: true });
    expect(known(await client.ready())).toMatchObject({ ready: false, killed: true });
    for (const refused of [
      client.place({ ...BUY, key: 'k3' }),
      client.close(position),
      client.closePart(position, dec('0.05')),
      client.setStops(position, { sl: dec(2390), tp: undefined }),
    ])
      expect(await refused).toMatchObject({ kind: 'refused', code: 'KILL_SWITCH', status: 423 });
    done(await client.cancel(pending));
    expect(await client.kill(true)).toMatchObject({ known: true });
    expect(known(await client.positions())).toEqual([]);
    expect(await client.releaseKill()).toMatchObject({ known: true });
    expect(known(await client.ready())).toMatchObject({ ready: true });
  });

  it('a server that is hours ahead shows times of its own, which come out in UTC (trap 9)', async () => {
    const { client, sim } = await clientAndSimulator({ serverClock: 'newYorkClose' });
    const ticket = done(await client.place(BUY)).order;
    expect(client.serverTime()).toEqual({ offsetMs: 2 * HOUR, measuredAt: undefined, skewMs: 0 });
    expect(known(await client.positions())[0]!.openedAt).toBe(START);
    sim.fault('clock-offset', { value: 1 });
    for (let i = 0; i < 5; i++) {
      sim.clock.advanceBy(1000);
      sim.gold(2400 + i);
      await client.quote(GOLD);
    }
    expect(client.serverTime()).toEqual({ offsetMs: 3 * HOUR, measuredAt: sim.clock.now(), skewMs: 0 });
    const [quote, [position], [deal]] = [
      known(await client.quote(GOLD))!,
      known(await client.positions()),
      known(await client.deals(START - 1000, START + 1000, ticket)),
    ];
    expect(client.utc(quote.serverTime)).toBe(sim.clock.now());
    expect([position!.openedAt, deal!.at]).toEqual([START, START]);
    expect(known(await client.reconcile()).deals[0]!.at).toBe(START);
  });

  it('deals are asked for on the clock of the server, a day wider, and cut to what was wanted', async () => {
    const pair = await clientAndSimulator({ serverClock: { hours: 3 } });
    const { client, sim } = pair;
    done(await client.place(BUY));
    sim.clock.advanceBy(1000);
    done(await client.place({ ...BUY, key: 'k3' }));
    expect(known(await client.deals(START + 1, START + 1000))).toHaveLength(1);
    const { searchParams } = new URL(routes(pair, 'GET /history_deals_get')[0]!.url, sim.url);
    expect(searchParams.get('from_date')).toBe(new Date(START + 1 + 3 * HOUR - 24 * HOUR).toISOString());
    expect(searchParams.get('to_date')).toBe(new Date(START + 1000 + 3 * HOUR + 24 * HOUR).toISOString());
  });
});
