import { describe, expect, it } from 'vitest';
import { Uptime } from '../../src/actors/uptime.ts';
import { DeskScene } from '../halts/desk-scene.ts';

describe('the uptime of a strategy', () => {
  it('is that of its present run, and none while it is stopped', async () => {
    const scene = await DeskScene.open();
    const { runtime } = scene.s;
    const ofContext = (): number => scene.clock.now() - runtime.actor.snapshot().context.startedAt!;
    scene.clock.advanceBy(60_000);
    expect(runtime.uptimeMs).toBe(ofContext());
    expect(runtime.uptimeMs).toBeGreaterThanOrEqual(60_000);
    runtime.actor.send({ type: 'STOP', by: 'test', flatten: false, timeoutMs: 1000 });
    await scene.rest();
    scene.clock.advanceBy(1000);
    await scene.rest();
    expect([scene.s.state, runtime.uptimeMs]).toEqual(['stopped', 0]);
    scene.clock.advanceBy(60_000);
    runtime.actor.send({ type: 'START', by: 'test' });
    await scene.rest();
    scene.clock.advanceBy(5000);
    expect(runtime.uptimeMs).toBe(ofContext());
    expect(runtime.uptimeMs).toBeLessThan(10_000);
  });

  it('goes on where the time of day jumps', () => {
    const time = { now: 1_000_000, monotonic: 50 };
    const uptime = new Uptime({ now: () => time.now, monotonic: () => time.monotonic });
    const startedAt = time.now;
    expect(uptime.of('trading', startedAt)).toBe(0);
    time.now += 3_600_000;
    time.monotonic += 500;
    expect(uptime.of('trading', startedAt)).toBe(500);
    expect(uptime.of('failed', startedAt)).toBe(0);
    expect(uptime.of('recovering', null)).toBe(0);
  });
});
