/** The embedded defaults: what a daemon runs with when there is no configuration file. */
import type { RawConfig } from './schema.ts';

/** Units of currency as quantity, so 10000 EURUSD is 10000 euros; the spread of a quiet market. */
const pair = (symbol: string, tickSize: number, spread: number) => ({
  contractSize: 1,
  tickSize,
  volumeMin: 1,
  volumeStep: 1,
  base: symbol.slice(0, 3),
  quote: symbol.slice(3),
  session: 'fx',
  spread,
});

/** What every paper venue starts from. */
export const PAPER_DEFAULTS = {
  feed: 'synthetic',
  seed: 1,
  speed: 1,
  latencyMs: 0,
  slippagePoints: 0,
  rejectionRate: 0,
  partialFillRate: 0,
  commissionPerLot: 0,
} as const;

/** What an instrument of the file's own starts from; what money depends on has no default. */
export const INSTRUMENT_DEFAULTS = { contractSize: 1, session: '24x7', spread: 0 } as const;

export const DEFAULTS: RawConfig = {
  account: { currency: 'USD', startingBalance: 10_000 },
  defaultVenue: 'paper',
  venues: { paper: { type: 'paper', ...PAPER_DEFAULTS } },
  instruments: {
    EURUSD: pair('EURUSD', 0.00001, 0.00008),
    GBPUSD: pair('GBPUSD', 0.00001, 0.00012),
    USDJPY: pair('USDJPY', 0.001, 0.009),
    // One unit is an ounce.
    XAUUSD: { ...pair('XAUUSD', 0.01, 0.25), volumeMin: 0.01, volumeStep: 0.01 },
    BTCUSD: { ...pair('BTCUSD', 0.1, 2), volumeMin: 0.001, volumeStep: 0.001, session: '24x7' },
  },
  rates: {},
  risk: { dayRollover: '00:00 UTC', gate: {}, halt: [], book: [], strategies: {} },
  sessions: { fx: { zone: 'America/New_York', open: 'Sun 17:00', close: 'Fri 17:00', holidays: [] } },
  strategies: {},
  http: { portPool: '47000-47100', controlPort: 47_101, bind: '127.0.0.1', allowedHosts: [] },
  logging: { level: 'info', format: 'text', maxFileMB: 50, keepDays: 7, totalMB: 500 },
  alerts: {},
};
