import { describe, expect, it } from 'vitest';
import { createHarness, EVENTS } from './strategy-harness.ts';

describe('/machine of a strategy', () => {
  it('names the guard that said no last with its event and time, and what the state takes now', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HALT);
    await h.done('cancelEntries');
    expect(h.actor.state()).toBe('halted');
    h.clock.advanceBy(1500);
    await h.send({ ...EVENTS.RESUME, reason: ' ' });
    const view = h.actor.view();
    expect(view.refusals[0]).toMatchObject({ event: 'RESUME', ts: expect.stringMatching(/Z$/) as string });
    expect(view.refusals.map(({ guard }) => guard)).toContain('hasReason');
    expect(view.inStateMs).toBe(1500);
    expect(view.events).toEqual(expect.arrayContaining(['RESUME', 'HUNG', 'HALT', 'STOP']));
    expect(view.events).not.toContain('PROGRESS');
    expect(view.events.some((event) => event.includes('xstate'))).toBe(false);
  });

  it('is not told of a guard that passes', async () => {
    const h = createHarness();
    await h.toTrading();
    await h.send(EVENTS.HALT);
    await h.done('cancelEntries');
    await h.send(EVENTS.RESUME);
    expect(h.actor.state()).toBe('trading');
    expect(h.actor.view().refusals.filter(({ event }) => event === 'RESUME')).toEqual([]);
  });
});
