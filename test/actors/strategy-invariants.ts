/** What holds of a strategy after every step, whatever has happened; `diagrams/proofs/strategy.md` lists them. */
import { expect } from 'vitest';
import { allowedCommands, takesReplace } from '../../src/actors/strategy-actor.ts';
import { STRATEGY_STATES } from '../../src/domain/strategy-states.ts';
import { EVENTS, PROMISES, type Harness, type PromiseName } from './strategy-harness.ts';

const RUNS: Readonly<Record<string, readonly PromiseName[]>> = {
  starting: ['launch'],
  recovering: ['recover'],
  halting: ['cancelEntries'],
  cancelling: ['cancelEntries'],
  flattening: ['flatten'],
  draining: ['drain'],
  failed: ['abandon'],
};

const running = (h: Harness): readonly PromiseName[] => PROMISES.filter((name) => h.pending(name) !== undefined);

export const INVARIANTS: Readonly<Record<string, (h: Harness) => void>> = {
  'the actor is active, in a state that a person sees': (h) => {
    expect(h.actor.snapshot().status).toBe('active');
    expect(STRATEGY_STATES).toContain(h.actor.state());
  },
  'the gate is open in `trading`, and nowhere else': (h) => {
    const isTrading = h.actor.state() === 'trading';
    expect(h.actor.snapshot().hasTag('gateOpen')).toBe(isTrading);
    expect(h.gate.open).toBe(isTrading);
  },
  '`halting` and `halted` are told as halted, and no other state is': (h) => {
    const state = h.actor.state();
    expect(h.actor.snapshot().hasTag('halted')).toBe(state === 'halting' || state === 'halted');
  },
  'in `trading` and `warming` no cause of a halt is in force; in `halted` one is': (h) => {
    const state = h.actor.state();
    const { haltCauses } = h.actor.snapshot().context;
    if (state === 'trading' || state === 'warming') expect(haltCauses).toEqual([]);
    if (state === 'halted') expect(haltCauses).not.toEqual([]);
  },
  '`failed` says why only a person starts it again': (h) => {
    if (h.actor.state() === 'failed') expect(h.actor.snapshot().context.latched).not.toBeNull();
  },
  'a stop that is over has its end': (h) => {
    const { stop } = h.actor.snapshot().context;
    if (h.actor.state() === 'stopped' && stop !== null) expect(stop.endedAt).not.toBeNull();
  },
  'exactly what its state waits for is under way (`failed` waits for nothing)': (h) => {
    const state = h.actor.state();
    if (state === 'failed' && running(h).length === 0) return;
    expect(running(h)).toEqual(RUNS[state] ?? []);
  },
  'HALT and STOP are accepted; START, RESTART and RESUME exactly where they are named as allowed, REPLACE where no halt or stop is at work':
    (h) => {
      if (h.actor.state() === 'failed' && running(h).length === 0) return;
      const snapshot = h.actor.snapshot();
      const allowed = allowedCommands(snapshot);
      expect(allowed).toEqual(expect.arrayContaining(['HALT', 'STOP']));
      for (const command of ['START', 'RESTART'] as const)
        expect(snapshot.can(EVENTS[command])).toBe(allowed.includes(command));
      expect(snapshot.can(EVENTS.RESUME)).toBe(allowed.includes('RESUME'));
      expect(snapshot.can(EVENTS.REPLACE)).toBe(takesReplace(h.actor.state()));
    },
  "a RESUME of the book, which lifts the book's causes, is taken in `halted`, `stopped` and `failed`": (h) => {
    const state = h.actor.state();
    if (state === 'failed' && running(h).length === 0) return;
    const takes = h.actor.snapshot().can({ ...EVENTS.RESUME, scope: 'book' });
    expect(takes).toBe(state === 'halted' || state === 'stopped' || state === 'failed');
  },
};

export function expectInvariants(h: Harness): void {
  for (const holds of Object.values(INVARIANTS)) holds(h);
}
