import { describe, expect, it } from 'vitest';
import { iso } from '../../src/domain/time.ts';
import { nextRollover, nextTimeOfDay, parseRollover } from '../../src/risk/trading-day.ts';

const next = (rollover: string, now: string): string => iso(nextRollover(parseRollover(rollover)!, Date.parse(now)));

describe('the trading day', () => {
  it('rolls over at midnight UTC by default', () => {
    expect(next('00:00 UTC', '2024-01-10T09:00:00Z')).toBe('2024-01-11T00:00:00.000Z');
    expect(next('00:00 UTC', '2024-01-10T23:59:59.999Z')).toBe('2024-01-11T00:00:00.000Z');
    expect(next('00:00 UTC', '2024-01-11T00:00:00Z')).toBe('2024-01-12T00:00:00.000Z');
  });

  it('follows daylight saving of its zone', () => {
    expect(next('17:00 America/New_York', '2024-01-10T12:00:00Z')).toBe('2024-01-10T22:00:00.000Z');
    expect(next('17:00 America/New_York', '2024-03-09T22:00:00Z')).toBe('2024-03-10T21:00:00.000Z');
    expect(next('17:00 America/New_York', '2024-11-02T21:00:00Z')).toBe('2024-11-03T22:00:00.000Z');
  });

  it('comes back to its time of day after a night in which that time did not exist', () => {
    expect(next('02:30 America/New_York', '2024-03-10T05:00:00Z')).toBe('2024-03-10T07:30:00.000Z');
    expect(next('02:30 America/New_York', '2024-03-10T07:30:00Z')).toBe('2024-03-11T06:30:00.000Z');
  });

  it('rolls over once in a night in which its time exists twice', () => {
    expect(next('01:30 America/New_York', '2024-11-03T05:00:00Z')).toBe('2024-11-03T05:30:00.000Z');
    expect(next('01:30 America/New_York', '2024-11-03T05:30:00Z')).toBe('2024-11-04T06:30:00.000Z');
  });

  it('refuses what names no time of day or no zone', () => {
    for (const bad of ['', '24:00 UTC', '9:00 UTC', '00:60 UTC', '00:00', '00:00 Mars/Base', '00:00  UTC'])
      expect(parseRollover(bad)).toBeUndefined();
    expect(parseRollover(' 17:00 America/New_York ')).toEqual({ hour: 17, minute: 0, zone: 'America/New_York' });
  });

  it("finds the next moment of an author's time of day", () => {
    expect(iso(nextTimeOfDay('16:55', 'America/New_York', Date.parse('2024-07-01T20:54:59Z')))).toBe(
      '2024-07-01T20:55:00.000Z',
    );
    expect(iso(nextTimeOfDay('16:55', 'America/New_York', Date.parse('2024-07-01T20:55:00Z')))).toBe(
      '2024-07-02T20:55:00.000Z',
    );
  });
});
