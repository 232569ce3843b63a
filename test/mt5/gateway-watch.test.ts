/** The gateway of an MT5 venue as its looks make it: what is lost, degraded, killed, and told of it. */
import { describe, expect, it } from 'vitest';
import { ACCOUNT, GatewayScene, START } from './gateway-support.ts';

const REFUSED = 'connect ECONNREFUSED';

async function readyScene(...args: ConstructorParameters<typeof GatewayScene>): Promise<GatewayScene> {
  const scene = new GatewayScene(...args);
  await scene.start();
  expect(scene.gateway.state).toBe('ready');
  return scene;
}

describe('an MT5 gateway', () => {
  it('is ready once it answers, its account is verified and the book is compared', async () => {
    const scene = await readyScene();
    expect(scene.told).toEqual(['prepare XAUUSD', 'reconcile', 'resume', 'begin']);
    expect(scene.news).toEqual(['offline → ready: book and venue have been compared']);
    expect(scene.gateway.view()).toMatchObject({
      name: 'mt5',
      type: 'mt5',
      state: 'ready',
      since: '2026-01-05T12:00:00.000Z',
      cause: null,
      failingLink: null,
      killed: false,
      inMaintenance: false,
      serverOffsetMs: 0,
      requests: 7,
      account: {
        login: 4_410_021,
        server: 'Demo-Server1',
        currency: 'USD',
        tradeMode: 'demo',
        marginMode: 'hedging',
        marginLevel: ACCOUNT.marginLevel,
      },
    });
    await scene.pass(1000);
    expect(scene.gateway.view()).toMatchObject({ lastGoodAgeMs: 0, probeMs: 0, lastGood: '2026-01-05T12:00:01.000Z' });
  });

  it('is looked at each second, and one look waits for the other', async () => {
    const scene = await readyScene();
    await scene.pass(3000);
    expect(scene.probes.filter((at) => at > 0)).toEqual([1000, 2000, 3000]);
    scene.slowMs = 1500;
    await scene.pass(6000);
    expect(scene.probes.filter((at) => at > 3000)).toEqual([4000, 5500, 7000, 8500]);
  });

  it('is lost at the third look in a row that fails, told once, and told once when it is back', async () => {
    const scene = await readyScene();
    scene.gone();
    await scene.pass(2750);
    expect(scene.gateway.state).toBe('ready');
    await scene.pass(250);
    expect(scene.gateway.state).toBe('down');
    expect(scene.gateway.trouble).toEqual({ cause: REFUSED, link: 'service' });
    expect(scene.told.slice(-2)).toEqual(['suspend', 'rest']);
    await scene.pass(60_000);
    scene.back();
    await scene.pass(5000);
    expect(scene.gateway.state).toBe('ready');
    expect(scene.news.slice(1)).toEqual([
      `ready → down: ${REFUSED}`,
      'down → reconciling: it answers again; book and venue are being compared',
      'reconciling → ready: book and venue have been compared',
    ]);
    expect(scene.notices[1]).toMatchObject({ gateway: 'mt5', link: 'service' });
  });

  it('has been found in order at the last look, however long it has been ready, and not since it is away', async () => {
    const scene = await readyScene();
    await scene.pass(60_000);
    expect(scene.gateway.checkAgeMs).toBeLessThanOrEqual(1000);
    scene.gone();
    await scene.pass(30_000);
    expect(scene.gateway.checkAgeMs).toBe(30_000);
  });

  it('bears two looks in a row that fail', async () => {
    const scene = await readyScene();
    for (let time = 0; time < 5; time++) {
      scene.gone();
      await scene.pass(2000);
      scene.back();
      await scene.pass(1000);
    }
    expect(scene.news).toHaveLength(1);
  });

  it('that hangs is lost before its lease is broken', async () => {
    const scene = await readyScene();
    scene.slowMs = 60_000;
    await scene.pass(10_000);
    expect(scene.gateway.state).toBe('down');
    expect(scene.gateway.trouble).toEqual({ cause: 'no answer within 3000 ms', link: 'service' });
  });

  it('that is down when the daemon starts is told once, and is looked at every 5 s', async () => {
    const scene = new GatewayScene();
    scene.gone();
    await scene.start();
    await scene.pass(120_000);
    expect(scene.news).toEqual([`offline → down: ${REFUSED}`]);
    scene.back();
    await scene.pass(5000);
    expect(scene.gateway.state).toBe('ready');
  });

  it.each([
    ['service', (scene: GatewayScene) => scene.gone(), REFUSED],
    [
      'service',
      (scene: GatewayScene) => void (scene.ready = { known: false, reason: 'HTTP 401: Unauthorized', status: 401 }),
      'HTTP 401: Unauthorized: it wants another API key than apiKey of this venue',
    ],
    [
      'terminal',
      (scene: GatewayScene) => scene.says({ mt5Status: 'disconnected', error: 'IPC timeout' }),
      'IPC timeout',
    ],
    ['terminal', (scene: GatewayScene) => scene.says({ mt5Status: 'reconnecting' }), 'the terminal is reconnecting'],
    ['terminal', (scene: GatewayScene) => scene.says({ mt5Status: 'disconnected' }, { lastError: 'no IPC' }), 'no IPC'],
    [
      'login',
      (scene: GatewayScene) => scene.says({}, { login: undefined }),
      'the terminal is connected and not ready: it tells of no account',
    ],
  ])('names the link that fails: %s', async (link, fail, cause) => {
    const scene = await readyScene();
    fail(scene);
    await scene.pass(3000);
    expect(scene.gateway.trouble).toEqual({ link, cause });
    expect(scene.gateway.view()).toMatchObject({ state: 'down', failingLink: link, cause });
  });

  it('goes by /health/ready: a /health that says all is well is no reason to trade (MT-07)', async () => {
    const scene = new GatewayScene();
    scene.says({ mt5Status: 'disconnected' });
    await scene.start();
    expect(scene.gateway.state).toBe('down');
    expect(scene.gateway.takes('exits')).toBe(false);
  });

  it('is killed while its switch is on, and is compared anew when it is released', async () => {
    const scene = await readyScene();
    scene.says({ killed: true }, { killed: true });
    await scene.pass(1000);
    expect(scene.gateway.state).toBe('killed');
    expect(scene.gateway.view()).toMatchObject({ killed: true, failingLink: 'killSwitch' });
    expect([scene.gateway.takes('entries'), scene.gateway.takes('exits')]).toEqual([false, false]);
    await scene.pass(10_000);
    expect(scene.gateway.state).toBe('killed');
    scene.back();
    await scene.pass(1000);
    expect(scene.gateway.state).toBe('ready');
    expect(scene.news.slice(1)).toEqual([
      "ready → killed: the gateway's kill switch is on",
      'killed → ready: book and venue have been compared',
    ]);
    // What was followed until then rests before the book is looked at.
    expect(scene.told.slice(4)).toEqual(['suspend', 'rest', 'reconcile', 'resume', 'begin']);
  });

  it('is killed from the start when it was switched before', async () => {
    const scene = new GatewayScene();
    scene.says({ killed: true }, { killed: true });
    await scene.start();
    expect(scene.gateway.state).toBe('killed');
  });

  it('is degraded when it usually takes over 2 s to answer, and recovers when it does not any more', async () => {
    const scene = await readyScene();
    scene.slowMs = 2500;
    await scene.pass(25_000);
    expect(scene.gateway.state).toBe('degraded');
    expect(scene.gateway.trouble).toEqual({
      link: 'service',
      cause: 'it answers in 2500 ms, over the limit of 2000 ms',
    });
    expect([scene.gateway.takes('entries'), scene.gateway.takes('exits')]).toEqual([false, true]);
    scene.slowMs = 0;
    await scene.pass(20_000);
    expect(scene.gateway.state).toBe('ready');
    expect(scene.news.at(-1)).toBe('degraded → ready: it is in order again');
  });

  it('is degraded while it does not quote, or while the book cannot be read', async () => {
    const scene = await readyScene();
    scene.quotesMissing = 'no quote of XAUUSD for 31 s';
    await scene.pass(2000);
    expect(scene.gateway.state).toBe('ready');
    await scene.pass(1000);
    expect(scene.gateway.trouble).toEqual({ link: 'quotes', cause: 'no quote of XAUUSD for 31 s' });
    scene.quotesMissing = undefined;
    await scene.pass(3000);
    expect(scene.gateway.state).toBe('ready');
    for (let look = 0; look < 3; look++) scene.gateway.read(false, 'HTTP 503');
    await scene.pass(3000);
    expect(scene.gateway.trouble).toEqual({ link: 'reconciliation', cause: 'the book cannot be read: HTTP 503' });
    scene.gateway.read(true);
    await scene.pass(3000);
    expect(scene.gateway.state).toBe('ready');
  });

  it('says so when it is away in a known maintenance window', async () => {
    const window = { zone: 'UTC', from: '12:00', to: '12:05' };
    const scene = await readyScene({ maintenance: [window] });
    scene.gone();
    await scene.pass(3000);
    expect(scene.gateway.view()).toMatchObject({
      inMaintenance: true,
      cause: `${REFUSED} (in a known maintenance window)`,
    });
    await scene.pass(300_000);
    expect(scene.gateway.view()).toMatchObject({ inMaintenance: false, cause: REFUSED });
    expect(scene.news.slice(1)).toEqual([`ready → down: ${REFUSED} (in a known maintenance window)`]);
  });

  it('does not fall for a book that cannot be compared: it stays closed, is tried again, and told once', async () => {
    const scene = new GatewayScene();
    scene.reconciled = { known: false, reason: 'HTTP 503: connection_error' };
    await scene.start();
    await scene.pass(90_000);
    expect(scene.gateway.trouble).toEqual({ link: 'reconciliation', cause: 'HTTP 503: connection_error' });
    expect(scene.told).not.toContain('begin');
    expect(scene.news).toHaveLength(2);
    scene.reconciled = { known: true, value: [] };
    await scene.pass(31_000);
    expect(scene.gateway.state).toBe('ready');
    expect(scene.news).toHaveLength(3);
  });

  it('lets go of its timers', async () => {
    const scene = await readyScene();
    scene.gateway.close();
    await scene.pass(1000);
    expect(scene.clock.nextDue()).toBe(Infinity);
  });
});

describe('the account behind an MT5 gateway', () => {
  it.each([
    ['login', { login: 999 }, { login: 4_410_021 }, 'the terminal is logged in to 999 instead of 4410021'],
    [
      'login',
      { login: undefined },
      { login: 4_410_021 },
      'the terminal is logged in to nothing that it tells instead of 4410021',
    ],
    [
      'login',
      { server: 'Other-Server' },
      { server: 'Demo-Server1' },
      'the terminal is on the server Other-Server instead of Demo-Server1',
    ],
    ['account', { tradeMode: 'real' }, { tradeMode: 'demo' }, 'the account is of the kind real instead of demo'],
    [
      'account',
      { currency: 'EUR' },
      {},
      "the account's currency, which must be that of our books, is EUR instead of USD",
    ],
    ['account', { currency: 'USD' }, { currency: 'EUR' }, "the account's currency is USD instead of EUR"],
    ['account', { leverage: 500 }, { leverage: 100 }, "the account's leverage is 500 instead of 100"],
    ['account', { marginMode: 'unknown' }, {}, 'the gateway does not say whether the account nets or hedges'],
    ['tradePermission', { tradeAllowed: false }, {}, 'the account is not allowed to trade'],
  ] as const)('is held to what it must be: %s %o', async (link, account, expected, cause) => {
    const scene = new GatewayScene({ expect: expected });
    scene.accountIs(account);
    await scene.start();
    expect(scene.gateway.view()).toMatchObject({ state: 'down', failingLink: link, cause });
    expect(scene.told).not.toContain('reconcile');
    scene.account = { known: true, value: { ...ACCOUNT, ...expected } };
    if ('currency' in expected) return;
    await scene.pass(2000);
    expect(scene.gateway.state).toBe('ready');
  });

  it('is looked at every 5 s: it is lost when it may not trade any more', async () => {
    const scene = await readyScene();
    scene.accountIs({ tradeAllowed: false });
    await scene.pass(7000);
    expect(scene.gateway.trouble).toEqual({ link: 'tradePermission', cause: 'the account is not allowed to trade' });
    expect(scene.gateway.view().account).toMatchObject({
      asOf: expect.stringContaining('2026-01-05T12:00:0') as string,
    });
  });

  it('is not exchanged under what trades on it: another login is lost within two looks', async () => {
    const scene = await readyScene();
    scene.says({ ready: true }, { login: 999 });
    scene.accountIs({ login: 999 });
    await scene.pass(2000);
    expect(scene.gateway.trouble).toEqual({
      link: 'login',
      cause: 'the terminal is logged in to 999 instead of 4410021',
    });
    await scene.pass(60_000);
    expect(scene.gateway.state).toBe('down');
    scene.back();
    scene.accountIs({});
    await scene.pass(31_000);
    expect(scene.gateway.state).toBe('ready');
  });

  it('that nets does not take two strategies on one symbol', async () => {
    const scene = new GatewayScene();
    scene.conflict = 'a and b trade XAUUSD, and the account nets';
    await scene.start();
    expect(scene.gateway.trouble).toEqual({ link: 'account', cause: 'a and b trade XAUUSD, and the account nets' });
  });

  it('is not verified while the terms of a symbol cannot be read', async () => {
    const scene = new GatewayScene();
    scene.prepared = { known: false, reason: 'there is no symbol XAUUSDm' };
    await scene.start();
    expect(scene.gateway.trouble).toEqual({ link: 'account', cause: 'there is no symbol XAUUSDm' });
    expect(scene.gateway.mode).toBe('unknown');
    expect(START).toBe(scene.clock.now());
  });
});
