/**
 * When a market is open. A session is a week long (`Sun 17:00` to `Fri 17:00`), or daily (`09:30` to
 * `16:00`, Monday to Friday by the date on which it ends). On a holiday's date it is closed.
 */
import type { EpochMs } from '../domain/time.ts';
import { dayAt, dayOf, instantOf, weekdayOf, type DayNumber } from './local-time.ts';

/** As in the configuration, which has checked it. */
export interface SessionHours {
  readonly zone: string;
  /** `Sun 17:00`, or `09:30`; `close` in the same form. */
  readonly open: string;
  readonly close: string;
  /** ISO dates in the zone. */
  readonly holidays: readonly string[];
}

/** A stretch of time in which the market is open, or closed, throughout: `[from, until)`. */
export interface Span {
  readonly open: boolean;
  readonly from: EpochMs;
  readonly until: EpochMs;
}

interface Window {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

interface Mark {
  /** 0 is Sunday; undefined in a daily session. */
  readonly weekday: number | undefined;
  /** Of the day. */
  readonly minute: number;
}

const ALWAYS: Span = { open: true, from: -Infinity, until: Infinity };
/** How far is looked for the next change, in days; the second time for the rare session that has none near. */
const REACH = 9;
const LONG_REACH = 370;

export class Session {
  readonly #hours: SessionHours | undefined;
  readonly #open: Mark;
  readonly #close: Mark;
  readonly #holidays: ReadonlySet<DayNumber>;
  #span: Span;

  /** Without hours it is always open. */
  constructor(hours?: SessionHours) {
    this.#hours = hours;
    this.#open = markOf(hours?.open ?? '00:00');
    this.#close = markOf(hours?.close ?? '00:00');
    this.#holidays = new Set(hours?.holidays.map(dayOf));
    this.#span = hours === undefined ? ALWAYS : { open: false, from: 0, until: 0 };
  }

  isOpen(now: EpochMs): boolean {
    return this.spanAt(now).open;
  }

  /** When the session that is on began; undefined while closed, -Infinity when it never closes. */
  openSince(now: EpochMs): EpochMs | undefined {
    const { open, from } = this.spanAt(now);
    return open ? from : undefined;
  }

  /** The next change of `isOpen`; Infinity when there is none within a year. */
  nextChange(now: EpochMs): EpochMs {
    return this.spanAt(now).until;
  }

  /** The stretch that holds `now`. Remembered: asking again within it costs two comparisons. */
  spanAt(now: EpochMs): Span {
    if (now < this.#span.from || now >= this.#span.until)
      this.#span = this.#find(now, REACH) ?? this.#find(now, LONG_REACH) ?? ALWAYS;
    return this.#span;
  }

  /** Undefined when a change may lie beyond the reach. */
  #find(now: EpochMs, reach: number): Span | undefined {
    const { zone } = this.#hours!;
    const today = dayAt(now, zone);
    const windows = this.#windows(today - reach, today + reach);
    const next = windows.findIndex(({ until }) => now < until);
    const window = windows[next];
    const edge = instantOf(today + reach, 0, zone);
    if (window !== undefined && window.from <= now) return window.until < edge ? { ...window, open: true } : undefined;
    if (window === undefined && reach < LONG_REACH) return undefined;
    const before = windows[next === -1 ? windows.length - 1 : next - 1];
    return { open: false, from: before?.until ?? now, until: window?.from ?? Infinity };
  }

  /** The open windows that begin on these dates, without holidays, joined where they touch. */
  #windows(first: DayNumber, last: DayNumber): readonly Window[] {
    const windows: Window[] = [];
    for (let day = first; day <= last; day++) {
      for (const window of this.#openingOn(day)) {
        const before = windows.at(-1);
        if (before !== undefined && before.until >= window.from)
          windows[windows.length - 1] = { from: before.from, until: Math.max(before.until, window.until) };
        else windows.push(window);
      }
    }
    return windows;
  }

  #openingOn(day: DayNumber): readonly Window[] {
    const { zone } = this.#hours!;
    const overnight = this.#close.minute <= this.#open.minute;
    if (this.#open.weekday === undefined) {
      const closes = overnight ? day + 1 : day;
      const tradeDate = this.#close.minute === 0 ? closes - 1 : closes;
      if (this.#isFree(tradeDate)) return [];
      return [this.#window(day, closes, zone)];
    }
    if (weekdayOf(day) !== this.#open.weekday) return [];
    const days = (this.#close.weekday! - this.#open.weekday + 7) % 7;
    const closes = day + (days === 0 && overnight ? 7 : days);
    return this.#withoutHolidays(this.#window(day, closes, zone), day, closes);
  }

  #window(opens: DayNumber, closes: DayNumber, zone: string): Window {
    return { from: instantOf(opens, this.#open.minute, zone), until: instantOf(closes, this.#close.minute, zone) };
  }

  #isFree(day: DayNumber): boolean {
    const weekday = weekdayOf(day);
    return weekday === 0 || weekday === 6 || this.#holidays.has(day);
  }

  #withoutHolidays(window: Window, first: DayNumber, last: DayNumber): readonly Window[] {
    const { zone } = this.#hours!;
    const parts: Window[] = [];
    let { from } = window;
    for (let day = first; day <= last; day++) {
      if (!this.#holidays.has(day)) continue;
      parts.push({ from, until: Math.min(window.until, instantOf(day, 0, zone)) });
      from = instantOf(day + 1, 0, zone);
    }
    parts.push({ from, until: window.until });
    return parts.filter((part) => part.from < part.until);
  }
}

/** The session of a name that instruments and streams use; one without hours is always open. */
export function sessionNamed(name: string, sessions: ReadonlyMap<string, SessionHours>): Session {
  return new Session(sessions.get(name));
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function markOf(text: string): Mark {
  const [time, weekday] = text.split(' ').toReversed();
  const [hour, minute] = time!.split(':').map(Number);
  return { weekday: weekday === undefined ? undefined : WEEKDAYS.indexOf(weekday), minute: hour! * 60 + minute! };
}
