import { describe, expect, it } from 'vitest';
import { DeskScene, rule } from './desk-scene.ts';

const DAY_MS = 86_400_000;

describe('a halt rule, from tick to halt', () => {
  it('halts on drawdown from the start when strictly over the limit (H-1)', async () => {
    for (const [loss, halted] of [
      [900, true],
      [800, false],
      [500, false],
    ] as const) {
      const scene = await DeskScene.open({ halt: [rule('maxDrawdown', '0.08', { basis: 'start' })] });
      scene.quote(1000);
      expect(scene.s.trade('BUY', 10)).toBe('order');
      scene.quote(1000 - loss / 10);
      expect([loss, scene.s.causes.length > 0]).toEqual([loss, halted]);
      await scene.rest();
      expect(scene.s.state).toBe(halted ? 'halted' : 'trading');
    }
  });
});
