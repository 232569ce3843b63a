import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { Session, sessionNamed, type SessionHours } from '../../src/risk/sessions.ts';

const fx: SessionHours = { zone: 'America/New_York', open: 'Sun 17:00', close: 'Fri 17:00', holidays: ['2026-12-25'] };
const nyse: SessionHours = { zone: 'America/New_York', open: '09:30', close: '16:00', holidays: ['2026-11-26'] };
const futures: SessionHours = { zone: 'America/Chicago', open: '17:00', close: '16:00', holidays: ['2026-11-26'] };

const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString();

describe('a market session', () => {
  it.each([
    ['fx, Friday before the close in summer', fx, '2026-07-10T20:59:59.999Z', true, '2026-07-10T21:00:00.000Z'],
    ['fx, Friday at the close in summer', fx, '2026-07-10T21:00:00.000Z', false, '2026-07-12T21:00:00.000Z'],
    ['fx, Friday before the close in winter', fx, '2026-11-20T21:59:59.999Z', true, '2026-11-20T22:00:00.000Z'],
    ['fx, Sunday before the opening', fx, '2026-11-22T21:59:59.999Z', false, '2026-11-22T22:00:00.000Z'],
    ['fx, Sunday at the opening', fx, '2026-11-22T22:00:00.000Z', true, '2026-11-27T22:00:00.000Z'],
    ['fx, the weekend that clocks go back in', fx, '2026-10-31T12:00:00.000Z', false, '2026-11-01T22:00:00.000Z'],
    ['fx, the weekend that clocks go forward in', fx, '2026-03-07T12:00:00.000Z', false, '2026-03-08T21:00:00.000Z'],
    ['fx, on Christmas Eve: closed from midnight', fx, '2026-12-24T12:00:00.000Z', true, '2026-12-25T05:00:00.000Z'],
    ['fx, at Christmas: closed over the weekend', fx, '2026-12-25T12:00:00.000Z', false, '2026-12-27T22:00:00.000Z'],
    ['nyse, before the opening', nyse, '2026-11-23T14:29:59.999Z', false, '2026-11-23T14:30:00.000Z'],
    ['nyse, on Monday', nyse, '2026-11-23T15:00:00.000Z', true, '2026-11-23T21:00:00.000Z'],
    ['nyse, after the close', nyse, '2026-11-23T21:00:00.000Z', false, '2026-11-24T14:30:00.000Z'],
    ['nyse, on Thanksgiving', nyse, '2026-11-26T15:00:00.000Z', false, '2026-11-27T14:30:00.000Z'],
    ['nyse, on Saturday', nyse, '2026-11-28T15:00:00.000Z', false, '2026-11-30T14:30:00.000Z'],
    ['futures, Sunday evening', futures, '2026-11-22T23:00:00.000Z', true, '2026-11-23T22:00:00.000Z'],
    ['futures, in the pause of the day', futures, '2026-11-23T22:30:00.000Z', false, '2026-11-23T23:00:00.000Z'],
    ['futures, the eve of a holiday', futures, '2026-11-25T23:30:00.000Z', false, '2026-11-26T23:00:00.000Z'],
    ['futures, Friday after the close', futures, '2026-11-27T22:00:00.000Z', false, '2026-11-29T23:00:00.000Z'],
  ])('%s', (_, hours, now, open, changes) => {
    const session = new Session(hours);
    expect(session.isOpen(at(now))).toBe(open);
    expect(iso(session.nextChange(at(now)))).toBe(changes);
  });

  it('says since when it is on', () => {
    const session = new Session(fx);
    expect(iso(session.openSince(at('2026-11-24T12:00:00Z'))!)).toBe('2026-11-22T22:00:00.000Z');
    expect(session.openSince(at('2026-11-21T12:00:00Z'))).toBeUndefined();
    expect(iso(session.openSince(at('2026-12-28T12:00:00Z'))!)).toBe('2026-12-27T22:00:00.000Z');
  });

  it('24x7 is always on', () => {
    const session = sessionNamed('24x7', new Map([['fx', fx]]));
    expect(session.isOpen(0)).toBe(true);
    expect(session.nextChange(0)).toBe(Infinity);
    expect(session.openSince(0)).toBe(-Infinity);
    expect(sessionNamed('fx', new Map([['fx', fx]])).isOpen(at('2026-11-21T12:00:00Z'))).toBe(false);
  });

  it('that is open from Sunday to Sunday never closes', () => {
    const session = new Session({ zone: 'UTC', open: 'Sun 00:00', close: 'Sun 00:00', holidays: [] });
    expect(session.isOpen(at('2026-11-22T00:00:00Z'))).toBe(true);
    expect(session.nextChange(at('2026-11-22T00:00:00Z'))).toBe(Infinity);
  });

  it('from midnight to midnight is open from Monday to Friday without a break', () => {
    const session = new Session({ zone: 'Europe/Berlin', open: '00:00', close: '00:00', holidays: [] });
    expect(iso(session.openSince(at('2026-11-25T12:00:00Z'))!)).toBe('2026-11-22T23:00:00.000Z');
    expect(iso(session.nextChange(at('2026-11-25T12:00:00Z')))).toBe('2026-11-27T23:00:00.000Z');
  });

  it('is found again behind a fortnight of holidays', () => {
    const holidays = Array.from({ length: 14 }, (_, n) => `2026-12-${10 + n}`);
    const session = new Session({ ...nyse, holidays });
    expect(iso(session.nextChange(at('2026-12-09T22:00:00Z')))).toBe('2026-12-24T14:30:00.000Z');
  });

  it('gives the same answers in whatever order it is asked', () => {
    const asked = fc.array(fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }), {
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(asked, (times) => {
        const session = new Session(fx);
        for (const now of times) {
          expect(session.isOpen(now)).toBe(new Session(fx).isOpen(now));
          expect(session.isOpen(now)).toBe(plainlyOpen(now));
          expect(session.nextChange(now)).toBeGreaterThan(now);
          expect(session.isOpen(session.nextChange(now))).not.toBe(session.isOpen(now));
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** The FX week read off a clock in New York. */
function plainlyOpen(now: number): boolean {
  const local = DateTime.fromMillis(now, { zone: 'America/New_York' });
  if (local.toISODate() === '2026-12-25') return false;
  const afternoon = local.hour >= 17;
  if (local.weekday === 7) return afternoon;
  return local.weekday === 5 ? !afternoon : local.weekday !== 6;
}
