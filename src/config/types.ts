/** The effective configuration of a daemon: `qkt.config.yaml` over the embedded defaults. */
import type { AlertSettings, RuleChanges } from '../alerts/settings.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { Instrument } from '../domain/market.ts';
import type { Mt5VenueConfig } from './mt5-venue.ts';

export interface PaperVenueConfig {
  readonly type: 'paper';
  readonly name: string;
  readonly feed: 'synthetic' | 'replay';
  /** Of the synthetic market, and of the venue's own draws. */
  readonly seed: number;
  /** Replay only. */
  readonly file?: string;
  /** Replay only: 1 is real time, N times as fast, `max` as fast as it goes. */
  readonly speed: number | 'max';
  /** Replay only: the symbol of a file that has no symbol column. */
  readonly symbol?: string;
  readonly latencyMs: number;
  /** In points (tick sizes), adverse. */
  readonly slippagePoints: number;
  /** Shares of orders, 0 to 1. */
  readonly rejectionRate: number;
  readonly partialFillRate: number;
  /** Account currency per unit of quantity. */
  readonly commissionPerLot: Decimal;
}

export type VenueConfig = PaperVenueConfig | Mt5VenueConfig;

export interface SessionConfig {
  readonly zone: string;
  /** `Sun 17:00` for a week-long session, `09:30` for a daily one. */
  readonly open: string;
  readonly close: string;
  /** ISO dates in the session's zone. */
  readonly holidays: readonly string[];
}

export interface StrategyOverrides {
  readonly params?: Readonly<Record<string, number | string | boolean>>;
  readonly expectTradesEveryMs?: number;
  /** Price units. */
  readonly highSlippage?: Decimal;
  /** Changes of alert rules for this one. */
  readonly alerts?: RuleChanges;
}

export interface Config {
  readonly account: { readonly currency: string; readonly startingBalance: Decimal };
  readonly defaultVenue: string;
  readonly venues: ReadonlyMap<string, VenueConfig>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** Pairs for currency conversion that no strategy trades: `JPYUSD` → rate. */
  readonly rates: ReadonlyMap<string, Decimal>;
  /** As written and checked; the risk layer gives it meaning. */
  readonly risk: RiskConfig;
  readonly sessions: ReadonlyMap<string, SessionConfig>;
  readonly strategies: ReadonlyMap<string, StrategyOverrides>;
  readonly http: {
    readonly portPool: { readonly from: number; readonly to: number };
    readonly controlPort: number;
    readonly bind: string;
    readonly allowedHosts: readonly string[];
  };
  readonly logging: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
    readonly format: 'text' | 'json';
    readonly maxFileMB: number;
    readonly keepDays: number;
    readonly totalMB: number;
  };
  readonly alerts: AlertSettings;
}

export interface RiskConfig {
  /** `00:00 UTC`, `17:00 America/New_York`. */
  readonly dayRollover: string;
  readonly gate: Readonly<Record<string, unknown>>;
  readonly halt: readonly HaltRuleConfig[];
  readonly book: readonly HaltRuleConfig[];
  readonly strategies: Readonly<
    Record<string, { readonly gate?: Readonly<Record<string, unknown>>; readonly halt?: readonly HaltRuleConfig[] }>
  >;
}

export interface HaltRuleConfig {
  readonly rule: string;
  readonly limit: Decimal;
  readonly basis?: 'peak' | 'start' | 'equity' | 'balance';
  readonly onBreach: 'hold' | 'flatten';
  readonly windowMs?: number;
  readonly realizedOnly?: boolean;
  readonly autoResume?: 'nextDay';
}

/** Where a value came from, for `qkt config check`. */
export type Origin = 'default' | 'file' | 'environment' | 'flag';
