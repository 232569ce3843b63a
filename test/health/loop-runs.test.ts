import { describe, expect, it } from 'vitest';
import { Lease, TICK_LOOP_LIMIT_MS } from '../../src/actors/leases.ts';
import type { Guest } from '../../src/actors/strategy-events.ts';
import { StrategyHealth, type StrategyHealthOptions } from '../../src/actors/strategy-health.ts';
import { VirtualClock } from '../../src/clock.ts';
import type { StrategyState } from '../../src/domain/strategy-states.ts';

/** Health of a strategy whose last turn ended just now. */
function loopRuns(state: StrategyState, guest: Guest): boolean {
  const clock = new VirtualClock(0);
  const runtime = {
    actor: { state: () => state, snapshot: () => ({ context: { guest } }) },
    tickLoop: new Lease('tickLoop', TICK_LOOP_LIMIT_MS, clock),
  };
  return new StrategyHealth({ runtime, clock } as unknown as StrategyHealthOptions).loopRuns;
}

describe('the tick loop', () => {
  it.each(['warming', 'trading', 'halting', 'halted'] as const)('runs while %s', (state) => {
    expect(loopRuns(state, 'running')).toBe(true);
  });

  it.each(['hung', 'dead', 'absent'] as const)(
    'does not run while a halt cancels for code that is %s, however lately it last answered',
    (guest) => {
      expect(loopRuns('halting', guest)).toBe(false);
    },
  );

  it.each(['starting', 'recovering', 'unresponsive', 'crashed', 'failed', 'cancelling', 'stopped'] as const)(
    'does not run while %s',
    (state) => {
      expect(loopRuns(state, 'running')).toBe(false);
    },
  );
});
