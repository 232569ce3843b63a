/**
 * Reads the facts of one instant from the views that everybody reads, and keeps what conditions look back
 * on: counters of the last minutes, the highest index of the hour, since when a position has been bare.
 */
import type { Clock } from '../../clock.ts';
import type {
  AccountFacts,
  DaemonFacts,
  Facts,
  GatewayFacts,
  PositionFacts,
  StrategyFacts,
} from '../../alerts/facts.ts';
import type { Spans } from '../../alerts/spans.ts';
import { Durations, GrowthWindow, HighWindow, HistogramWindow } from '../../alerts/windows.ts';
import { dec, type Decimal } from '../../domain/decimal.ts';
import { quantileOf, type HistogramView } from '../../domain/histogram.ts';
import type { AccountMetrics } from '../../domain/metrics.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { GatewayView } from '../../domain/gateway-views.ts';
import type { LeaseView } from '../../domain/health-views.ts';
import type { StatusView } from '../../domain/status-views.ts';
import type { PositionView } from '../../domain/trading-views.ts';
import type { Member } from '../fleet-member.ts';
import type { AlertMemory } from './alert-memory.ts';
import { leftOf } from './what-is-left.ts';

export interface FactsOptions {
  readonly clock: Clock;
  readonly memory: AlertMemory;
  /** What is looked back on. */
  readonly spans: Spans;
  readonly members: () => Iterable<Member>;
  readonly accounts: () => readonly AccountMetrics[];
  readonly gateways: () => readonly GatewayView[];
  /** Undefined where nothing is kept. */
  readonly journal: () => { readonly lease: LeaseView; readonly syncs: HistogramView } | undefined;
  readonly freeBytes: () => number | undefined;
  readonly diskBytes: () => number | undefined;
  /** Price units; undefined where it is off. */
  readonly highSlippage: (strategy: string) => Decimal | undefined;
  /** Share of its starting balance that a position may lose. */
  readonly losingShare: (strategy: string) => Decimal;
  /** Seconds above which a sync is slow. */
  readonly slowSync: () => number;
}

type Samples = readonly (readonly [EpochMs, number])[];

/** As it is stored. */
interface Stored {
  readonly growths: Readonly<Record<string, Samples>>;
  readonly highs: Readonly<Record<string, Samples>>;
  readonly durations: Readonly<Record<string, EpochMs>>;
}

/** The windows of the counters, by what is counted. */
const WINDOW_OF = {
  submitted: 'rejections',
  rejected: 'rejections',
  slippage: 'slippage',
} as const satisfies Record<string, keyof Spans>;
type Counted = keyof typeof WINDOW_OF;
const KEEP_EVERY_MS = 10_000;
const LAST_TRADES = 5;

export class FactsCollector {
  readonly #options: FactsOptions;
  readonly #growths = new Map<string, GrowthWindow>();
  readonly #highs = new Map<string, HighWindow>();
  readonly #durations: Durations;
  /** Not kept: the journal's own writes would be a reason to write again and again. */
  readonly #syncs: HistogramWindow;
  #keptAt: EpochMs;
  #kept = '';

  constructor(options: FactsOptions) {
    this.#options = options;
    this.#keptAt = options.clock.now();
    const stored = options.memory.recall('facts') as Stored | undefined;
    for (const [key, samples] of Object.entries(stored?.growths ?? {}))
      this.#growths.set(key, new GrowthWindow(this.#windowOf(key), samples));
    for (const [key, samples] of Object.entries(stored?.highs ?? {}))
      this.#highs.set(key, new HighWindow(options.spans.high, samples));
    this.#syncs = new HistogramWindow(options.spans.syncs);
    this.#durations = new Durations(stored?.durations);
  }

  /** The facts of now; to be asked for once in each look. */
  look(): Facts {
    const { clock, members, gateways, accounts } = this.#options;
    const at = clock.now();
    const rows = gateways();
    const asked = new Set<string>();
    const strategies = [...members()].map((member) => this.#strategy(member, rows, at, asked));
    const facts: Facts = {
      at,
      strategies,
      gateways: rows.map((row) => gatewayFacts(row, strategies)),
      accounts: accounts().map(({ account, index }) => this.#account(account, index, at)),
      daemon: this.#daemon(at),
    };
    this.#durations.keepOnly(asked);
    this.#forget(new Set(strategies.map(({ strategy }) => strategy)));
    this.#keep(at);
    return facts;
  }

  #strategy(member: Member, gateways: readonly GatewayView[], at: EpochMs, asked: Set<string>): StrategyFacts {
    const { queries, runtime, venue, desired } = member;
    const { highSlippage } = this.#options;
    const name = runtime.name;
    const status = queries.status();
    const { counts, quietMs, inSession, exposure, expectedTradeIntervalMs, account } = queries.metrics();
    const rejected = Object.values(counts.rejected).reduce((sum, count) => sum + count, 0);
    asked.add(`${name}//runs`);
    const runningMs = this.#durations.take(`${name}//runs`, at, desired === 'running');
    const limit = highSlippage(name) ?? null;
    const slipped = this.#growth('slippage', name, counts.highSlippageTrades, at);
    return {
      strategy: name,
      gateway: venue,
      account,
      state: status.state,
      shouldRun: desired === 'running',
      healthy: queries.health().ok,
      causes: status.riskState.causes,
      ...leftOf(runtime, status),
      latched: status.latched ?? null,
      currency: status.currency,
      startingBalance: status.startingBalance,
      balance: status.balance,
      equity: status.equity,
      realized: status.realized,
      unrealized: status.unrealized,
      drawdown: status.riskState.drawdown,
      dailyLoss: status.riskState.dailyLoss,
      exposure,
      headroom: status.riskState.headroom,
      positions: status.positions.map((position) => this.#position(position, status, at, asked)),
      unknownOrders: status.orders.flatMap(({ id, status: its }) => (its === 'unknown' ? [id] : [])),
      mismatches: mismatchesOf(name, gateways),
      stale: status.data.stale,
      inSession,
      dataAgeMs: status.data.ageMs,
      tradesTotal: status.tradesTotal,
      restarts: status.restarts,
      // What was stopped for days has not been silent for days.
      quietMs: Math.min(quietMs, runningMs),
      expectTradesEveryMs: expectedTradeIntervalMs ?? null,
      submitted15m: this.#growth('submitted', name, counts.submitted, at),
      rejected15m: this.#growth('rejected', name, rejected, at),
      highSlippage5m: limit === null ? null : slipped,
      highSlippage: limit,
      lastTrades: status.trades.slice(-LAST_TRADES),
    };
  }

  #position(position: PositionView, status: StatusView, at: EpochMs, asked: Set<string>): PositionFacts {
    const { symbol, qty, markPrice, unrealized, openedAt, stopLoss } = position;
    const { strategy, startingBalance } = status;
    const most = startingBalance.times(this.#options.losingShare(strategy));
    const isLosing = unrealized === null ? null : unrealized.negated().greaterThan(most);
    const time = (what: string, holds: boolean | null): number => {
      const key = `${strategy}/${symbol}/${what}`;
      asked.add(key);
      return this.#durations.take(key, at, holds);
    };
    return {
      symbol,
      qty,
      markPrice,
      unrealized,
      openedAt,
      ...(stopLoss !== undefined && { stopLoss }),
      bareMs: time('bare', stopLoss === undefined),
      losingMs: time('losing', isLosing),
    };
  }

  #account(account: string, index: number | null, at: EpochMs): AccountFacts {
    let high = this.#highs.get(account);
    if (high === undefined) this.#highs.set(account, (high = new HighWindow(this.#options.spans.high)));
    if (index === null) return { account, index: null, high1h: null };
    return { account, index: dec(index), high1h: dec(high.take(at, index)) };
  }

  #daemon(at: EpochMs): DaemonFacts {
    const { journal, freeBytes, diskBytes, slowSync } = this.#options;
    const kept = journal();
    const syncs = kept === undefined ? undefined : this.#syncs.take(at, kept.syncs);
    return {
      journalOk: kept?.lease.ok ?? null,
      journalReason: kept?.lease.reason ?? null,
      syncP99: syncs === undefined ? null : quantileOf(0.99, syncs),
      slowSyncShare: syncs === undefined ? null : slowShare(syncs, slowSync()),
      freeBytes: freeBytes() ?? null,
      diskBytes: diskBytes() ?? null,
    };
  }

  #growth(what: Counted, strategy: string, value: number, at: EpochMs): number {
    const key = `${what}/${strategy}`;
    let window = this.#growths.get(key);
    if (window === undefined) this.#growths.set(key, (window = new GrowthWindow(this.#windowOf(key))));
    return window.take(at, value);
  }

  /** @param key what is counted, and of which strategy */
  #windowOf(key: string): number {
    return this.#options.spans[WINDOW_OF[key.slice(0, key.indexOf('/')) as Counted]];
  }

  /** What was removed is not looked back on. */
  #forget(strategies: ReadonlySet<string>): void {
    for (const key of this.#growths.keys())
      if (!strategies.has(key.slice(key.indexOf('/') + 1))) this.#growths.delete(key);
  }

  #keep(at: EpochMs): void {
    if (at - this.#keptAt < KEEP_EVERY_MS) return;
    this.#keptAt = at;
    const saved = (windows: ReadonlyMap<string, { save(): Samples }>): Record<string, Samples> =>
      Object.fromEntries([...windows].map(([key, window]) => [key, window.save()]));
    const stored: Stored = {
      growths: saved(this.#growths),
      highs: saved(this.#highs),
      durations: this.#durations.save(),
    };
    const text = JSON.stringify(stored);
    if (text === this.#kept) return;
    this.#kept = text;
    void this.#options.memory.keep('facts', stored);
  }
}

function gatewayFacts(row: GatewayView, strategies: readonly StrategyFacts[]): GatewayFacts {
  const { name, state, failingLink, cause, inMaintenance } = row;
  const on = strategies.filter(({ gateway }) => gateway === name).map(({ strategy }) => strategy);
  // Nobody need be called for its being away when it was to be.
  return { gateway: name, state: inMaintenance ? 'offline' : state, failingLink, cause, strategies: on };
}

/** Differences that were not simply taken over. */
function mismatchesOf(strategy: string, gateways: readonly GatewayView[]): readonly string[] {
  return gateways.flatMap(({ differences }) =>
    differences
      .filter((difference) => difference.strategy === strategy && difference.policy !== 'adopt')
      .map(({ symbol, ours, theirs }) => `${symbol}: ours ${ours ?? 'nothing'}, the venue's ${theirs ?? 'nothing'}`),
  );
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Of all values those above the first bound that is not under the limit; null without any. */
function slowShare({ bounds, counts }: Pick<HistogramView, 'bounds' | 'counts'>, seconds: number): number | null {
  const total = sumOf(counts);
  const at = bounds.findIndex((bound) => bound >= seconds);
  return total === 0 ? null : at < 0 ? 0 : sumOf(counts.slice(at + 1)) / total;
}
