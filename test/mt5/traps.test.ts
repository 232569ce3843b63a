/** The twelve traps of the gateway, each end to end: a whole daemon on a simulated gateway over a real socket. */
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { poll } from '../doubles/daemon.ts';
import { DaemonScene, qtyOf } from './daemon-scene.ts';

const BUY = { qty: 0.1 };
const LIMIT = { qty: 0.03, type: 'limit', price: '2390' };

const working = (status: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] =>
  status['orders'] as readonly Readonly<Record<string, unknown>>[];

/** The one order that waits at the broker. */
const pending = (scene: DaemonScene) => poll('an order at the broker', () => scene.simulator.terminal.pendings()[0]);

const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a daemon on an MT5 gateway', () => {
  it('trap 1: knows side and volume of a pending order, whose type is a number and which has no "volume"', async () => {
    const scene = await DaemonScene.open();
    scene.tell('sell', 'gold', { ...LIMIT, price: '2410' });
    await scene.until('it works', (status) => working(status)[0]?.['status'] === 'working');
    await scene.place({ type: 'SELL_LIMIT', volume: 0.07, price: 2420, magic: 10_001, comment: 'theirs' });
    // What is traded is looked at in full, and so is everything else.
    scene.tell('sell', 'gold', { qty: 0.01 });
    const shown = await poll('the difference', async () => (await scene.differences())[0], 20_000);
    expect(shown).toMatchObject({ kind: 'foreign', theirs: 'SELL_LIMIT 0.07', ours: null });
    scene.price = { bid: 2411, ask: 2411.25 };
    await scene.holds(-0.04);
    await scene.bookedOnce();
  });

  it('trap 2: finds an order whose answer was lost by the tag in its comment, also when the gateway forgot its key', async () => {
    const scene = await DaemonScene.open();
    scene.fault('unknown-executed', { route: 'POST /order', times: 1 });
    scene.tell('buy', 'gold', BUY);
    await poll('it arrived', () => scene.deals()[0]);
    scene.simulator.gateway.restart();
    const status = await scene.holds(0.1);
    expect(scene.deals()[0]!.comment).toMatch(/^q[a-z2-7]{15}$/);
    expect(await scene.statuses()).toEqual(['created', 'submitted', 'unknown', 'filled']);
    expect(scene.asked('POST /order')).toBe(1);
    expect(qtyOf(status)).toBe(0.1);
    await scene.bookedOnce();
  });

  it("trap 3: leaves another's pending orders alone, which /orders shows with ours", async () => {
    const scene = await DaemonScene.open();
    await scene.place({ type: 'BUY_LIMIT', volume: 0.5, price: 2380, magic: 777, comment: 'theirs' });
    scene.tell('buy', 'gold', LIMIT);
    await poll('ours', () => scene.simulator.terminal.pendings()[1]);
    await scene.until('ours works', (status) => working(status).length === 1);
    scene.tell('cancelAll');
    await scene.until('ours is gone', (status) => working(status).length === 0);
    expect(scene.simulator.terminal.pendings()).toMatchObject([{ magic: 777 }]);
    expect(await scene.differences()).toEqual([]);
  });

  it('trap 4: holds what it holds while the gateway says that there is nothing', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    const before = scene.asked('GET /get_positions');
    scene.fault('empty-positions');
    await poll('many looks', () => scene.asked('GET /get_positions') > before + 4 || undefined, 20_000);
    expect(qtyOf(await scene.status())).toBe(0.1);
    scene.simulator.faults.turnOff();
    scene.tell('close', 'gold');
    await scene.holds(0);
    await scene.bookedOnce();
  });

  it.each([
    ['was closed', 'unknown-executed'],
    ['was not closed', 'unknown-not-executed'],
  ])('trap 5: reads whether a position %s after a 400 that does not say', async (_, fault) => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.fault(fault, { route: 'POST /close_position', times: 1 });
    scene.tell('close', 'gold');
    if (fault === 'unknown-executed') await scene.holds(0);
    else {
      await poll('an end', async () => ['rejected'].includes(String((await scene.statuses()).at(-1))) || undefined, 30_000); // prettier-ignore
      expect(qtyOf(await scene.status())).toBe(0.1);
    }
    expect((await scene.statuses()).slice(0, 3)).toEqual(['created', 'submitted', 'unknown']);
    expect(scene.asked('POST /close_position')).toBe(1);
    await scene.bookedOnce();
  });

  it('trap 6: books the price of the deal where the answer says 0', async () => {
    const scene = await DaemonScene.open();
    scene.fault('zero-price', { value: 1500, times: 1 });
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    expect(await scene.fills()).toMatchObject([{ price: 2400.35 }]);
    await scene.bookedOnce();
  });

  it('trap 7: calls a gateway down whose /health is 200 while its terminal is away, and names the link', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.fault('mt5-down');
    expect(await scene.gatewayIs('down')).toMatchObject({ failingLink: 'terminal' });
    const status = await scene.until('figures are unknown', ({ unrealized }) => unrealized === null);
    expect(qtyOf(status)).toBe(0.1);
    scene.simulator.faults.turnOff();
    await scene.gatewayIs('ready');
    await scene.until('figures are known', ({ unrealized }) => unrealized !== null);
    await scene.bookedOnce();
  });

  it('trap 8: can neither enter nor close under the kill switch, and still takes back what waits', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.tell('buy', 'gold', LIMIT);
    await pending(scene);
    await scene.until('it works', (status) => working(status).length === 1);
    scene.simulator.gateway.kill.engage();
    await scene.gatewayIs('killed');
    scene.tell('buy', 'gold', BUY);
    await poll('a denial', async () => (await scene.events('rejection')).find(({ code }) => code === 'GATEWAY_DOWN'));
    scene.tell('cancelAll');
    await scene.until('it is gone', (status) => working(status).length === 0);
    expect(scene.simulator.terminal.pendings()).toEqual([]);
    expect(qtyOf(await scene.status())).toBe(0.1);
    scene.simulator.gateway.kill.release();
    await scene.gatewayIs('ready');
    scene.tell('close', 'gold');
    await scene.holds(0);
    await scene.bookedOnce();
  });

  it("trap 9: measures how far the server's clock is ahead, shows it, and keeps its own time", async () => {
    const scene = await DaemonScene.open({ simulator: { serverClock: { hours: 3 } }, venue: { clock: 3 } });
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    // Shown once quotes have told it.
    const shown = await poll('the offset', async () => (await scene.gateway())['serverOffsetMs'] ?? undefined);
    expect(shown).toBe(3 * 3_600_000);
    const [fill] = await scene.fills();
    expect(Math.abs(Date.parse(String(fill!['ts'])) - Date.now())).toBeLessThan(60_000);
    const [trade] = (await scene.status())['trades'] as readonly { readonly ts: string }[];
    expect(Math.abs(Date.parse(trade!.ts) - Date.now())).toBeLessThan(60_000);
  });

  it('trap 10: sends nothing again when the gateway starts anew with an order in flight', async () => {
    const scene = await DaemonScene.open();
    scene.fault('slow-reply', { value: 60_000, route: 'POST /order', times: 1 });
    scene.tell('buy', 'gold', BUY);
    await poll('it arrived', () => scene.deals()[0]);
    scene.simulator.gateway.restart();
    await scene.holds(0.1);
    await pass(1000);
    expect(scene.asked('POST /order')).toBe(1);
    expect(scene.deals()).toHaveLength(1);
    await scene.bookedOnce();
  });

  it('trap 11: books one close of a ticket that vanishes, comes back and vanishes', async () => {
    const scene = await DaemonScene.open();
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    const before = scene.asked('GET /get_positions');
    scene.fault('ticket-flicker');
    await poll('many looks', () => scene.asked('GET /get_positions') > before + 4 || undefined, 20_000);
    expect(await scene.fills()).toHaveLength(1);
    scene.simulator.terminal.closeByHand(scene.simulator.terminal.positions.all()[0]!.ticket, dec('0.1'));
    await scene.holds(0);
    await pass(1000);
    expect(await scene.fills()).toHaveLength(2);
    await scene.bookedOnce();
  });

  it("trap 12: books a position's own deals alone where the gateway gives those of all", async () => {
    const scene = await DaemonScene.open({ simulator: { version: '0.3.12' } });
    scene.tell('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.tell('buy', 'gold', { qty: 0.2 });
    await scene.holds(0.3);
    const [first] = scene.simulator.terminal.positions.all();
    scene.simulator.terminal.closeByHand(first!.ticket);
    await scene.holds(0.2);
    expect(await scene.fills()).toMatchObject([
      { qty: 0.1, commission: 0.35 },
      { qty: 0.2, commission: 0.7 },
      { qty: 0.1, commission: 0.35, side: 'SELL' },
    ]);
    await scene.bookedOnce();
  });
});
