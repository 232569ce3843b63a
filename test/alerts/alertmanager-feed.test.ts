import { describe, expect, it } from 'vitest';
import { AlertmanagerFeed } from '../../src/actors/alerts/alertmanager-feed.ts';
import type { FaultEvent } from '../../src/actors/fault-tolerant.ts';
import { Channel } from '../../src/actors/alerts/channel.ts';
import { facts, strategyFacts } from './facts.ts';
import { AlertScene, FakeChannel } from './scene.ts';

function fed() {
  const scene = new AlertScene({ channels: [] });
  const manager = new FakeChannel('am');
  const channel = new Channel({
    name: 'am',
    type: 'alertmanager',
    clock: scene.clock,
    transport: { send: (message, signal) => manager.send(message, signal), close: () => undefined },
    scrub: (text) => text,
    onFault: () => undefined,
    free: () => undefined,
    proven: undefined,
  });
  const faults: FaultEvent[] = [];
  const alerts = { views: () => scene.engine.views() };
  const feed = new AlertmanagerFeed({
    clock: scene.clock,
    channels: [channel],
    alerts: () => alerts.views(),
    onFault: (fault) => faults.push(fault),
  });
  const states = () => manager.arrived.map(({ alerts }) => alerts.map(({ id, state }) => `${id} ${state}`).join());
  return { scene, manager, feed, states, alerts, faults };
}

const LOW = facts({
  strategies: [strategyFacts({ equity: strategyFacts().startingBalance.minus(strategyFacts().startingBalance) })],
});

describe('an Alertmanager', () => {
  it('is told at once, then every half a minute, and of the end for a quarter of an hour', async () => {
    const { scene, states } = fed();
    scene.now = LOW;
    await scene.pass(2);
    expect(states()).toEqual(['equity_floor firing']);
    await scene.pass(60);
    expect(states()).toHaveLength(3);
    scene.now = facts();
    await scene.pass(2);
    expect(states().at(-1)).toBe('equity_floor resolved');
    await scene.pass(890);
    const ends = states().filter((state) => state.endsWith('resolved')).length;
    expect(ends).toBeGreaterThan(28);
    await scene.pass(300);
    expect(states().filter((state) => state.endsWith('resolved')).length).toBeLessThanOrEqual(ends + 1);
  });

  it('is told again after a fault in the telling, which is told itself', async () => {
    const { scene, states, alerts, faults } = fed();
    scene.now = LOW;
    const { views } = alerts;
    alerts.views = () => {
      throw new Error('no alerts');
    };
    await scene.pass(5);
    expect(faults).toMatchObject([{ error: { message: 'no alerts' } }]);
    alerts.views = views;
    await scene.pass(2);
    expect(states()).toEqual(['equity_floor firing']);
  });

  it('is told of the end of what was over before any message went out', async () => {
    const { scene, states } = fed();
    scene.now = LOW;
    await scene.pass(2);
    scene.now = facts();
    await scene.pass(3);
    expect(states()).toEqual(['equity_floor firing', 'equity_floor resolved']);
  });

  it('that does not answer is told as soon as it does', async () => {
    const { scene, manager, states } = fed();
    manager.conduct = 'fails';
    scene.now = LOW;
    await scene.pass(5);
    expect(manager.tries).toBeGreaterThan(0);
    manager.conduct = 'takes';
    await scene.pass(10);
    expect(states()).toEqual(['equity_floor firing']);
  });

  it('is not told of what is silenced here', async () => {
    const { scene, states } = fed();
    const now = scene.clock.now();
    const silence = { id: 's1', p1: false, reason: 'known', by: 'owner', createdAt: now, endsAt: now + 600_000 };
    void scene.engine.addSilence(silence);
    scene.now = LOW;
    await scene.pass(100);
    expect(states()).toEqual([]);
  });
});
