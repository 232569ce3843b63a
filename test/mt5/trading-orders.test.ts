import { describe, expect, it } from 'vitest';
import { TradingScene } from './trading-scene.ts';

describe('an order on a hedging account', () => {
  it('is booked at the price of its deal, with its costs', async () => {
    const scene = await TradingScene.ready({ commissionPerLot: '3.5' });
    const id = await scene.placed('BUY', '0.2');
    expect(scene.sent('place')).toEqual(['XAUUSDm BUY market 0.2']);
    expect(scene.engine.fills()).toEqual([`${id} BUY 0.2@2400.25`]);
    expect(scene.engine.of('fill')[0]).toMatchObject({ fillId: 'exness-80010002' });
    expect(scene.engine.trades[0]!.booking.fill.commission.toString()).toBe('0.7');
    expect(scene.engine.statuses(id)).toEqual(['created', 'submitted', 'working', 'filled']);
    expect(scene.qty).toBe(scene.broker.held());
  });

  it('is on disk before it is sent', async () => {
    const scene = await TradingScene.ready();
    scene.syncMs = 40;
    await scene.placed('BUY', '0.1');
    await scene.pass(39);
    expect(scene.broker.writes).toEqual([]);
    await scene.pass(1);
    expect(scene.sent('place')).toHaveLength(1);
  });

  it('is rejected, and never sent, when it cannot be written', async () => {
    const scene = await TradingScene.ready();
    scene.durable = false;
    const id = await scene.placed('BUY', '0.1');
    expect(scene.engine.statuses(id).at(-1)).toBe('rejected');
    expect(scene.engine.refusals[0]).toMatchObject({ by: 'venue', code: 'NOT_STORED' });
    expect(scene.broker.writes).toEqual([]);
  });

  it('closes even when that cannot be written', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.durable = false;
    await scene.close();
    expect(scene.broker.held()).toBe(0);
    expect(scene.qty).toBe(0);
  });

  it('carries a short tag that nothing else has, and a key that is used once', async () => {
    const scene = await TradingScene.ready();
    for (let n = 0; n < 20; n++) await scene.placed('BUY', '0.01');
    const { placements } = scene.broker;
    for (const { comment } of placements) expect(comment).toMatch(/^q[a-z2-7]{15}$/);
    expect(new Set(placements.map(({ comment }) => comment)).size).toBe(20);
    expect(new Set(placements.map(({ key }) => key)).size).toBe(20);
    expect(placements[0]!.key).toMatch(/^mt5-10001-s-\d+-1$/);
  });

  it('is floored to the step, and rejected here under the minimum or over the maximum', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.019');
    expect(scene.sent('place')).toEqual(['XAUUSDm BUY market 0.01']);
    await scene.placed('BUY', '0.009');
    await scene.placed('BUY', '51');
    expect(scene.engine.refusals.map(({ code }) => code)).toEqual(['VOLUME', 'VOLUME']);
    expect(scene.sent('place')).toHaveLength(1);
  });

  it('is rejected under the code of the trade server', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'refused');
    const id = await scene.placed('BUY', '0.1');
    expect(scene.engine.refusals).toMatchObject([{ orderId: id, by: 'venue', code: 'MARKET_CLOSED' }]);
  });

  it('is not sent where the account does not say whether it nets', async () => {
    const scene = await TradingScene.ready({ mode: 'unknown' });
    await scene.placed('BUY', '0.1');
    expect(scene.engine.refusals).toMatchObject([{ code: 'MARGIN_MODE' }]);
    expect(scene.broker.writes).toEqual([]);
  });
});

describe('a pending order', () => {
  it('works at the venue until it fills there', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: '2390.0004' });
    expect(scene.sent('place')).toEqual(['XAUUSDm BUY limit 0.1@2390']);
    expect(scene.engine.order(id)!.status).toBe('working');
    await scene.quote(2389);
    await scene.pass(1000);
    expect(scene.engine.fills()).toEqual([`${id} BUY 0.1@2389.25`]);
    expect(scene.engine.order(id)).toBeUndefined();
  });

  it('is sent as a market order where the market has reached it already (MT-21)', async () => {
    const scene = await TradingScene.ready();
    await scene.quote(2400, 2400.51);
    await scene.placed('BUY', '0.1', { type: 'stop', price: '2400.5' });
    await scene.placed('BUY', '0.2', { type: 'stop', price: '2400.52' });
    await scene.placed('BUY', '0.3', { type: 'limit', price: '2400.6' });
    expect(scene.sent('place')).toEqual([
      'XAUUSDm BUY market 0.1',
      'XAUUSDm BUY stop 0.2@2400.52',
      'XAUUSDm BUY market 0.3',
    ]);
  });

  it('is rejected here when it is nearer to the market than the broker allows', async () => {
    const scene = await TradingScene.ready({ terms: { stopsLevel: 100, freezeLevel: 200 } });
    await scene.placed('BUY', '0.1', { type: 'limit', price: '2400.2' });
    await scene.placed('BUY', '0.1', { type: 'limit', price: '2400.1' });
    await scene.placed('BUY', '0.1', { type: 'limit', price: '2400' });
    expect(scene.engine.refusals.map(({ code }) => code)).toEqual(['STOPS_LEVEL', 'FREEZE_LEVEL']);
    expect(scene.sent('place')).toHaveLength(1);
  });

  it('is cancelled once the venue has let go of it, and not before', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('SELL', '0.1', { type: 'limit', price: 2410 });
    scene.broker.next('cancel', 'never');
    scene.broker.next('cancel', 'never');
    scene.engine.cancel(id);
    await scene.settle();
    expect(scene.engine.order(id)!.status).toBe('working');
    await scene.pass(5000);
    expect(scene.sent('cancel').length).toBeGreaterThan(2);
    expect(scene.engine.of('cancel')).toMatchObject([{ orderId: id, status: 'cancelled', reason: 'asked for' }]);
    expect(scene.broker.terminal.pendings()).toEqual([]);
  });

  it('is never sent when it is taken back before it was stored', async () => {
    const scene = await TradingScene.ready();
    scene.syncMs = 20;
    const id = scene.place('BUY', '0.1', { type: 'limit', price: 2390 });
    scene.engine.cancel(id);
    await scene.pass(100);
    expect(scene.broker.writes).toEqual([]);
    expect(scene.engine.statuses(id).at(-1)).toBe('cancelled');
  });

  it('that has left the pending orders is not taken for cancelled while it may have filled', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    scene.broker.dealsShown = 0;
    scene.broker.hiddenPositions = new Set([70_010_001]);
    await scene.quote(2389);
    await scene.pass(30_000);
    expect(scene.engine.order(id)!.status).toBe('unknown');
    scene.broker.dealsShown = Infinity;
    scene.broker.hiddenPositions = new Set();
    await scene.pass(6000);
    expect(scene.engine.fills()).toEqual([`${id} BUY 0.1@2389.25`]);
    expect(scene.engine.of('cancel')).toEqual([]);
  });

  it('that has expired in an outage is told so at once, and is at no time unknown', async () => {
    const scene = await TradingScene.ready();
    const expiresAt = scene.clock.now() + 20_000;
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390, tif: 'GTD', expiresAt });
    scene.broker.down = true;
    await scene.pass(60_000);
    scene.broker.terminal.expire();
    scene.broker.down = false;
    await scene.pass(3000);
    expect(scene.engine.statuses(id)).toEqual(['created', 'submitted', 'working', 'expired']);
  });

  it('that was cancelled by hand is told as such', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390 });
    scene.broker.terminal.cancelByHand(scene.broker.terminal.pendings()[0]!.ticket);
    await scene.pass(3000);
    expect(scene.engine.of('cancel')).toMatchObject([{ orderId: id, reason: 'cancelled at the venue' }]);
  });

  it('expires at its deadline, which is sent with it', async () => {
    const scene = await TradingScene.ready();
    const expiresAt = scene.clock.now() + 60_000;
    const id = await scene.placed('BUY', '0.1', { type: 'limit', price: 2390, tif: 'GTD', expiresAt });
    expect(scene.broker.placements[0]!.expiresAt).toBe(expiresAt);
    await scene.pass(62_000);
    expect(scene.engine.of('cancel')).toMatchObject([{ orderId: id, status: 'expired' }]);
  });
});

describe('an exit on a hedging account', () => {
  it('closes its tickets, unprotected ones first, then the oldest', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1', { stopLoss: { by: 50 } });
    await scene.placed('BUY', '0.2');
    await scene.placed('BUY', '0.3');
    const [first, second, third] = scene.tickets;
    const id = await scene.placed('SELL', '0.4');
    expect(scene.sent('close')).toEqual([`${second}`]);
    expect(scene.sent('closePart')).toEqual([`${third} 0.2`]);
    expect(scene.tickets).toEqual([first, third]);
    expect(scene.engine.fills().slice(3)).toEqual([`${id} SELL 0.2@2400`, `${id} SELL 0.2@2400`]);
    expect(scene.engine.statuses(id)).toEqual(['created', 'submitted', 'working', 'partiallyFilled', 'filled']);
    expect(scene.qty).toBe(0.2);
  });

  it('opens with what is over, once the rest is closed', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    const id = await scene.placed('SELL', '0.3');
    expect(scene.broker.writes.slice(1)).toEqual(['close 70010001', 'place XAUUSDm SELL market 0.2']);
    expect(scene.engine.statuses(id).at(-1)).toBe('filled');
    expect(scene.qty).toBe(-0.2);
    expect(scene.broker.held()).toBe(-0.2);
  });

  it('does not open when what it was to close is not closed', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.next('close', 'refused');
    const id = await scene.placed('SELL', '0.3');
    expect(scene.engine.refusals).toMatchObject([{ orderId: id, code: 'MARKET_CLOSED' }]);
    expect(scene.sent('place')).toHaveLength(1);
    expect(scene.qty).toBe(0.1);
  });

  it('waits here as a limit order, and closes by ticket when it is touched', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    const id = await scene.placed('SELL', '0.1', { type: 'limit', price: 2405 });
    expect(scene.engine.order(id)!.status).toBe('working');
    expect(scene.sent('place')).toHaveLength(1);
    await scene.quote(2405.5);
    expect(scene.engine.fills().at(-1)).toBe(`${id} SELL 0.1@2405.5`);
    expect(scene.tickets).toEqual([]);
  });

  it('closes positions of both sides by one another', async () => {
    const scene = await TradingScene.ready();
    const sell = await scene.placed('SELL', '0.1', { type: 'limit', price: 2405 });
    await scene.placed('BUY', '0.3');
    await scene.quote(2406);
    await scene.pass(3000);
    expect(scene.engine.fills()[1]).toBe(`${sell} SELL 0.1@2406`);
    expect(scene.broker.terminal.positions.all()).toHaveLength(1);
    expect(scene.qty).toBe(0.2);
    expect(scene.broker.held()).toBe(0.2);
    expect(scene.engine.of('order').filter(({ cause }) => cause === 'pair')).not.toEqual([]);
  });

  it('closes both halves of such a pair, also where one is refused at first', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('SELL', '0.1', { type: 'limit', price: 2405 });
    await scene.placed('BUY', '0.3');
    scene.broker.next('close', 'refused');
    scene.broker.next('closePart', 'never');
    await scene.quote(2406);
    await scene.pass(20_000);
    expect(scene.broker.terminal.positions.all()).toHaveLength(1);
    expect([scene.qty, scene.broker.held()]).toEqual([0.2, 0.2]);
  });

  it('takes no position that is to be closed by one of the other side, as long as that is refused', async () => {
    const scene = await TradingScene.ready();
    // On their way together, both open a position.
    for (const verb of ['close', 'closePart']) scene.broker.next(verb, 'refused');
    scene.place('BUY', '0.1');
    await scene.placed('SELL', '0.3');
    await scene.placed('SELL', '0.2');
    expect(scene.sent('place').at(-1)).toBe('XAUUSDm SELL market 0.2');
    await scene.pass(10_000);
    expect([scene.qty, scene.broker.held()]).toEqual([-0.4, -0.4]);
    expect(scene.tickets).toHaveLength(2);
  });
});

describe('a trailing stop', () => {
  it('is held here, and closes by ticket', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    const id = await scene.placed('SELL', '0.1', { type: 'trailingStop', trail: 5 });
    await scene.quote(2410);
    expect(scene.engine.order(id)!.price!.toString()).toBe('2405');
    await scene.quote(2408);
    await scene.quote(2404.9);
    expect(scene.engine.fills().at(-1)).toBe(`${id} SELL 0.1@2404.9`);
    expect(scene.qty).toBe(0);
  });

  it('goes on after a restart where it had come to', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    const id = await scene.placed('SELL', '0.1', { type: 'trailingStop', trail: 5 });
    await scene.quote(2410);
    await scene.restart();
    await scene.connect();
    await scene.quote(2405.5);
    expect(scene.qty).toBe(0.1);
    await scene.quote(2404.5);
    expect(scene.engine.fills().at(-1)).toBe(`${id} SELL 0.1@2404.5`);
  });
});

describe('an exit of the author, once entries are closed', () => {
  it.each([
    ['hedging', { type: 'stop', price: 2390 }],
    ['hedging', { type: 'trailingStop', trail: 5 }],
    ['netting', { type: 'trailingStop', trail: 5 }],
  ] as const)('stays where it waits here, and opens nothing any more: %s, %o', async (mode, options) => {
    const scene = await TradingScene.ready({ mode });
    await scene.placed('BUY', '0.1');
    const ids = [await scene.placed('SELL', '0.1', options), await scene.placed('SELL', '0.1', options)];
    scene.engine.desk.cancelEntries('halted');
    expect(scene.engine.desk.workingEntries()).toEqual([]);
    await scene.restart();
    await scene.connect();
    await scene.quote(2385);
    await scene.pass(5000);
    expect([scene.qty, scene.broker.held(), scene.engine.desk.orders()]).toEqual([0, 0, []]);
    expect(ids.map((id) => scene.engine.statuses(id).at(-1))).toEqual(['filled', 'cancelled']);
    expect(scene.sent('place')).toHaveLength(1);
  });

  it('is taken back where the broker of a netting account has it: it could open a position there', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('BUY', '0.1');
    const id = await scene.placed('SELL', '0.1', { type: 'stop', price: 2390 });
    scene.engine.desk.cancelEntries('halted');
    expect(scene.engine.desk.workingEntries()).toEqual([id]);
    await scene.pass(3000);
    expect([scene.engine.statuses(id).at(-1), scene.broker.terminal.pendings()]).toEqual(['cancelled', []]);
  });
});

describe('a netting account', () => {
  it('is reduced and turned by orders of the other side, as they are', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('BUY', '0.1');
    await scene.placed('SELL', '0.3');
    expect(scene.broker.writes).toEqual(['place XAUUSDm BUY market 0.1', 'place XAUUSDm SELL market 0.3']);
    expect(scene.qty).toBe(-0.2);
    await scene.placed('BUY', '0.05');
    expect(scene.qty).toBe(-0.15);
    expect(scene.broker.held()).toBe(-0.15);
  });

  it('is closed by the ticket of its position, after a turn as well', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('BUY', '0.1');
    await scene.placed('SELL', '0.3');
    const [ticket] = scene.tickets;
    await scene.close();
    expect(scene.sent('close')).toEqual([`${ticket}`]);
    expect(scene.qty).toBe(0);
    expect(scene.broker.held()).toBe(0);
  });

  it('takes pending orders of both sides', async () => {
    const scene = await TradingScene.ready({ mode: 'netting' });
    await scene.placed('BUY', '0.1');
    await scene.placed('SELL', '0.1', { type: 'limit', price: 2405 });
    expect(scene.sent('place')[1]).toBe('XAUUSDm SELL limit 0.1@2405');
    await scene.quote(2406);
    await scene.pass(2000);
    expect(scene.qty).toBe(0);
    expect(scene.broker.held()).toBe(0);
  });
});
