/** Figures and times as a person reads them. */

const MONEY = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const SIGNED = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: 'exceptZero',
});
const COUNT = new Intl.NumberFormat('en-US');
const PERCENT = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 2 });
/** That {@link PERCENT} shows. */
const LEAST_SHARE = 0.0001;

/** What a small share still shows on an axis. */
const FINE_PERCENT = new Intl.NumberFormat('en-US', { style: 'percent', maximumSignificantDigits: 3 });

export const money = (value: number): string => MONEY.format(value);
export const signedMoney = (value: number): string => SIGNED.format(value);
export const count = (value: number): string => COUNT.format(value);
/** A little is not nothing. */
export const percent = (ratio: number): string =>
  ratio !== 0 && Math.abs(ratio) < LEAST_SHARE / 2 ? '<0.01%' : PERCENT.format(ratio);
export const finePercent = (ratio: number): string => FINE_PERCENT.format(ratio);
/** `512 MB`, `3.2 GB`. */
export const bytes = (value: number): string =>
  value < 1e9 ? `${count(Math.round(value / 1e6))} MB` : `${count(Math.round(value / 1e8) / 10)} GB`;
/** Every digit, without a unit: prices and quantities. */
export const exact = (value: number): string => String(value);

export const plural = (n: number, one: string): string =>
  `${count(n)} ${n === 1 ? one : one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`}`;

/** `2 h 05 min`, `3 min 10 s`, `12 s`. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** In UTC, as all times here. */
export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The time of day, with the date when it is another day's. */
export function clockTime(iso: string, today = dateOf(Date.now())): string {
  const time = iso.slice(11, 19);
  return iso.slice(0, 10) === today ? time : `${iso.slice(0, 10)} ${time}`;
}

/** `2026-11-22 07:28:33 UTC`. */
export const wholeTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

/** A value of any kind from the daemon. */
export function plain(value: unknown): string {
  if (value === null || value === undefined) return 'unknown';
  return typeof value === 'object' ? JSON.stringify(value) : `${value as string | number | boolean}`;
}
