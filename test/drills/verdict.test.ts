import { describe, expect, it } from 'vitest';
import { DRILLS } from '../../src/drills/drills.ts';
import { neighbourLateness, type Late } from '../../src/drills/lateness.ts';
import { judge, type Measured } from '../../src/drills/verdict.ts';
import type { Sample } from '../../src/drills/watch.ts';

const FAULT_AT = 10_000;

/** An answer every 100 ms from 9 s on, each of them 10 ms on its way. */
function answers(until: number, status: (at: number) => number, seen: (at: number) => boolean = () => false): Sample[] {
  const samples: Sample[] = [];
  for (let sentAt = 9_000; sentAt < until; sentAt += 100)
    samples.push({ sentAt, at: sentAt + 10, status: status(sentAt), seen: seen(sentAt) });
  return samples;
}
const between = (from: number, to: number) => (at: number) => (at >= from && at < to ? 503 : 200);

/** A hang that is seen after a second and is over at 14 s. */
function hang(change: Partial<Measured> = {}): Measured {
  const health = answers(16_000, between(11_000, 14_000));
  return {
    startedAt: 5_000,
    faultAt: FAULT_AT,
    mendedAt: 14_010,
    endedAt: 16_000,
    health,
    ready: answers(16_000, between(11_000, 14_500)),
    status: answers(16_000, () => 200, (at) => at >= 11_200), // prettier-ignore
    surface: health,
    alerts: answers(16_000, () => 200, (at) => at >= 12_000), // prettier-ignore
    neighbourHealth: answers(16_000, () => 200),
    neighbour: null,
    trouble: [],
    ...change,
  };
}

describe('a verdict', () => {
  it('counts every time from the fault to the answer that told it', () => {
    expect(judge(DRILLS.hang, hang())).toMatchObject({
      verdict: 'pass',
      detectedMs: 1_010,
      gateClosedMs: 1_010,
      haltedMs: 1_210,
      alertedMs: 2_010,
      recoveredMs: 4_510,
      falseOk: 0,
      failures: [],
      tookMs: 11_000,
    });
  });

  it('fails what comes late and what does not come at all, with the figures', () => {
    const late = answers(20_000, between(12_500, 14_000));
    const result = judge(DRILLS.hang, hang({ surface: late, status: answers(16_000, () => 200) }));
    expect(result.verdict).toBe('fail');
    expect(result.failures).toEqual([
      'detected: after 2510 ms, expected within 2000 ms',
      'halted: not at all, expected within 3000 ms',
      'false "ok": 5',
    ]);
  });

  it('counts an "ok" as false once the fault has been told and is told again, and not before the limit', () => {
    const flaps = answers(16_000, (at) => (at === 12_000 || at === 12_300 ? 200 : between(11_000, 14_000)(at)));
    expect(judge(DRILLS.hang, hang({ surface: flaps })).falseOk).toBe(2);
    const silent = judge(DRILLS.crash, hang({ surface: answers(16_000, () => 200), mendedAt: 13_000 }));
    expect(silent).toMatchObject({ detectedMs: null, falseOk: 20 });
  });

  it('fails over questions without an answer and over alarms of the neighbour', () => {
    const health = answers(16_000, (at) => (at === 15_000 ? 0 : between(11_000, 14_000)(at)));
    const neighbourHealth = answers(16_000, (at) => (at === 12_000 ? 503 : 200));
    expect(judge(DRILLS.hang, hang({ health, neighbourHealth })).failures).toEqual([
      'unanswered questions to /health: 1',
      "false alarms of the neighbour's /health: 1",
    ]);
  });

  it('fails over what has kept the drill from going on', () => {
    expect(judge(DRILLS.hang, hang({ trouble: ['the twin has ended'] })).failures).toEqual(['the twin has ended']);
  });
});

describe("the lateness of the neighbour's ticks", () => {
  const PERIODS = { quietFrom: 9_000, faultAt: FAULT_AT, endedAt: 11_000 };
  const ticks = (before: number, during: number): Late[] =>
    Array.from({ length: 200 }, (_, i) => ({ at: 9_000 + i * 10, lateMs: i < 100 ? before : during }));
  const logOf = (late: readonly Late[]): string =>
    [
      '{"level":"info","msg":"warming → trading"}',
      JSON.stringify({ msg: 'late', 'log.ticks': late.map(({ at, lateMs }) => `${at}:${lateMs}`).join(' ') }),
      '',
    ].join('\n');

  it('is what the fault has added at p99, less what the machine was later by all the same', () => {
    const added = neighbourLateness(logOf(ticks(1, 9)), ticks(0.5, 2), PERIODS);
    expect(added).toEqual({
      ticks: { count: 100, p99BeforeMs: 1, p99DuringMs: 9 },
      machine: { count: 100, p99BeforeMs: 0.5, p99DuringMs: 2 },
      addedMs: 6.5,
    });
    const result = judge(DRILLS.hang, hang({ neighbour: added }));
    expect(result.failures).toEqual(["neighbour's ticks: 6.5 ms later at p99, at most 5 ms"]);
  });

  it('does not count a machine that became quicker for the daemon', () => {
    expect(neighbourLateness(logOf(ticks(1, 3)), ticks(4, 1), PERIODS)?.addedMs).toBe(2);
  });

  it('is not known on a machine that was too busy before, and that fails nothing', () => {
    const neighbour = neighbourLateness(logOf(ticks(30, 90)), ticks(1, 1), PERIODS);
    expect(neighbour).toMatchObject({ addedMs: null });
    expect(judge(DRILLS.hang, hang({ neighbour })).verdict).toBe('pass');
  });

  it('is not known without ticks', () => {
    expect(neighbourLateness('', ticks(1, 1), PERIODS)).toBeNull();
  });
});
