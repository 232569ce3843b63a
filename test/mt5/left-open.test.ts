/** What a stop and the end of the daemon say of positions whose stop is watched here alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DaemonScene, NAME } from './daemon-scene.ts';

const STOP = `/daemon/strategies/${NAME}/stop`;

/** Long 0.1 with a stop 5 below, on an account that nets. */
async function netted(): Promise<DaemonScene> {
  const scene = await DaemonScene.open({ simulator: { account: 'netting' } });
  scene.tell('buy', 'gold', { qty: 0.1, bracket: { stopLoss: { by: 5 } } });
  await scene.holds(0.1);
  await scene.until('its stop works', ({ orders }) => (orders as readonly unknown[]).length === 1);
  return scene;
}

/** And 0.1 more without one: the broker's level would be one for both. */
async function shared(): Promise<DaemonScene> {
  const scene = await netted();
  scene.tell('buy', 'gold', { qty: 0.1 });
  await scene.holds(0.2);
  await scene.stopThere(0);
  return scene;
}

describe('a stop without flattening', () => {
  it('names a position whose stop is not at the broker, which is watched as long as the daemon runs', async () => {
    const scene = await shared();
    const { status, text } = await scene.daemon.post(STOP);
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { state: 'stopped', positions: [{ qty: 0.2, stopLoss: 2395.35 }], unprotected: ['XAUUSD'] },
    ]);
    scene.price = { bid: 2395, ask: 2395.25 };
    await scene.holds(0.1);
  });

  it('does not name one whose stop the broker holds', async () => {
    const scene = await netted();
    await scene.stopThere(2395.35);
    expect((await scene.daemon.post(STOP)).json()).toMatchObject({ openPositions: 1, unprotected: [] });
  });
});

describe('the end of the daemon', () => {
  it('names what stays open and what nothing protects from then on, in its answer and in its log', async () => {
    const scene = await shared();
    const ending = await scene.daemon.post('/daemon/shutdown');
    expect([ending.status, ending.json()]).toEqual([
      202,
      {
        status: 'stopping',
        positions: [{ strategy: NAME, symbol: 'XAUUSD', qty: 0.2, stopLoss: 2395.35, protected: false }],
      },
    ]);
    await scene.daemon.app.ended;
    const log = readFileSync(join(scene.daemon.app.stateDir, 'logs', 'daemon.log'), 'utf8');
    expect(log).toMatch(/WARN {2}position stays open, and no stop at its venue protects it .*symbol=XAUUSD/);
  });

  it('says of a position with its stop at the broker only that it stays open', async () => {
    const scene = await netted();
    await scene.stopThere(2395.35);
    expect((await scene.daemon.post('/daemon/shutdown')).json()).toMatchObject({ positions: [{ protected: true }] });
  });

  it('leaves a position of several entries with the farthest of their stops at the broker', async () => {
    const scene = await netted();
    scene.tell('buy', 'gold', { qty: 0.2, bracket: { stopLoss: { by: 8 } } });
    await scene.holds(0.3);
    await scene.until('both stops work', ({ orders }) => (orders as readonly unknown[]).length === 2);
    await scene.stopThere(2392.35);
    expect((await scene.daemon.post('/daemon/shutdown')).json()).toMatchObject({
      positions: [{ qty: 0.3, stopLoss: 2395.35, protected: true }],
    });
    await scene.daemon.app.ended;
    await scene.stopThere(2392.35);
  });
});
