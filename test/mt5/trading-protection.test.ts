import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { GOLD_THERE, TradingScene } from './trading-scene.ts';

const BOTH = { stopLoss: { by: 20 }, takeProfit: { by: 40 } };

describe('the bracket of an entry', () => {
  it('is sent with it, and set anew where the fill was elsewhere', async () => {
    const scene = await TradingScene.ready();
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2401, ask: 2401.25 });
    const id = await scene.placed('BUY', '0.1', BOTH);
    expect(scene.broker.placements[0]).toMatchObject({ sl: dec('2380.25'), tp: dec('2440.25') });
    expect(scene.sent('setStops')).toEqual(['70010001 2381.25 2441.25']);
    expect(scene.levels()).toBe('2381.25 2441.25');
    expect(scene.engine.working()).toEqual([`${id}.sl SELL stop 0.1@2381.25`, `${id}.tp SELL limit 0.1@2441.25`]);
  });

  it('closes the position under the id of the leg that was hit', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', BOTH);
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2380, ask: 2380.25 });
    await scene.pass(1000);
    expect(scene.engine.fills()[1]).toBe(`${id}.sl SELL 0.1@2380`);
    expect(scene.engine.statuses(`${id}.sl`).at(-1)).toBe('filled');
    expect(scene.engine.statuses(`${id}.tp`).at(-1)).toBe('cancelled');
    expect(scene.engine.desk.orders()).toEqual([]);
  });

  it('is booked whole where entry and stop have filled between two looks', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', { type: 'stop', price: 2405, ...BOTH });
    const { terminal } = scene.broker;
    terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2405.5, ask: 2405.75 });
    terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2384, ask: 2384.25 });
    await scene.pass(1000);
    expect(scene.engine.fills()).toEqual([`${id} BUY 0.1@2405.75`, `${id}.sl SELL 0.1@2384`]);
    expect(scene.engine.of('order').every(({ cause }) => cause === undefined)).toBe(true);
  });

  it('is asked for again until the venue holds it', async () => {
    const scene = await TradingScene.ready();
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2401, ask: 2401.25 });
    for (const mishap of ['refused', 'never', 'refused'] as const) scene.broker.next('setStops', mishap);
    await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(20_000);
    expect(scene.levels()).toBe('2381.25 2441.25');
    expect(scene.differences).toEqual([]);
  });

  it('is asked for less and less often where the broker says it is done, and it is not', async () => {
    const scene = await TradingScene.ready();
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2401, ask: 2401.25 });
    for (let n = 0; n < 100; n++) scene.broker.next('setStops', 'ignored');
    await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(20_000);
    expect(scene.sent('setStops').length).toBeLessThan(7);
    scene.broker.forgetMishaps();
    await scene.pass(35_000);
    expect(scene.levels()).toBe('2381.25 2441.25');
  });

  it('is held here while the broker would refuse it as too near, and closes by ticket', async () => {
    const scene = await TradingScene.ready({ terms: { stopsLevel: 5000 } });
    const id = await scene.placed('BUY', '0.1', { stopLoss: { by: 3 } });
    expect(scene.levels()).toBe('none none');
    expect(scene.engine.order(`${id}.sl`)!.status).toBe('working');
    await scene.quote(2398);
    expect(scene.qty).toBe(0.1);
    await scene.quote(2397.2);
    expect(scene.engine.fills()[1]).toBe(`${id}.sl SELL 0.1@2397.2`);
    expect(scene.sent('close')).toEqual(['70010001']);
    expect(scene.tickets).toEqual([]);
  });

  it('is set as soon as the market has moved far enough away', async () => {
    const scene = await TradingScene.ready({ terms: { stopsLevel: 5000 } });
    await scene.placed('BUY', '0.1', { stopLoss: { by: 3 } });
    await scene.quote(2410);
    await scene.pass(1000);
    expect(scene.levels()).toBe('2397.25 none');
  });

  it('that the market has crossed already closes at the market', async () => {
    const scene = await TradingScene.ready();
    scene.broker.next('setStops', 'never');
    const id = await scene.placed('BUY', '0.1', { stopLoss: { at: 2420 } });
    await scene.quote(2400.5);
    expect(scene.engine.fills()[1]).toBe(`${id}.sl SELL 0.1@2400.5`);
  });

  it('is tried again as long as a close here is refused', async () => {
    const scene = await TradingScene.ready({ terms: { stopsLevel: 5000 } });
    const id = await scene.placed('BUY', '0.1', { stopLoss: { by: 3 } });
    scene.broker.next('close', 'refused');
    scene.broker.next('close', 'never');
    await scene.quote(2397);
    expect(scene.engine.order(`${id}.sl`)!.status).toBe('working');
    await scene.pass(20_000);
    expect(scene.engine.statuses(`${id}.sl`).at(-1)).toBe('filled');
    expect(scene.sent('close')).toHaveLength(3);
    expect(scene.engine.of('rejection')).toEqual([]);
  });

  it('goes with its position, whatever closes it', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1', BOTH);
    await scene.close();
    expect(scene.engine.desk.orders()).toEqual([]);
    expect(scene.qty).toBe(0);
  });

  it('stays with what is left of its position', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.3', BOTH);
    await scene.placed('SELL', '0.1');
    expect(scene.engine.order(`${id}.sl`)!.qty.toString()).toBe('0.2');
    expect(scene.levels()).toBe('2380.25 2440.25');
    scene.broker.terminal.quote({ symbol: GOLD_THERE, ts: scene.clock.now(), bid: 2380, ask: 2380.25 });
    await scene.pass(1000);
    expect(scene.engine.fills().at(-1)).toBe(`${id}.sl SELL 0.2@2380`);
  });

  it('is taken away at the venue where the author cancels it', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(1000);
    scene.engine.cancel(`${id}.tp`);
    await scene.pass(2000);
    expect(scene.levels()).toBe('2380.25 none');
    expect(scene.engine.statuses(`${id}.tp`).at(-1)).toBe('cancelled');
    expect(scene.differences).toEqual([]);
  });

  it('protects each layer of a stack by its own fill', async () => {
    const scene = await TradingScene.ready();
    const layers = [
      [0, '0.1'],
      [5, '0.1'],
    ] as const;
    await scene.placed('BUY', '0.1', { stopLoss: { by: 20 }, stack: { layers } });
    await scene.quote(2406);
    await scene.pass(1000);
    expect([scene.levels(0), scene.levels(1)]).toEqual(['2380.25 none', '2386.25 none']);
  });
});

describe('protection that somebody has changed', () => {
  it('is taken over where it was moved', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(1000);
    scene.moveStop(2390);
    await scene.pass(2000);
    expect(scene.engine.order(`${id}.sl`)!.price!.toString()).toBe('2390');
    expect(scene.levels()).toBe('2390 2440.25');
    expect(scene.differences).toEqual([
      'protectionMoved: stop 2380.25 / stop 2390, taken over',
      'settled protectionMoved: stop 2380.25 / stop 2390, taken over',
    ]);
    expect(scene.trading.differences()).toEqual([]);
  });

  it('stays in force here where the move is ignored', async () => {
    const scene = await TradingScene.ready({ policies: { protectionMoved: 'ignore' } });
    const id = await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(1000);
    scene.moveStop(2300);
    await scene.pass(40_000);
    expect(scene.levels()).toBe('2300 2440.25');
    expect(scene.trading.differences()).toMatchObject([{ kind: 'protectionMoved', policy: 'ignore' }]);
    await scene.quote(2380);
    expect(scene.engine.fills()[1]).toBe(`${id}.sl SELL 0.1@2380`);
    expect(scene.trading.differences()).toEqual([]);
  });

  it('halts the strategy where it is gone, and is held here', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(1000);
    scene.moveStop(0);
    await scene.pass(2000);
    expect(scene.engine.of('gateway').at(-1)!.difference).toMatchObject({
      kind: 'protectionMissing',
      ours: 'stop 2380.25',
      theirs: null,
      policy: 'halt',
      settled: false,
      done: 'halted; the level is held here',
    });
    await scene.quote(2380);
    expect(scene.engine.fills()[1]).toBe(`${id}.sl SELL 0.1@2380`);
  });

  it('is given up after a restart with the policy that takes over', async () => {
    const scene = await TradingScene.ready();
    const id = await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(1000);
    scene.moveStop(0);
    await scene.pass(2000);
    await scene.restart({ protectionMissing: 'adopt' });
    await scene.connect();
    await scene.pass(2000);
    expect(scene.trading.differences()).toEqual([]);
    expect(scene.engine.statuses(`${id}.sl`).at(-1)).toBe('cancelled');
  });

  it('halts after a restart with the policy that says so, and only then', async () => {
    const scene = await TradingScene.ready({ policies: { protectionMissing: 'ignore' } });
    await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(1000);
    scene.moveStop(0);
    await scene.pass(2000);
    await scene.restart({ protectionMissing: 'halt' });
    await scene.connect();
    await scene.pass(40_000);
    expect(scene.trading.differences()).toMatchObject([{ policy: 'halt', done: 'halted; the level is held here' }]);
    const told = scene.differences.length;
    await scene.restart();
    await scene.connect();
    await scene.pass(40_000);
    expect(scene.differences).toHaveLength(told);
  });

  it('is over where it is put back', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(1000);
    scene.moveStop(0);
    await scene.pass(2000);
    scene.moveStop(2380.25);
    await scene.pass(2000);
    expect(scene.differences.at(-1)).toMatch(/^settled protectionMissing/);
    expect(scene.trading.differences()).toEqual([]);
  });

  it('is given up where the policy takes over what is gone', async () => {
    const scene = await TradingScene.ready({ policies: { protectionMissing: 'adopt' } });
    const id = await scene.placed('BUY', '0.1', BOTH);
    await scene.pass(1000);
    scene.moveStop(0);
    await scene.pass(2000);
    expect(scene.engine.statuses(`${id}.sl`).at(-1)).toBe('cancelled');
    await scene.quote(2370);
    expect(scene.qty).toBe(0.1);
  });

  it('is told and left alone where nobody here has set it', async () => {
    const scene = await TradingScene.ready();
    await scene.placed('BUY', '0.1');
    await scene.pass(1000);
    scene.moveStop(2390);
    await scene.pass(40_000);
    expect(scene.levels()).toBe('2390 none');
    expect(scene.differences[0]).toBe('protectionMoved: null / stop 2390, taken over');
    await scene.quote(2389);
    await scene.pass(1000);
    expect(scene.engine.of('order').at(-1)).toMatchObject({ role: 'stopLoss', cause: 'stopLoss' });
  });
});
