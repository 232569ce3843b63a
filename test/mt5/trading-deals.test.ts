import { describe, expect, it } from 'vitest';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import type { Mt5Deal } from '../../src/venues/mt5/types.ts';
import { fillsOf, runsOf } from '../../src/venues/mt5/deal-fills.ts';
import { MAGIC } from '../doubles/mt5-gateway.ts';
import { GOLD_THERE, TradingScene } from './trading-scene.ts';

const DEAL: Mt5Deal = {
  ticket: 1,
  order: 11,
  positionId: 7,
  symbol: 'EURUSDm',
  side: 'SELL',
  entry: 'out',
  reason: 'expert',
  volume: dec('0.05'),
  price: dec('1.094'),
  commission: Decimal.ZERO,
  swap: Decimal.ZERO,
  fee: Decimal.ZERO,
  profit: Decimal.ZERO,
  magic: MAGIC,
  comment: '',
  at: 1000,
};

describe('deals', () => {
  it('of one order are one fill at their average price with the costs of all (MT-14)', () => {
    const costs = { commission: dec('-0.35'), swap: dec('-0.55') };
    const run = [
      { ...DEAL, ...costs },
      { ...DEAL, ...costs, ticket: 2, price: dec('1.096') },
    ];
    const [fill, ...others] = fillsOf(run);
    expect(others).toEqual([]);
    expect([fill!.volume, fill!.price, fill!.costs].map(String)).toEqual(['0.1', '1.095', '1.8']);
  });

  it('whose average is no exact price are a fill each', () => {
    const run = [DEAL, { ...DEAL, ticket: 2, volume: dec('0.1'), price: dec('1.0951') }, { ...DEAL, ticket: 3 }];
    const third = [
      { ...DEAL, volume: dec(1) },
      { ...DEAL, ticket: 2, volume: dec(2), price: dec('1.0941') },
    ];
    expect(fillsOf(run)).toHaveLength(1);
    expect(fillsOf(third)).toHaveLength(2);
  });

  it('that follow one another on one position belong together, whatever other positions do between', () => {
    const other = { ...DEAL, positionId: 8 };
    const deals = [DEAL, { ...other, ticket: 2 }, { ...DEAL, ticket: 3 }, { ...DEAL, ticket: 4, reason: 'stopLoss' }];
    const runs = runsOf(deals as Mt5Deal[], () => '');
    expect(runs.map((run) => run.map(({ ticket }) => ticket))).toEqual([[1, 3], [2], [4]]);
  });
});

describe('what the venue does by itself', () => {
  it('is booked as a partial close by hand when a position shrinks (MT-11)', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2395, ask: 2395.25 });
    scene.broker.terminal.closeByHand(scene.tickets[0]!, dec('0.06'));
    await scene.pass(2000);
    const fills = scene.engine.of('fill').slice(1);
    expect(fills.map(({ qty, price }) => `${qty.toString()}@${price.toString()}`)).toEqual(['0.06@2395']);
    expect(scene.engine.of('order').at(-1)).toMatchObject({ role: 'close', status: 'filled', cause: 'hand' });
    expect(scene.qty).toBe(0.04);
  });

  it('costs what opening and closing have cost together (MT-14)', async () => {
    const scene = await TradingScene.ready({ commissionPerLot: '7', policies: { foreign: 'adopt' } });
    const [volume, price] = [dec('0.1'), dec('1.095')];
    const row = { ticket: 900, symbol: 'EURUSDm', side: 'BUY', volume, openPrice: price, magic: MAGIC } as const;
    const rest = { sl: undefined, tp: undefined, profit: Decimal.ZERO, swap: Decimal.ZERO, comment: '', openedAt: 1 };
    scene.engine.quote(1.095, 1.0951, { symbol: 'EXNESS:EURUSD' });
    scene.broker.extraPositions = [{ ...row, ...rest }];
    await scene.pass(35_000);
    expect(scene.engine.qty('EXNESS:EURUSD')).toBe(0.1);
    const at = scene.clock.now();
    const deal = { ...DEAL, positionId: 900, at };
    const closing = { ...deal, reason: 'stopLoss', commission: dec('-0.35'), swap: dec('-0.55') } as const;
    scene.broker.extraPositions = [];
    scene.broker.extraDeals = [
      { ...deal, entry: 'in', side: 'BUY', volume, price, commission: dec('-0.7'), ticket: 1, at: at - 60_000 },
      { ...closing, ticket: 2, order: 12, price: dec('1.094') },
      { ...closing, ticket: 3, order: 12, price: dec('1.096') },
    ];
    await scene.pass(2000);
    const [fill, ...others] = scene.engine.of('fill').slice(1);
    expect(others).toEqual([]);
    expect([fill!.qty, fill!.price, fill!.commission].map(String)).toEqual(['0.1', '1.095', '2.5']);
    expect(scene.engine.of('order').at(-1)).toMatchObject({ role: 'stopLoss', cause: 'stopLoss' });
  });

  it('is booked as a stop-out where the broker has closed it', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.terminal.closeByHand(scene.tickets[0]!, undefined, 6);
    await scene.pass(2000);
    expect(scene.engine.of('order').at(-1)).toMatchObject({ cause: 'stopOut' });
    expect(scene.engine.trades).toHaveLength(2);
    expect(scene.qty).toBe(0);
  });

  it('reduces the entry whose position it was, and its protection alone', async () => {
    const scene = await TradingScene.ready();
    const first = await scene.placed('BUY', '0.1', { stopLoss: { by: 20 } });
    const second = await scene.placed('BUY', '0.1', { stopLoss: { by: 30 } });
    scene.broker.terminal.closeByHand(scene.tickets[1]!);
    await scene.pass(2000);
    expect(scene.engine.order(`${first}.sl`)).toMatchObject({ status: 'working' });
    expect(scene.engine.order(`${second}.sl`)).toBeUndefined();
    expect(scene.engine.of('order').findLast(({ cause }) => cause === 'hand')).toMatchObject({ parentId: second });
  });

  it('is not booked while the gateway cannot be read, and once after that (MT-16)', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.down = true;
    await scene.pass(3500);
    expect(scene.engine.trades).toHaveLength(1);
    expect(scene.reads.slice(-3)).toEqual([false, false, false]);
    scene.broker.down = false;
    await scene.pass(2000);
    expect(scene.engine.trades).toHaveLength(1);
    scene.broker.terminal.closeByHand(scene.tickets[0]!);
    await scene.pass(10_000);
    expect(scene.engine.trades).toHaveLength(2);
    expect(scene.qty).toBe(0);
  });

  it('is no close because a look shows no positions (an empty answer is not flat)', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.broker.emptyPositions = true;
    await scene.pass(60_000);
    expect(scene.engine.trades).toHaveLength(1);
    expect(scene.differences).toEqual([]);
    expect(scene.qty).toBe(0.1);
  });

  it('is booked once where a ticket vanishes, comes back and vanishes', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    const [ticket] = scene.tickets;
    for (let n = 0; n < 6; n++) {
      scene.broker.hiddenPositions = new Set(n % 2 === 0 ? [ticket!] : []);
      await scene.pass(1500);
    }
    expect(scene.engine.trades).toHaveLength(1);
    scene.broker.hiddenPositions = new Set();
    scene.broker.terminal.closeByHand(ticket!);
    await scene.pass(1500);
    await scene.restart();
    await scene.connect();
    await scene.pass(60_000);
    expect(scene.engine.trades).toHaveLength(2);
    expect(scene.engine.of('fill').filter(({ side }) => side === 'SELL')).toHaveLength(1);
  });

  it('is booked once however far back a look goes, for the sake of another strategy', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    const [positions, deals] = [await scene.broker.positions(), await scene.broker.deals(0, Infinity)];
    if (!positions.known || !deals.known) throw new Error('not read');
    const look = { begun: Infinity, positions: positions.value, orders: [] };
    const until = scene.clock.now() + 5 * 86_400_000;
    scene.account.onLook({ ...look, deals: [] }, until);
    scene.account.onLook({ ...look, deals: deals.value }, until);
    expect(deals.value).toHaveLength(1);
    expect(scene.engine.trades).toHaveLength(1);
    expect(scene.qty).toBe(0.1);
  });

  it('is found after days, by the deals since the last look', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    scene.trading.suspend();
    await scene.pass(3_600_000);
    scene.broker.terminal.closeByHand(scene.tickets[0]!);
    await scene.pass(3 * 86_400_000);
    expect(scene.engine.trades).toHaveLength(1);
    await scene.connect();
    expect(scene.engine.trades).toHaveLength(2);
    expect(scene.qty).toBe(0);
  });
});

describe('a deal that cannot be booked in account money yet', () => {
  it('waits until it can, and nothing is traded meanwhile', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('place', 'lost');
    scene.priced = false;
    await scene.placed('BUY', '0.1');
    await scene.pass(10_000);
    expect(scene.engine.trades).toEqual([]);
    expect(scene.account.reconciled).toBe(false);
    scene.priced = true;
    await scene.pass(1000);
    expect(scene.engine.trades).toHaveLength(1);
    expect(scene.account.reconciled).toBe(true);
  });
});
