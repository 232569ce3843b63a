/** The bar lengths of MT5. Bars begin where the server's clock says so. */

export const TIMEFRAMES = ['M1', 'M5', 'M15', 'M30', 'H1', 'H4', 'D1', 'W1', 'MN1'] as const;
export type Timeframe = (typeof TIMEFRAMES)[number];

export const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const MINUTES: Readonly<Partial<Record<Timeframe, number>>> = { M1: 1, M5: 5, M15: 15, M30: 30, H1: 60, H4: 240 };

/** When the bar that holds a time begins, both on the server's clock; a week begins on Sunday. */
export function barStart(timeframe: Timeframe, shown: number): number {
  const minutes = MINUTES[timeframe];
  if (minutes !== undefined) return floorTo(shown, minutes * MINUTE_MS);
  const day = floorTo(shown, DAY_MS);
  const date = new Date(day);
  if (timeframe === 'D1') return day;
  if (timeframe === 'W1') return day - date.getUTCDay() * DAY_MS;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

export const floorTo = (time: number, step: number): number => Math.floor(time / step) * step;
