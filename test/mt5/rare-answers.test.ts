/** What a broker seldom answers or holds, and what must not follow from it. */
import { describe, expect, it } from 'vitest';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import type { Mt5Deal } from '../../src/venues/mt5/types.ts';
import { MAGIC } from '../doubles/mt5-gateway.ts';
import { scriptedClient, json } from '../doubles/scripted-transport.ts';
import { GatewayScene, sourceOf } from './gateway-scene.ts';
import { GOLD_THERE, STRANGER, TradingScene } from './trading-scene.ts';

const OPENING: Mt5Deal = {
  ticket: 1,
  order: 900,
  positionId: 900,
  symbol: GOLD_THERE,
  side: 'SELL',
  entry: 'in',
  reason: 'desktop',
  volume: dec('0.5'),
  price: dec(2399),
  commission: dec('-3.5'),
  swap: Decimal.ZERO,
  fee: Decimal.ZERO,
  profit: Decimal.ZERO,
  magic: MAGIC,
  comment: '',
  at: 0,
};

describe('a book that cannot be read in full', () => {
  it('counts as that, whatever looks in passing show', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    await scene.pass(2000);
    scene.broker.unreadable = true;
    scene.reads.length = 0;
    await scene.placed('BUY', '0.1');
    await scene.pass(20_000);
    expect(scene.reads.length).toBeGreaterThan(5);
    expect(scene.reads).not.toContain(true);
    scene.broker.unreadable = false;
    await scene.pass(5000);
    expect(scene.reads.at(-1)).toBe(true);
    expect(scene.qty).toBe(0.2);
  });

  it('degrades the gateway', async () => {
    const scene = await GatewayScene.trading();
    scene.wish('buy', 'gold', { qty: 0.1 });
    await scene.holds(0.1);
    scene.fault('connection-error', { route: 'GET /reconcile' });
    scene.wish('buy', 'gold', { qty: 0.1 });
    expect(await scene.gatewayIs('degraded')).toMatchObject({ failingLink: 'reconciliation' });
  }, 60_000);
});

describe('a deal', () => {
  it('without a price is none until it has one', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    await scene.pass(2000);
    const [position] = scene.tickets;
    scene.broker.hiddenPositions = new Set([position!]);
    const closing = {
      ...OPENING,
      ticket: 99,
      order: 77,
      positionId: position!,
      entry: 'out',
      volume: dec('0.1'),
    } as const;
    scene.broker.extraDeals = [{ ...closing, price: Decimal.ZERO, at: scene.clock.now() }];
    await scene.pass(3000);
    expect(scene.engine.fills()).toEqual(['s-1-1 BUY 0.1@2400.25']);
    scene.broker.extraDeals = [{ ...closing, price: dec(2400), at: scene.clock.now() }];
    await scene.pass(3000);
    expect(scene.engine.fills().at(-1)).toBe('s-venue-99 SELL 0.1@2400');
  });
});

describe('a position that is taken over', () => {
  it.each([0, 5000, 50_000, 3_600_000])('is booked once by a server whose clock is %d ms ahead', async (ahead) => {
    const scene = await TradingScene.ready({ policies: { foreign: 'adopt' } });
    const at = scene.clock.now() + ahead;
    scene.broker.extraPositions = [{ ...STRANGER, side: 'BUY', openedAt: at }];
    scene.broker.extraDeals = [{ ...OPENING, side: 'BUY', at }];
    await scene.placed('BUY', '0.1');
    await scene.pass(120_000);
    expect(scene.engine.fills().slice(1)).toEqual(['s-adopted-900 BUY 0.5@2399']);
    expect(scene.qty).toBe(0.6);
  });

  it('is as large as its deals say, where it was closed in part meanwhile', async () => {
    const scene = await TradingScene.ready({ policies: { foreign: 'adopt' } });
    const at = scene.clock.now();
    scene.broker.extraPositions = [{ ...STRANGER, openedAt: at }];
    scene.broker.extraDeals = [{ ...OPENING, at }];
    const deals = scene.broker.deals.bind(scene.broker);
    scene.broker.deals = (...args) => {
      scene.broker.deals = deals;
      const closing = { ...OPENING, ticket: 2, order: 901, side: 'BUY', entry: 'out', volume: dec('0.2') } as const;
      scene.broker.extraPositions = [{ ...STRANGER, openedAt: at, volume: dec('0.3') }];
      scene.broker.extraDeals = [...scene.broker.extraDeals, { ...closing, at: scene.clock.now() }];
      return deals(...args);
    };
    await scene.pass(100_000);
    expect(scene.qty).toBe(-0.3);
    expect(scene.trading.differences()).toEqual([]);
  });
});

describe('an order that was taken under no ticket', () => {
  it('is rejected once four looks lack it, and the next one goes', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'ignored');
    const id = await scene.placed('BUY', '0.1');
    await scene.pass(60_000);
    expect(scene.engine.statuses(id).at(-1)).toBe('rejected');
    const next = await scene.placed('BUY', '0.1');
    await scene.pass(2000);
    expect(scene.engine.statuses(next).at(-1)).toBe('filled');
  });
});

describe('more than the broker takes in one order', () => {
  it.each(['hedging', 'netting'] as const)('is closed all the same on a %s account', async (mode) => {
    const scene = await TradingScene.ready({ mode, terms: { volumeMax: dec('0.15') } });
    for (let n = 0; n < 2; n++) {
      await scene.placed('BUY', '0.1');
      await scene.pass(2000);
    }
    await scene.close();
    await scene.pass(10_000);
    expect(scene.broker.held()).toBe(0);
    expect(scene.qty).toBe(0);
  });

  it('is closed by a stop that flattens', async () => {
    const scene = await GatewayScene.trading({ simulator: { balance: 100_000_000 } });
    for (const held of [30, 60]) {
      scene.wish('buy', 'gold', { qty: 30 });
      await scene.holds(held);
    }
    await scene.command('stop?flatten=true&timeoutMs=20000');
    expect(scene.simulator.terminal.positions.all()).toHaveLength(0);
  }, 60_000);
});

describe('a symbol', () => {
  const XAGUSD = { contractSize: 5000, tickSize: 0.001, volumeMin: 0.01, volumeStep: 0.01, session: '24x7' } as const;

  it('that the broker lacks keeps nobody else from trading', async () => {
    const scene = await GatewayScene.trading({ config: { instruments: { XAGUSD } } });
    scene.fault('unavailable');
    await scene.gatewayIs('down');
    await scene.daemon.deploy(scene.daemon.write('silver.ts', sourceOf('silver', 'XAGUSD')), { name: 'silver' });
    scene.simulator.faults.turnOff('unavailable');
    await scene.pass(60_000);
    expect(await scene.gateway()).toMatchObject({ state: 'ready' });
  }, 60_000);

  it('whose terms could not be read at the deployment is traded once they can', async () => {
    const scene = await GatewayScene.open();
    await scene.gatewayIs('ready');
    scene.fault('internal-error', { route: 'GET /symbol_info/<symbol>', times: 4 });
    await scene.deploy('gold');
    await scene.ready();
    await scene.pass(20_000);
    scene.wish('buy', 'gold', { qty: 0.1 });
    await scene.holds(0.1);
  }, 60_000);
});

describe('a magic number of 64 bits', () => {
  it('is somebody else’s, and hides nothing of ours', async () => {
    const row = { ticket: 1, symbol: 'X', type: 0, volume: 1, price_open: 1, sl: 0, tp: 0, profit: 0, time_msc: 1 };
    const text = JSON.stringify({
      data: [
        { ...row, magic: 7 },
        { ...row, ticket: 2, magic: 'M' },
      ],
    });
    const { client } = scriptedClient([
      { ...(json({}) as object), text: text.replace('"M"', '9223372036854775807') } as never,
    ]);
    const read = await client.positions();
    expect(read.known && read.value.map(({ magic }) => magic)).toEqual([7, -1]);
  });
});
