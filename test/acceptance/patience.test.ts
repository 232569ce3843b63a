/** What takes its time: deadlines, back-offs and drains as they are by default, waited for side by side. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { BODY_LINE, holder, Scene, statesOf, strategySource, untilState, untilTrades } from './trading-scene.ts';

/** Wrong in the third call of each run. */
const thrower = (name: string): string => strategySource(name, `if (ticks === 3)\n  throw new Error('out of ideas');`);
const PLACE = `${BODY_LINE + 1}:9`;

describe.concurrent('in its time', () => {
  it('a stopped strategy answers on its port for fifteen seconds, then is asked through the daemon, and gets its port again', async ({
    onTestFinished,
  }) => {
    const scene = await Scene.open({ atEnd: onTestFinished });
    const strategy = await scene.deploy('holder', holder('holder'));
    const idle = await scene.deploy('idle', holder('idle'));
    await strategy.post('/stop');
    const stoppedAt = performance.now();
    expect((await strategy.get('/health')).status).toBe(503);
    await poll(
      'the port to be released',
      () =>
        strategy.get('/health').then(
          () => undefined,
          ({ code }: NodeJS.ErrnoException) => (code === 'ECONNREFUSED' ? true : undefined),
        ),
      20_000,
    );
    expect(performance.now() - stoppedAt).toBeGreaterThan(14_500);

    // Its market was never opened: a loop without any tick answers probes all the same.
    expect((await idle.get('/health')).status).toBe(200);
    expect((await scene.daemon.get('/daemon/strategies/holder/health')).status).toBe(503);
    expect((await scene.daemon.get('/daemon/strategies/holder/status')).json()).toMatchObject({ state: 'stopped' });
    expect(JSON.parse((await scene.daemon.get('/daemon/list')).text)).toMatchObject([
      { name: 'holder', port: null },
      { name: 'idle', port: idle.port },
    ]);

    expect((await scene.command('holder', 'start')).json()).toMatchObject({ port: strategy.port });
    await poll('health', async () => ((await strategy.get('/health')).status === 200 ? true : undefined));
  });

  it('a stopped strategy has its protective stop executed all the same', async ({ onTestFinished }) => {
    const after = { from: 3000, bid: '1.09', ask: '1.0902' };
    const scene = await Scene.open({ after, atEnd: onTestFinished });
    const strategy = await scene.deploy('holder', holder('holder', ', bracket: { stopLoss: { by: 0.005 } }'));
    scene.daemon.openMarkets();
    await untilTrades(strategy, 1);
    expect((await strategy.post('/stop')).json()).toMatchObject({ openPositions: 1, unprotected: [] });
    const flat = await untilTrades(strategy, 2);
    expect(flat).toMatchObject({ state: 'stopped', realized: -102, positions: [], orders: [] });
  });

  it('a callback that throws crashes its strategy, which restarts three times and then has failed, for good until somebody starts it', async ({
    onTestFinished,
  }) => {
    const scene = await Scene.open({ atEnd: onTestFinished });
    const [bad, good] = [await scene.deploy('bad', thrower('bad')), await scene.deploy('good', holder('good'))];
    scene.daemon.openMarkets();

    const crashed = await untilState(bad, 'crashed');
    const file = join(scene.daemon.dir, 'bad.ts');
    const lastError = {
      code: 'QKT_E_CALLBACK',
      message: expect.stringContaining('out of ideas') as string,
      file,
      line: BODY_LINE + 1,
      column: 9,
    };
    expect(crashed['lastError']).toMatchObject(lastError);
    expect((await bad.get('/health')).status).toBe(503);
    expect((await bad.get('/health/ready')).status).toBe(503);

    const failed = await untilState(bad, 'failed', 20_000);
    expect(failed).toMatchObject({
      restarts: 3,
      lastError,
      latched: 'its code was lost 4 times within 10 min: 3 restarts are allowed',
    });
    const { losses } = failed as { losses: readonly { cause: string; restartedAt: string | null }[] };
    expect(losses.map(({ cause, restartedAt }) => [cause, restartedAt !== null])).toEqual([
      ['threw', true],
      ['threw', true],
      ['threw', true],
      ['threw', false],
    ]);
    const run = ['starting', 'recovering', 'warming', 'trading'];
    const crash = [...run, 'crashed'];
    expect(await statesOf(bad, 20)).toEqual([...crash, ...crash, ...crash, ...run, 'failed']);
    const log = readFileSync(join(scene.daemon.app.stateDir, 'logs', 'bad.log'), 'utf8');
    const line = `ERROR strategy=bad trading → crashed cause=CRASHED detail="${file}:${PLACE}: out of ideas" loss=threw`;
    expect(log.split('\n').filter((entry) => entry.includes(line))).toHaveLength(3);

    expect((await good.get('/health')).status).toBe(200);
    expect(await good.status()).toMatchObject({ state: 'trading', restarts: 0 });
    expect(JSON.parse((await scene.daemon.get('/daemon/list')).text)).toMatchObject([
      { name: 'bad', state: 'failed', health: 'unhealthy', restarts: 3 },
      { name: 'good', state: 'trading', health: 'ok' },
    ]);

    const mended = scene.daemon.write('bad.ts', holder('bad'));
    expect((await scene.daemon.deploy(mended, { name: 'bad', replace: true })).status).toBe(201);
    expect((await untilState(bad, 'trading'))['lastError']).toBeUndefined();
  }, 40_000);

  it('left alone for ten seconds it is ended and restarted; in create it is a deploy that fails in that time', async ({
    onTestFinished,
  }) => {
    const scene = await Scene.open({ atEnd: onTestFinished });
    const hangs = await scene.deploy('hangs', strategySource('hangs', `if (ticks === 3) while (true) {}`));
    const good = await scene.deploy('good', holder('good'));
    const endless = strategySource('endless', '').replace('let ticks = 0;', 'while (true) {}');
    const file = scene.daemon.write('endless.ts', endless);
    scene.daemon.openMarkets();
    const deploy = scene.daemon.deploy(file);
    await poll('the restart', async () => ((await hangs.status())['restarts'] === 1 ? true : undefined), 25_000);
    expect(await statesOf(hangs, 9)).toEqual(
      'starting recovering warming trading unresponsive halting unresponsive crashed starting'.split(' '),
    );
    // What a hang has halted stays halted, and its history is kept.
    expect(await untilState(hangs, 'halted')).toMatchObject({
      riskState: { rule: 'onHang', limit: 1500 },
      losses: [{ cause: 'spinning', error: { code: 'QKT_E_UNRESPONSIVE' } }],
    });
    const refused = await deploy;
    expect([refused.status, refused.json()]).toMatchObject([
      504,
      {
        code: 'QKT_E_DEPLOY_TIMEOUT',
        detail: `${file}: the file did not finish loading, or its create did not return, within 10 s`,
        hint: expect.stringMatching(/loop without end at the top of the file or in create/) as string,
        file,
      },
    ]);
    expect(JSON.parse((await scene.daemon.get('/daemon/list')).text)).toMatchObject([
      { name: 'good' },
      { name: 'hangs' },
    ]);
    expect((await good.get('/health')).status).toBe(200);
  });
});
