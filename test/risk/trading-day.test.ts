import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayStart, nextRollover, nextTimeOfDay, parseRollover } from '../../src/risk/trading-day.ts';

const rollover = (text: string) => parseRollover(text)!;
const next = (text: string, now: string): string =>
  new Date(nextRollover(rollover(text), Date.parse(now))).toISOString();
const start = (text: string, now: string): string => new Date(dayStart(rollover(text), Date.parse(now))).toISOString();

describe('the trading day', () => {
  it('DD-3: in UTC a day later is another day, and not before midnight', () => {
    expect(start('00:00 UTC', '2026-11-22T23:59:59.999Z')).toBe('2026-11-22T00:00:00.000Z');
    expect(start('00:00 UTC', '2026-11-23T00:00:00.000Z')).toBe('2026-11-23T00:00:00.000Z');
  });

  it('DD-5: between 23:00 and 01:00 lies one roll-over, and the first fill of the day comes after it', () => {
    expect(next('00:00 UTC', '2026-11-22T23:00:00Z')).toBe('2026-11-23T00:00:00.000Z');
    expect(start('00:00 UTC', '2026-11-23T01:00:00Z')).toBe('2026-11-23T00:00:00.000Z');
  });

  it.each([
    ['17:00 America/New_York', '2026-07-10T20:59:59.999Z', '2026-07-10T21:00:00.000Z'],
    ['17:00 America/New_York', '2026-07-10T21:00:00.000Z', '2026-07-11T21:00:00.000Z'],
    ['17:00 America/New_York', '2026-10-31T21:00:00.000Z', '2026-11-01T22:00:00.000Z'],
    ['17:00 America/New_York', '2026-03-07T22:00:00.000Z', '2026-03-08T21:00:00.000Z'],
    ['00:00 Pacific/Apia', '2026-11-22T10:59:59.999Z', '2026-11-22T11:00:00.000Z'],
    ['02:30 Europe/Berlin', '2026-03-28T12:00:00.000Z', '2026-03-29T01:30:00.000Z'],
    ['02:30 Europe/Berlin', '2026-03-29T01:30:00.000Z', '2026-03-30T00:30:00.000Z'],
    ['02:30 Europe/Berlin', '2026-10-24T12:00:00.000Z', '2026-10-25T00:30:00.000Z'],
    ['02:30 Europe/Berlin', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'],
  ])('%s rolls over after %s at %s', (text, now, expected) => {
    expect(next(text, now)).toBe(expected);
  });

  it('rolls over once where clocks go back over its time, also when asked in the hour that comes twice', () => {
    expect(start('02:30 Europe/Berlin', '2026-10-25T01:45:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(next('02:30 Europe/Berlin', '2026-10-25T01:15:00Z')).toBe('2026-10-26T01:30:00.000Z');
  });

  it('lies between one roll-over and the next, which is 23 to 25 hours later, in any zone', () => {
    const zones = [
      'UTC',
      'America/New_York',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'Pacific/Chatham',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.nat(23),
        fc.nat(59),
        fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) }),
        (zone, hour, minute, now) => {
          const which = { zone, hour, minute };
          const begins = dayStart(which, now);
          const ends = nextRollover(which, now);
          expect(begins).toBeLessThanOrEqual(now);
          expect(ends).toBeGreaterThan(now);
          expect(nextRollover(which, begins)).toBe(ends);
          expect(dayStart(which, ends)).toBe(ends);
          expect(dayStart(which, ends - 1)).toBe(begins);
          expect(ends - begins).toBeGreaterThanOrEqual(22.5 * 3_600_000);
          expect(ends - begins).toBeLessThanOrEqual(25.5 * 3_600_000);
        },
      ),
    );
  });

  it('is read from a time and a zone, and from nothing else', () => {
    expect(parseRollover(' 17:05 America/New_York ')).toEqual({ hour: 17, minute: 5, zone: 'America/New_York' });
    for (const wrong of ['24:00 UTC', '17:00', '17:00 Nowhere/City', '9:00 UTC', ''])
      expect(parseRollover(wrong)).toBeUndefined();
  });

  it('gives timers their time of day', () => {
    const now = Date.parse('2026-11-22T12:00:00Z');
    expect(new Date(nextTimeOfDay('16:55', 'America/New_York', now)).toISOString()).toBe('2026-11-22T21:55:00.000Z');
  });
});
