import * as fc from 'fast-check';
import { DateTime, FixedOffsetZone } from 'luxon';
import { describe, expect, it } from 'vitest';
import { readNumber, TimeReader } from '../../src/venues/replay-values.ts';

const number = (text: string): number => readNumber(text, 0, text.length);
const time = (text: string): number => new TimeReader().read(text, 0, text.length);

describe('numbers in replay files', () => {
  it.each([
    ['1.09316000', 1.09316],
    ['46319.0', 46_319],
    ['  1.5\t', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['+1.25', 1.25],
    ['-1.25', -1.25],
    ['1.2e-5', 0.000012],
    ['0.1000000000000000055', 0.1],
  ])('reads %s', (text, value) => {
    expect(number(text)).toBe(value);
  });

  it.each(['', ' ', '.', '-', 'abc', 'NaN', 'Infinity', '0x10', '1,5', '1.2.3', '1 2', '1e', '--1', '1e5e', '١'])(
    'does not take %j for a number',
    (text) => {
      expect(number(text)).toBeNaN();
    },
  );

  it('reads what any decimal number prints as, exactly', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => number(String(x)) === x));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.nat(20), (digits, places) => {
        const text = digits.toString().padStart(places + 1, '0');
        const point = text.length - places;
        const decimal = `${text.slice(0, point)}.${text.slice(point)}`;
        expect(number(decimal)).toBe(Number(decimal));
      }),
    );
  });
});

describe('times in replay files', () => {
  it.each([
    ['1704844803698', '2024-01-10T00:00:03.698Z'],
    ['1704844803698.9', '2024-01-10T00:00:03.698Z'],
    ['1704844803', '2024-01-10T00:00:03.000Z'],
    ['1704844803.6987', '2024-01-10T00:00:03.698Z'],
    ['1704844803698999', '2024-01-10T00:00:03.698Z'],
    ['1000', '1970-01-01T00:00:01.000Z'],
    ['2013-01-01 22:00:00.295000+00:00', '2013-01-01T22:00:00.295Z'],
    ['2021-12-31 23:01:00.000000', '2021-12-31T23:01:00.000Z'],
    ['2024-01-10T00:00:03.698Z', '2024-01-10T00:00:03.698Z'],
    ['2024-01-10T02:00:03.698999+02:00', '2024-01-10T00:00:03.698Z'],
    ['2024-01-09T19:30:03-0430', '2024-01-10T00:00:03.000Z'],
    ['2024-01-10 01:00+01', '2024-01-10T00:00:00.000Z'],
    ['2024-01-10', '2024-01-10T00:00:00.000Z'],
    ['20240110 00:00:03.698', '2024-01-10T00:00:03.698Z'],
    [' 2024-02-29T12:00:00 ', '2024-02-29T12:00:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
  ])('reads %s as %s', (text, expected) => {
    expect(new Date(time(text)).toISOString()).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2024-13-01',
    '2024-00-10',
    '2023-02-29',
    '2024-04-31',
    '2024-01-10T24:00:00Z',
    '2024-01-10T12:60:00Z',
    '2024-01-10T12:00:61Z',
    '2024-01-10T12',
    '2024-01-10T12:00:00.',
    '2024-01-10T12:00:00 Europe/Paris',
    '2024-01-10T12:00:00+25:00',
    '2024-01-10x12:00:00',
    '2024-01-1',
    '24-01-10',
    '10.01.2024 00:00:03',
    '01/10/2024',
    '00:00:03.698',
    '12345678901234567890',
    '999999999999999',
    '-1000',
    '1e12',
  ])('does not take %j for a time', (text) => {
    expect(time(text)).toBeNaN();
  });

  it('settles what numbers count by the first one in the file', () => {
    const milliseconds = new TimeReader();
    expect(milliseconds.read('0', 0, 1)).toBe(0);
    expect(milliseconds.read('1704844803', 0, 10)).toBe(1_704_844_803);
    const seconds = new TimeReader();
    expect(seconds.read('1704844803', 0, 10)).toBe(1_704_844_803_000);
    expect(seconds.read('999', 0, 3)).toBe(999_000);
  });

  it('agrees with luxon on every ISO time of the years 1000 to 9999, in any zone', () => {
    const instant = fc.integer({ min: Date.UTC(1000, 0, 2), max: Date.UTC(9999, 11, 30) });
    fc.assert(
      fc.property(instant, fc.integer({ min: -840, max: 840 }), fc.boolean(), (ms, offset, basic) => {
        const at = DateTime.fromMillis(ms, { zone: 'utc' }).setZone(FixedOffsetZone.instance(offset));
        const text = basic ? at.toFormat("yyyyMMdd HH:mm:ss.SSS'999'ZZZ") : at.toFormat("yyyy-MM-dd'T'HH:mm:ss.SSSZZ");
        expect(time(text)).toBe(ms);
      }),
      { numRuns: 500 },
    );
  });

  it('never guesses: any other text is no time', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = time(text);
        expect(Number.isNaN(ms) || (Number.isInteger(ms) && Math.abs(ms) < 8.64e15)).toBe(true);
      }),
    );
  });
});
