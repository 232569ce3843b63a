/**
 * Numbers and times as replay files write them. Both readers work on a range of a text, so that a
 * row needs no substrings, and answer NaN for what is none: never a guess.
 */
import type { EpochMs } from '../domain/time.ts';

const POW10 = Array.from({ length: 16 }, (_, n) => Number(`1e${n}`));
const SCIENTIFIC = /^[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d{1,3}$/;
const DAY_MS = 86_400_000;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;

/**
 * The decimal number in `text[from, to)` as the nearest double: digits with at most one point, a
 * sign or an exponent if need be, blanks around it. No thousands separators, no names of numbers.
 */
export function readNumber(text: string, from: number, to: number): number {
  while (from < to && text.charCodeAt(from) <= SPACE) from++;
  while (to > from && text.charCodeAt(to - 1) <= SPACE) to--;
  const sign = text.charCodeAt(from);
  let integer = 0;
  let digits = 0;
  let places = -1;
  for (let i = sign === MINUS || sign === PLUS ? from + 1 : from; i < to; i++) {
    const c = text.charCodeAt(i);
    if (c >= ZERO && c <= ZERO + 9) {
      integer = integer * 10 + (c - ZERO);
      digits += 1;
      if (places >= 0) places += 1;
    } else if (c === DOT && places < 0) places = 0;
    else return SCIENTIFIC.test(text.slice(from, to)) ? Number(text.slice(from, to)) : NaN;
  }
  if (digits === 0) return NaN;
  if (digits > 15) return Number(text.slice(from, to));
  // An integer below 2^53 over an exact power of ten: one division, correctly rounded.
  const value = places > 0 ? integer / POW10[places]! : integer;
  return sign === MINUS ? -value : value;
}

/** What numeric times count. */
type Unit = 's' | 'ms' | 'us';

/**
 * Reads the time column. Numbers are epoch milliseconds, unless the first one in the file has
 * exactly 10 digits before the point (seconds) or 16 (microseconds); the unit then holds for the
 * whole file. Anything else is ISO 8601: `T` or a blank between date and time, any fraction of a
 * second, `Z`, an offset, or nothing, which means UTC. Finer than a millisecond is cut off.
 */
export class TimeReader {
  #unit: Unit | undefined;
  #dayKey = -1;
  #dayMs = 0;

  /** Epoch milliseconds of the time in `text[from, to)`, or NaN. */
  read(text: string, from: number, to: number): EpochMs {
    while (from < to && text.charCodeAt(from) <= SPACE) from++;
    while (to > from && text.charCodeAt(to - 1) <= SPACE) to--;
    const whole = countDigits(text, from, to);
    const after = from + whole;
    if (whole > 0 && (after === to || text.charCodeAt(after) === DOT)) return this.#epoch(text, from, after, to);
    return this.#iso(text, from, to, whole);
  }

  #epoch(text: string, from: number, point: number, to: number): EpochMs {
    const places = to - point - 1;
    if (point < to && (places === 0 || countDigits(text, point + 1, to) !== places)) return NaN;
    const whole = point - from;
    this.#unit ??= whole === 10 ? 's' : whole === 16 ? 'us' : 'ms';
    if (whole > 16) return NaN;
    const value = digitsValue(text, from, point);
    if (this.#unit === 'us') return inRange(Math.floor(value / 1000));
    if (this.#unit === 'ms') return inRange(value);
    return inRange(value * 1000 + milliseconds(text, point + 1, to));
  }

  #iso(text: string, from: number, to: number, whole: number): EpochMs {
    // 2024-01-10, and the compact 20240110.
    const dashed = whole === 4 && text.charCodeAt(from + 4) === MINUS && text.charCodeAt(from + 7) === MINUS;
    if (!dashed && whole !== 8) return NaN;
    const monthAt = from + (dashed ? 5 : 4);
    const dayAt = monthAt + (dashed ? 3 : 2);
    const dayMs = this.#day(digitsValue(text, from, from + 4), two(text, monthAt), two(text, dayAt));
    const timeAt = dayAt + 2;
    if (timeAt >= to) return timeAt === to ? dayMs : NaN;
    const between = text[timeAt];
    return between === ' ' || between === 'T' || between === 't' ? dayMs + timeOfDay(text, timeAt + 1, to) : NaN;
  }

  /** Midnight UTC of a date; rows of one day follow each other, so the last one is remembered. */
  #day(year: number, month: number, day: number): EpochMs {
    const key = (year * 100 + month) * 100 + day;
    if (key === this.#dayKey) return this.#dayMs;
    if (!(month >= 1 && month <= 12 && day >= 1 && day <= DAYS_IN_MONTH[month - 1]!)) return NaN;
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    if (date.getUTCDate() !== day) return NaN;
    this.#dayKey = key;
    this.#dayMs = date.getTime();
    return this.#dayMs;
  }
}

/** `hh:mm`, `hh:mm:ss`, `hh:mm:ss.fff…` and a zone, as milliseconds since midnight UTC. */
function timeOfDay(text: string, from: number, to: number): number {
  const hour = two(text, from);
  const minute = two(text, from + 3);
  let i = from + 5;
  if (text[from + 2] !== ':' || !(hour < 24) || !(minute < 60) || i > to) return NaN;
  let ms = (hour * 60 + minute) * 60_000;
  if (text[i] === ':' && i < to) {
    const second = two(text, i + 1);
    if (!(second < 60) || i + 3 > to) return NaN;
    ms += second * 1000;
    i += 3;
    if (i < to && (text[i] === '.' || text[i] === ',')) {
      const places = countDigits(text, i + 1, to);
      if (places === 0) return NaN;
      ms += milliseconds(text, i + 1, i + 1 + places);
      i += 1 + places;
    }
  }
  return ms - zoneOffset(text, i, to);
}

/** Milliseconds east of UTC of `Z`, `+hh`, `+hhmm`, `+hh:mm` or nothing. */
function zoneOffset(text: string, from: number, to: number): number {
  const zone = text.slice(from, to);
  if (zone === '' || zone === 'Z' || zone === 'z' || zone === '+00:00') return 0;
  const m = /^ ?([+-])(\d\d)(?::?([0-5]\d))?$/.exec(zone);
  if (m === null || Number(m[2]) > 23) return NaN;
  const minutes = Number(m[2]) * 60 + Number(m[3] ?? 0);
  return (m[1] === '-' ? -minutes : minutes) * 60_000;
}

function countDigits(text: string, from: number, to: number): number {
  let i = from;
  while (i < to && isDigit(text.charCodeAt(i))) i++;
  return i - from;
}

function digitsValue(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + (text.charCodeAt(i) - ZERO);
  return value;
}

/** Two digits, or NaN. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + (ones - ZERO) : NaN;
}

/** The first three digits of a fraction of a second. */
function milliseconds(text: string, from: number, to: number): number {
  const end = Math.min(to, from + 3);
  return from >= end ? 0 : digitsValue(text, from, end) * POW10[3 - (end - from)]!;
}

const isDigit = (c: number): boolean => c >= ZERO && c <= ZERO + 9;

/** Beyond the year 9999 a number is not a time but a mistake. */
const inRange = (ms: number): EpochMs => (ms < 8000 * 366 * DAY_MS ? ms : NaN);
