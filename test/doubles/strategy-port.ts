/** A strategy as HTTP sees it, whose answers a test sets. */
import { dec } from '../../src/domain/decimal.ts';
import type { EquityView, StoredTransition } from '../../src/domain/history.ts';
import type { OverviewRow } from '../../src/domain/overview.ts';
import type {
  HaltRequest,
  HaltResult,
  Rebase,
  ResumePreview,
  ResumeRequest,
  ResumeResult,
  StopRequest,
  StopResult,
  StrategyPort,
} from '../../src/domain/ports.ts';
import type { HealthView, ReadyView } from '../../src/domain/health-views.ts';
import type { MachineView } from '../../src/domain/machine-views.ts';
import type { RiskView } from '../../src/domain/risk-views.ts';
import type { StatusView } from '../../src/domain/status-views.ts';
import type { StrategyMetrics } from '../../src/domain/metrics.ts';
import type { WhyView } from '../../src/domain/why.ts';
import { MemoryEvents } from './memory-events.ts';
import { MemoryLogs } from './memory-logs.ts';
import { strategyMetrics } from './metrics.ts';

const AT = '2026-11-22T07:28:33.123Z';

export const STOPPED: StopResult = {
  state: 'stopped',
  flattened: true,
  openPositions: 0,
  cancelled: 2,
  tookMs: 41,
  verified: true,
};

export const HALTED: HaltResult = { state: 'halted', halted: true, causes: [], cancelled: 1, left: [], durable: true };
export const PREVIEW: ResumePreview = {
  wouldResume: true,
  wouldTrip: [],
  remains: [],
  headroom: [],
  workingOrders: [],
  unknownOrders: [],
  rebase: 'none',
};
export const RESUMED: ResumeResult = { state: 'trading', halted: false, lifted: [], headroom: [] };

export class ScriptedStrategy implements StrategyPort {
  readonly name: string;
  readonly events: MemoryEvents;
  readonly logs = new MemoryLogs();
  /** Every command that came through. */
  readonly stops: StopRequest[] = [];
  healthView: HealthView = {
    ok: true,
    status: 'trading',
    uptimeMs: 812_345,
    leases: [
      { name: 'tickLoop', ageMs: 120, limitMs: 1500, ok: true },
      { name: 'feed:EURUSD', ageMs: 340, limitMs: 10_000, ok: true, inSession: true },
    ],
  };
  readyView: ReadyView = { ready: true, status: 'trading', missing: [] };
  statusView: StatusView;
  readonly halts: HaltRequest[] = [];
  readonly resumes: ResumeRequest[] = [];
  preview: ResumePreview = PREVIEW;
  onHalt: (request: HaltRequest) => Promise<HaltResult> = () => Promise.resolve(HALTED);
  onResume: (request: ResumeRequest) => Promise<ResumeResult> = () => Promise.resolve(RESUMED);
  onStop: (request: StopRequest) => Promise<StopResult> = () => Promise.resolve(STOPPED);

  constructor(name = 'ema-cross', capacity = 1000) {
    this.name = name;
    this.events = new MemoryEvents(capacity);
    this.statusView = statusOf(name);
  }

  halt(request: HaltRequest): Promise<HaltResult> {
    this.halts.push(request);
    return this.onHalt(request);
  }
  previewResume(rebase: Rebase): ResumePreview {
    return { ...this.preview, rebase };
  }
  resume(request: ResumeRequest): Promise<ResumeResult> {
    this.resumes.push(request);
    return this.onResume(request);
  }
  port(): number | null {
    return 47_000;
  }
  health(): HealthView {
    return this.healthView;
  }
  ready(): ReadyView {
    return this.readyView;
  }
  status(): StatusView {
    return this.statusView;
  }
  overview(): OverviewRow {
    const { statusView: status, name } = this;
    const { state, currency, equity, unrealized, gateway, riskState: risk } = status;
    return {
      name,
      state,
      health: this.healthView.ok ? 'ok' : 'unhealthy',
      halted: risk.halted,
      haltRule: risk.rule,
      haltReason: risk.reason,
      haltScope: risk.scope,
      bookHalted: risk.causes.some(({ scope }) => scope === 'book'),
      currency,
      equity,
      unrealized,
      headroom: risk.headroom,
      positions: status.positions.length,
      orders: status.orders.length,
      trades: status.tradesTotal,
      gateway,
      stale: status.data.stale,
    };
  }
  machine(): MachineView {
    return {
      machine: 'strategy',
      value: { running: 'trading' },
      tags: ['live'],
      allowed: ['HALT', 'STOP'],
      since: AT,
      inStateMs: 4000,
      events: ['HALT', 'STOP', 'launch done'],
      refusals: [{ event: 'RESUME', guard: 'liftsAll', ts: AT }],
      history: [{ event: 'WARM', from: 'warming', to: 'trading', ts: AT }],
    };
  }
  equity(span: '10m' | '1d'): EquityView {
    const { currency, startingBalance } = this.statusView;
    const columns = { ts: [AT], equity: [9997.6], balance: [10_000], drawdown: [0.00024] };
    const stepMs = span === '10m' ? 1000 : 60_000;
    return { strategy: this.name, currency, startingBalance, span, stepMs, ...columns, incomplete: false };
  }
  recentEquity(): readonly (number | null)[] {
    return [null, 9997.6];
  }
  transitions(): readonly StoredTransition[] {
    return [];
  }
  metrics(): StrategyMetrics {
    return strategyMetrics(this.statusView);
  }
  why(): WhyView {
    const { evaluations, asOf, state } = this.statusView;
    const reason = 'position would be 20000, over the cap of 15000';
    const figures = { measured: dec(20_000), limit: dec(15_000) };
    const order = { on: 'bar', symbol: 'EURUSD', side: 'BUY', type: 'market', qty: dec(10_000) } as const;
    return {
      strategy: this.name,
      state,
      asOf,
      now: [{ symbol: 'EURUSD', side: 'BUY', passes: false, code: 'MAX_POSITION', reason, ...figures }],
      evaluations,
      outcomes: [
        { outcome: 'noSignal', count: evaluations.noSignal, last: { ts: AT, on: 'bar' } },
        { outcome: 'order', count: evaluations.orders, last: { ts: AT, orderId: 'ema-cross-1-3', ...order } },
        {
          outcome: 'MAX_POSITION',
          count: 1,
          last: { ts: AT, orderId: 'ema-cross-1-4', ...order, reason, ...figures },
        },
      ],
      rejected: { VOLUME: 2 },
    };
  }
  risk(): RiskView {
    return {
      strategy: this.name,
      gate: [
        { code: 'HALTED', sparesReducing: true },
        { code: 'GATEWAY_DOWN', sparesReducing: false },
        { code: 'COOLDOWN', sparesReducing: true, cap: 'cooldown', value: { losses: 3, forMs: 900_000 } },
        { code: 'MAX_ORDER_QTY', sparesReducing: true, cap: 'maxOrderQty', value: dec('0.30') },
        { code: 'MAX_POSITION', sparesReducing: true, cap: 'maxPosition', value: null },
      ],
      halt: [
        {
          rule: 'maxDailyLoss',
          scope: 'strategy',
          basis: 'equity',
          formula: 'dayStartEquity − equity > limit',
          limit: dec(300),
          onBreach: 'flatten',
          autoResume: 'nextDay',
        },
        {
          rule: 'maxRejections',
          scope: 'strategy',
          formula: 'rejections within 60000 ms ≥ limit',
          limit: dec(5),
          windowMs: 60_000,
          onBreach: 'hold',
        },
      ],
    };
  }
  machineMermaid(): string {
    return 'stateDiagram-v2\n  [*] --> trading\n';
  }
  stop(request: StopRequest): Promise<StopResult> {
    this.stops.push(request);
    return this.onStop(request);
  }
}

function statusOf(strategy: string): StatusView {
  return {
    strategy,
    definition: 'ema-cross',
    version: 1,
    state: 'trading',
    seq: 48_211,
    asOf: AT,
    startedAt: AT,
    uptimeMs: 812_345,
    currency: 'USD',
    startingBalance: dec(10_000),
    balance: dec(10_000),
    equity: dec('9997.6'),
    realized: dec(0),
    unrealized: dec('-2.4'),
    positions: Object.freeze([
      {
        symbol: 'EURUSD',
        venue: 'paper',
        qty: dec(10_000),
        avgPrice: dec('1.0973'),
        markPrice: dec('1.09706'),
        unrealized: dec('-2.4'),
        openedAt: AT,
        stopLoss: dec('1.095'),
      },
    ]),
    trades: [],
    tradesTotal: 1,
    orders: [],
    pendingStackLayers: [],
    riskState: {
      halted: false,
      causes: [],
      reason: null,
      rule: null,
      scope: null,
      since: null,
      by: null,
      drawdown: dec('0.00024'),
      dailyLoss: dec('2.4'),
      headroom: [
        {
          rule: 'maxDrawdown',
          basis: 'peak',
          limit: dec('0.05'),
          used: dec('0.00024'),
          remaining: dec('0.04976'),
          remainingMoney: dec('497.6'),
        },
      ],
    },
    data: { lastTickAt: AT, ageMs: 340, stale: [], droppedTicks: 0 },
    gateway: { name: 'paper', state: 'ready', cause: null, failingLink: null },
    isolation: 'worker',
    evaluations: { total: 812, noSignal: 808, signals: 4, orders: 3, blocked: { MAX_POSITION: 1 } },
    queues: [{ name: 'inbox', depth: 0, limit: 4096, conflated: 3 }],
    restarts: 0,
    losses: [],
  };
}
