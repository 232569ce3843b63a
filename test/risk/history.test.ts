import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { checkGate } from '../../src/risk/gate.ts';
import { RiskHistory, type HistoryState } from '../../src/risk/history.ts';
import { order } from './support.ts';

const DAY = 86_400_000;
/** Through the text that a journal would hold. */
function restarted(history: RiskHistory, keep = 100): RiskHistory {
  const again = new RiskHistory(0, keep);
  again.restore(JSON.parse(JSON.stringify(history.save())) as HistoryState);
  return again;
}

describe('the history that gate and rules count by', () => {
  it('R-14: losses of 1 and 2 are a streak of 2, a gain ends it', () => {
    const history = new RiskHistory(0, 10);
    history.close(1, dec(-1));
    history.close(2, dec(-2));
    expect(history.losingStreak(3)).toBe(2);
    history.close(3, dec(5));
    expect(history.losingStreak(3)).toBe(0);
    expect(history.lastLossAt).toBe(2);
  });

  it('takes a close at no gain and no loss for the end of a streak', () => {
    const history = new RiskHistory(0, 10);
    history.close(1, dec(-1));
    history.close(2, dec(0));
    expect(history.streak).toBe(0);
  });

  it('H-22: after a restart trades today, streak and what is left of the cool-down are as before', () => {
    const now = 20 * DAY + 3_600_000;
    const before = new RiskHistory(20 * DAY, 100);
    before.entry();
    before.entry();
    before.close(now - 500, dec(-10));
    before.close(now - 100, dec(-20));
    const history = restarted(before);
    expect(history.entriesToday).toBe(2);
    expect(history.losingStreak(now)).toBe(2);
    const denial = checkGate(order({ now, history, limits: { cooldown: { losses: 2, forMs: 10_000 } } }));
    expect(denial).toMatchObject({
      code: 'COOLDOWN',
      reason: '2 losing closes in a row: no entries for another 9900 ms',
    });
    expect(checkGate(order({ now, history, limits: { maxTradesPerDay: 2 } }))?.code).toBe('MAX_TRADES_PER_DAY');
  });

  it('begins a new day with nothing traded, rejected or closed, and goes on with the streak', () => {
    const history = new RiskHistory(0, 10);
    history.entry();
    history.rejection(10);
    history.close(20, dec(-1));
    history.rollDay(DAY);
    expect([history.entriesToday, history.rejections(DAY), history.closes(DAY)]).toEqual([0, 0, 0]);
    expect(history.losingStreak(DAY)).toBe(1);
    expect(history.rejections(DAY, DAY)).toBe(1);
  });

  it('does not begin a day twice: a restart on the same day resets no budget', () => {
    const history = new RiskHistory(5 * DAY, 10);
    history.entry();
    const again = restarted(history);
    again.rollDay(5 * DAY);
    expect(again.entriesToday).toBe(1);
    again.rollDay(6 * DAY);
    expect(again.entriesToday).toBe(0);
  });

  it('counts what is less than a window ago', () => {
    const history = new RiskHistory(0, 10);
    for (const ts of [0, 4000, 10_000]) history.rejection(ts);
    expect(history.rejections(10_000, 10_000)).toBe(2);
    expect(history.rejections(9999 + 4000, 10_000)).toBe(2);
    expect(history.rejections(14_000, 10_000)).toBe(1);
    expect(history.rejections(14_000)).toBe(3);
  });

  it('counts a streak within a window by its own losses', () => {
    const history = new RiskHistory(0, 10);
    for (const ts of [0, 5000, 9000]) history.close(ts, dec(-1));
    expect(history.losingStreak(10_000, 6000)).toBe(2);
    expect(history.losingStreak(10_000)).toBe(3);
  });

  it('begins its counts anew when it is re-based, but not the entries of the day', () => {
    const history = new RiskHistory(0, 10);
    history.entry();
    history.rejection(1);
    history.close(2, dec(-1));
    history.rebase();
    expect([history.streak, history.rejections(3, 1000), history.closes(3), history.entriesToday]).toEqual([
      0, 0, 0, 1,
    ]);
  });

  it('remembers as many times as the largest count asks for, and says truly whether it is reached', () => {
    const step = fc.record({ after: fc.nat(300), kind: fc.constantFrom('rejection', 'win', 'loss') });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 2000 }),
        (steps, n, windowMs) => {
          let history = new RiskHistory(0, n);
          const rejections: number[] = [];
          const closes: number[] = [];
          let now = 0;
          for (const [index, { after, kind }] of steps.entries()) {
            now += after;
            if (kind === 'rejection') rejections.push(now);
            else closes.push(now);
            if (kind === 'rejection') history.rejection(now);
            else history.close(now, dec(kind === 'win' ? 1 : -1));
            if (index % 7 === 3) history = restarted(history, n);
            const recent = (times: number[]) => times.filter((ts) => ts > now - windowMs).length;
            expect(history.rejections(now, windowMs) >= n).toBe(recent(rejections) >= n);
            expect(history.closes(now, windowMs) >= n).toBe(recent(closes) >= n);
            expect(history.rejections(now)).toBe(rejections.length);
          }
        },
      ),
    );
  });
});

describe('a rule that counts further than those before it', () => {
  it('finds what it counts from then on', () => {
    const history = new RiskHistory(0, 2);
    history.remember(4);
    for (const ts of [1, 2, 3, 4]) history.rejection(ts);
    expect(history.rejections(5, 100)).toBe(4);
    history.remember(1);
    for (const ts of [6, 7, 8, 9]) history.rejection(ts);
    expect(history.rejections(10, 100)).toBe(4);
  });
});
