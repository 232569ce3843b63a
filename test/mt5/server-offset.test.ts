import { describe, expect, it } from 'vitest';
import { ServerOffset } from '../../src/venues/mt5/server-offset.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** A Monday in winter: New York is five hours behind UTC. */
const START = Date.UTC(2026, 0, 5, 10);

/** Looks at a symbol once a second, of which each but the first finds a quote that is `age` old. */
function look(offset: ServerOffset, times: number, { ahead = 0, age = 300, from = START, symbol = 'X' } = {}): number {
  let now = from;
  for (let i = 0; i < times; i++, now += 1000) offset.note(symbol, now + ahead - age, now - 20, now);
  return now - 1000;
}

describe('the offset of a server', () => {
  it.each([
    ['utc', 0],
    ['newYorkClose', 2 * HOUR],
    [{ hours: 5.5 }, 5.5 * HOUR],
  ] as const)('is what the profile says before anything was measured: %j', (clock, expected) => {
    const offset = new ServerOffset(clock);
    expect(offset.reading(START)).toEqual({ offsetMs: expected, measuredAt: undefined, skewMs: 0 });
    expect(offset.utc(START + expected)).toBe(START);
  });

  it('is confirmed by quotes that move, not by one that stands', () => {
    const offset = new ServerOffset('newYorkClose');
    for (let i = 0; i < 5; i++) offset.note('X', START + 2 * HOUR, START + i * 1000, START + i * 1000);
    expect(offset.reading(START).measuredAt).toBeUndefined();
    const now = look(offset, 3, { ahead: 2 * HOUR, from: START + 10_000 });
    expect(offset.reading(now)).toEqual({ offsetMs: 2 * HOUR, measuredAt: now, skewMs: 0 });
  });

  it.each([3 * HOUR, -5 * HOUR, 5.75 * HOUR])('is measured where it is another: %d ms (trap 9)', (ahead) => {
    const offset = new ServerOffset('utc');
    const now = look(offset, 5, { ahead });
    expect(offset.reading(now)).toEqual({ offsetMs: ahead, measuredAt: now, skewMs: 0 });
    expect(offset.utc(now + ahead)).toBe(now);
  });

  it('changes only when three looks in a row agree; until then the two clocks are apart', () => {
    const offset = new ServerOffset('utc');
    const before = look(offset, 3);
    const after = look(offset, 2, { ahead: HOUR, from: before + 1000 });
    expect(offset.reading(after)).toMatchObject({ offsetMs: 0, measuredAt: before });
    expect(offset.reading(after).skewMs).toBeGreaterThan(59 * MINUTE);
    const now = look(offset, 1, { ahead: HOUR, from: after + 1000 });
    expect(offset.reading(now)).toEqual({ offsetMs: HOUR, measuredAt: now, skewMs: 0 });
  });

  it('is not changed by looks that do not agree with one another', () => {
    const offset = new ServerOffset('utc');
    let now = look(offset, 3);
    for (const ahead of [HOUR, 2 * HOUR, HOUR, 2 * HOUR, 0])
      now = look(offset, 1, { ahead, from: now + 1000, symbol: 'X' });
    expect(offset.reading(now).offsetMs).toBe(0);
  });

  it('follows the summer time of a broker that closes with New York, for times before and after the change', () => {
    const offset = new ServerOffset('newYorkClose');
    look(offset, 4, { ahead: 2 * HOUR });
    const summer = Date.UTC(2026, 5, 1);
    expect(offset.at(summer)).toBe(3 * HOUR);
    expect(offset.utc(summer + 3 * HOUR)).toBe(summer);
    expect(offset.utc(START + 2 * HOUR)).toBe(START);
  });

  it('is not taken from a quote of before an outage that only now arrives', () => {
    const offset = new ServerOffset('utc');
    const before = look(offset, 3);
    const late = before + 3 * HOUR;
    // The first look after it finds what the last one before it could not see yet.
    offset.note('X', before + 400, late - 20, late);
    expect(offset.reading(late)).toEqual({ offsetMs: 0, measuredAt: before, skewMs: 0 });
  });

  it('of more than fourteen hours is none, and the clocks are apart', () => {
    const offset = new ServerOffset('utc');
    const now = look(offset, 9, { ahead: 30 * HOUR });
    expect(offset.reading(now)).toMatchObject({ offsetMs: 0, measuredAt: undefined });
    expect(offset.reading(now).skewMs).toBeGreaterThan(29 * HOUR);
  });
});

describe('the skew', () => {
  it.each([61_000, -90_000, 300_000])('is what the offset does not explain: %d ms', (wrong) => {
    const offset = new ServerOffset('newYorkClose');
    const now = look(offset, 4, { ahead: 2 * HOUR + wrong });
    const { offsetMs, skewMs } = offset.reading(now);
    expect(offsetMs).toBe(2 * HOUR);
    // A second of doubt: the quote came about between two looks.
    expect(Math.abs(skewMs - wrong)).toBeLessThanOrEqual(1400);
    expect(Math.sign(skewMs)).toBe(Math.sign(wrong));
  });

  it('is nothing for quotes that are as old as the time between two looks allows', () => {
    const offset = new ServerOffset('utc');
    for (const age of [0, 500, 1000]) {
      const now = look(offset, 4, { age, symbol: `S${age}` });
      expect(offset.reading(now).skewMs).toBe(0);
    }
  });

  it('goes away when the clocks agree again', () => {
    const offset = new ServerOffset('utc');
    const wrong = look(offset, 4, { ahead: 90_000 });
    expect(offset.reading(wrong).skewMs).toBeGreaterThan(60_000);
    const now = look(offset, 2, { from: wrong + 100_000 });
    expect(offset.reading(now).skewMs).toBe(0);
  });
});
