/** What a daemon makes of a gateway that is away, somebody else's, or half there: over HTTP, on the simulator. */
import { describe, expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { GatewayScene, qtyOf, sourceOf } from './gateway-scene.ts';

const BUY = { qty: 0.1, bracket: { stopLoss: { by: 20 }, takeProfit: { by: 40 } } };
const LIMIT = { type: 'limit', qty: 0.05, price: 2350 };

type Orders = readonly { readonly role: string; readonly status: string }[];

const entryWorks = (scene: GatewayScene): Promise<unknown> =>
  scene.until('the entry works', ({ orders }) =>
    (orders as Orders).some(({ role, status }) => role === 'entry' && status === 'working'),
  );

const denied = (scene: GatewayScene, code: string): Promise<unknown> =>
  scene.until(
    `it is denied ${code}`,
    ({ evaluations }) => code in (evaluations as { readonly blocked: object }).blocked,
  );

describe('a gateway that is dead for 60 s with positions open', () => {
  it('shows as unknown what is not known, is told once, denies entries, lets halt work, and agrees on return', async () => {
    const scene = await GatewayScene.trading({ simulator: { commissionPerLot: 3.5 } });
    scene.wish('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.wish('buy', 'gold', LIMIT);
    await entryWorks(scene);
    const before = await scene.until('it is marked', ({ unrealized }) => unrealized !== null);
    const died = scene.clock.now();
    await scene.cable.cut();
    const requests = scene.simulator.gateway.log.total;

    expect(await scene.gatewayIs('down')).toMatchObject({ failingLink: 'service', killed: false });
    const status = await scene.until('figures are unknown', ({ equity }) => equity === null);
    expect(status).toMatchObject({
      unrealized: null,
      balance: before['balance'],
      realized: before['realized'],
      positions: [{ symbol: 'XAUUSD', qty: 0.1, markPrice: null, unrealized: null }],
      unknown: expect.arrayContaining(['equity', 'unrealized']) as string[],
      gateway: { name: 'exness', state: 'down', failingLink: 'service' },
    });
    expect((await scene.daemon.get('/daemon/strategies/gold/health')).status).toBe(200);
    const ready = await scene.daemon.get('/daemon/strategies/gold/health/ready');
    expect([ready.status, ready.text]).toEqual([503, expect.stringContaining('gateway:exness')]);

    scene.wish('buy', 'gold', { qty: 0.2 });
    await denied(scene, 'GATEWAY_DOWN');
    scene.wish('close', 'gold');
    const halting = scene.command('halt?wait=60', { reason: 'the gateway is away' });
    await scene.until('the halt is in force', ({ riskState }) => (riskState as { halted: boolean }).halted);
    const halt = await halting;
    expect([halt.status, halt.json()]).toMatchObject([
      200,
      { state: 'halted', cancelled: 0, left: ['order gold-1-2 is still working'] },
    ]);
    expect(qtyOf(await scene.status())).toBe(0.1);
    await scene.pass(Math.max(0, died + 60_000 - scene.clock.now()));

    await scene.cable.mend();
    await scene.gatewayIs('ready');
    const after = await scene.until('it is marked again', ({ equity }) => equity !== null);
    expect(after).toMatchObject({ balance: before['balance'], positions: [{ qty: 0.1, markPrice: 2400.1 }] });
    expect(after['unknown']).toBeUndefined();
    await scene.until('the entry is cancelled', ({ orders }) =>
      (orders as Orders).every(({ role }) => role !== 'entry'),
    );
    expect(scene.simulator.terminal.pendings()).toEqual([]);
    expect(await scene.news()).toEqual(['ready → down', 'down → reconciling', 'reconciling → ready']);
    expect((await scene.news('daemon')).slice(-3)).toEqual(await scene.news());
    // Nothing was sent twice, nothing was made up, and nothing but the cancel was asked for.
    expect(await scene.gateway()).toMatchObject({ differences: [] });
    expect(await scene.events('fill')).toHaveLength(1);
    expect(scene.asked('POST /order', requests)).toBe(0);
    expect(scene.simulator.terminal.positions.all().map(({ volume }) => volume.toNumber())).toEqual([0.1]);
    expect((await scene.command('resume', { reason: 'it is back' })).status).toBe(200);
    await scene.ready();
  });
});

describe('the account behind the gateway', () => {
  it.each([
    ['wrong-login', { expect: { login: 4_410_021 } }, 'login', 'the terminal is logged in to 999 instead of 4410021'],
    [
      'wrong-server',
      { expect: { server: 'Demo-Server1' } },
      'login',
      'the terminal is on the server Other-Server instead of Demo-Server1',
    ],
    ['wrong-currency', {}, 'account', "the account's currency, which must be that of our books, is EUR instead of USD"],
    ['trade-not-allowed', {}, 'tradePermission', 'the account is not allowed to trade'],
  ])('is refused at the start and while it trades: %s', async (fault, venue, failingLink, cause) => {
    const scene = await GatewayScene.open({ venue, simulator: { faults: [{ name: fault }] } });
    expect(await scene.gatewayIs('down')).toMatchObject({ failingLink, cause });
    // It can be deployed all the same, and trades once the account is right.
    expect((await scene.deploy('gold')).status).toBe(201);
    scene.wish('buy', 'gold', BUY);
    await denied(scene, 'GATEWAY_DOWN');
    scene.simulator.faults.turnOff();
    await scene.ready();
    scene.wish('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.fault(fault);
    expect(await scene.gatewayIs('down')).toMatchObject({ failingLink });
    const status = await scene.until('figures are unknown', ({ equity }) => equity === null);
    expect(qtyOf(status)).toBe(0.1);
    scene.simulator.faults.turnOff();
    await scene.gatewayIs('ready');
    await scene.until('figures are known', ({ equity }) => equity !== null);
    expect(await scene.events('fill')).toHaveLength(1);
  });

  it('is another than it was: nothing of it is taken for ours, and nothing of ours for closed', async () => {
    const scene = await GatewayScene.trading();
    scene.wish('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.fault('wrong-login');
    expect(await scene.gatewayIs('down')).toMatchObject({ failingLink: 'login' });
    await scene.pass(60_000);
    expect(await scene.gateway()).toMatchObject({ state: 'down', failingLink: 'login', differences: [] });
    expect(await scene.news()).toEqual(['ready → down']);
    expect(qtyOf(await scene.status())).toBe(0.1);
  });
});

describe('a kill switch', () => {
  it('closes entries and exits, is told, and trading goes on when it is released', async () => {
    const scene = await GatewayScene.trading();
    scene.wish('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.fault('kill-switch');
    expect(await scene.gatewayIs('killed')).toMatchObject({ killed: true, failingLink: 'killSwitch' });
    // The book is followed all the same: its figures are known.
    expect((await scene.status())['equity']).not.toBeNull();
    const ready = await scene.daemon.get('/daemon/strategies/gold/health/ready');
    expect([ready.status, ready.text]).toEqual([503, expect.stringContaining('gateway:exness')]);
    scene.wish('close', 'gold');
    await denied(scene, 'GATEWAY_DOWN');
    scene.simulator.faults.turnOff();
    await scene.ready();
    expect(await scene.news()).toEqual(['ready → killed', 'killed → ready']);
    scene.wish('close', 'gold');
    await scene.holds(0);
    expect(await scene.events('fill')).toHaveLength(2);
  });
});

describe('quotes that are frozen', () => {
  it('deny entries first, then count as a gateway that does not quote; exits still go', async () => {
    const scene = await GatewayScene.trading();
    scene.wish('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.fault('frozen-quotes');
    await scene.pass(15_000);
    scene.wish('buy', 'gold', BUY);
    await denied(scene, 'STALE_FEED');
    expect(await scene.gatewayIs('degraded')).toMatchObject({
      failingLink: 'quotes',
      cause: expect.stringMatching(/^no quote of XAUUSD for 3\d s$/) as string,
    });
    scene.wish('buy', 'gold', BUY);
    await denied(scene, 'GATEWAY_DOWN');
    scene.wish('close', 'gold');
    await scene.holds(0);
    scene.simulator.faults.turnOff();
    await scene.gatewayIs('ready');
    expect(await scene.news()).toEqual(['ready → degraded', 'degraded → ready']);
  });
});

describe('a maintenance window', () => {
  it('says that the gateway was expected to be away', async () => {
    const scene = await GatewayScene.trading({ venue: { maintenance: [{ zone: 'UTC', from: '12:00', to: '13:00' }] } });
    await scene.cable.cut();
    expect(await scene.gatewayIs('down')).toMatchObject({
      inMaintenance: true,
      cause: expect.stringContaining('(in a known maintenance window)') as string,
    });
  });
});

describe('a daemon that is started while its gateway is away', () => {
  it('shows what it held, with unknown figures, and finds what has happened meanwhile when the gateway is back', async () => {
    const scene = await GatewayScene.trading({ simulator: { commissionPerLot: 3.5 } });
    scene.wish('buy', 'gold', BUY);
    await scene.holds(0.1);
    await scene.stopDaemon();
    await scene.cable.cut();
    await scene.startDaemon();
    expect(await scene.gatewayIs('down')).toMatchObject({ failingLink: 'service', account: null });
    const status = await scene.until('it is back', ({ state }) => state !== 'recovering' && state !== 'starting');
    expect(qtyOf(status)).toBe(0.1);
    expect(status).toMatchObject({ equity: null, unrealized: null, realized: -0.35 });
    // Its stop is reached while nobody looks.
    scene.price = { bid: 2379, ask: 2379.25 };
    await scene.pass(2000);
    expect(scene.simulator.terminal.positions.all()).toEqual([]);
    expect(qtyOf(await scene.status())).toBe(0.1);
    await scene.cable.mend();
    await scene.gatewayIs('ready');
    const after = await scene.holds(0);
    expect(after).toMatchObject({ realized: -214.2, tradesTotal: 2 });
    expect(await scene.gateway()).toMatchObject({ differences: [] });
  });
});

describe('a strategy that wants bars to warm up on', () => {
  const source = `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'bars',
  streams: { gold: { symbol: 'XAUUSD', venue: 'exness', bars: '1m', warmup: 5 } },
  create: () => ({
    onBar(bar, ctx) {
      if (!ctx.warming && ctx.position('gold').qty === 0) ctx.buy('gold', { qty: 0.1 });
    },
  }),
});
`;
  const stateOf = async (scene: GatewayScene) => (await scene.status('bars'))['state'];

  it("has the terminal's at once, and where the gateway is away as soon as it is back", async () => {
    const scene = await GatewayScene.open();
    await scene.gatewayIs('ready');
    const file = scene.daemon.write('bars.ts', source);
    await scene.daemon.deployed(file);
    await poll('it trades', async () => ((await stateOf(scene)) === 'trading' ? true : undefined));
    await scene.stopDaemon();
    await scene.cable.cut();
    await scene.startDaemon();
    await scene.gatewayIs('down');
    await scene.pass(20_000);
    expect(await stateOf(scene)).toBe('warming');
    const mended = scene.clock.now();
    await scene.cable.mend();
    await poll('it trades', async () => ((await stateOf(scene)) === 'trading' ? true : undefined));
    expect(scene.clock.now() - mended).toBeLessThan(60_000);
  });
});

describe('deploying', () => {
  it('refuses a symbol that the broker does not have, and one whose contract is of another size', async () => {
    const other = { tickSize: 0.001, volumeMin: 0.01, volumeStep: 0.01, session: '24x7' };
    const scene = await GatewayScene.open({ config: { instruments: { XAGUSD: { contractSize: 5000, ...other } } } });
    await scene.gatewayIs('ready');
    const silver = (await scene.daemon.deploy(scene.daemon.write('silver.ts', sourceOf('silver', 'XAGUSD')))).json();
    expect(silver).toMatchObject({
      code: 'QKT_E_UNKNOWN_SYMBOL',
      detail: expect.stringContaining('XAGUSDm') as string,
    });
    const wrong = await GatewayScene.open({ config: { instruments: { XAUUSD: { contractSize: 10, ...other } } } });
    await wrong.gatewayIs('ready');
    expect((await wrong.deploy('gold')).json()).toMatchObject({ status: 400, code: 'QKT_E_UNKNOWN_SYMBOL' });
  });

  it('refuses a second strategy on a symbol of an account that nets, and takes it where each has its own', async () => {
    const netting = await GatewayScene.trading({ simulator: { account: 'netting' } });
    expect((await netting.deploy('second')).json()).toMatchObject({
      status: 409,
      code: 'QKT_E_SYMBOL_SHARED',
      detail: expect.stringContaining('gold trades XAUUSD already') as string,
    });
    const hedging = await GatewayScene.trading();
    expect((await hedging.deploy('second')).status).toBe(201);
  });

  it('works while the gateway is away, unless it is not known whether the account nets', async () => {
    const scene = await GatewayScene.open();
    await scene.cable.cut();
    await scene.gatewayIs('down');
    expect((await scene.deploy('gold')).status).toBe(201);
    expect((await scene.deploy('second')).json()).toMatchObject({ status: 409, code: 'QKT_E_SYMBOL_SHARED' });
    await scene.cable.mend();
    await scene.ready();
    expect((await scene.deploy('second')).status).toBe(201);
    scene.wish('buy', 'gold', BUY);
    await scene.holds(0.1);
  });
});

describe('ending what trades while the gateway is away', () => {
  it('says what is left, and it is taken back when the gateway is there again', async () => {
    const scene = await GatewayScene.trading();
    scene.wish('buy', 'gold', BUY);
    await scene.holds(0.1);
    scene.wish('buy', 'gold', LIMIT);
    await entryWorks(scene);
    await scene.cable.cut();
    await scene.gatewayIs('down');
    const killed = await scene.daemon.post('/daemon/kill?timeoutMs=3000&wait=60');
    expect(killed.status).toBe(504);
    expect(killed.json()).toMatchObject({
      result: {
        strategies: {
          gold: {
            verified: false,
            flattened: false,
            openPositions: 1,
            left: expect.arrayContaining([
              expect.stringMatching(/^order .* is still working$/),
              'position XAUUSD 0.1',
              expect.stringMatching(/^the gateway exness is down: connect /),
            ]) as string[],
          },
        },
      },
    });
    expect(scene.simulator.terminal.pendings()).toHaveLength(1);
    await scene.cable.mend();
    await scene.gatewayIs('ready');
    await scene.until('the entry is gone', ({ orders }) => (orders as Orders).every(({ role }) => role !== 'entry'));
    expect(scene.simulator.terminal.pendings()).toEqual([]);
  });
});
