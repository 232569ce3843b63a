/** Facts of a day on which all is well, and changes of them. */
import type {
  AccountFacts,
  DaemonFacts,
  Facts,
  GatewayFacts,
  PositionFacts,
  StrategyFacts,
} from '../../src/alerts/facts.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { HaltCauseView } from '../../src/domain/risk-views.ts';
import type { TradeView } from '../../src/domain/trading-views.ts';

export const strategyFacts = (changes: Partial<StrategyFacts> = {}): StrategyFacts => ({
  strategy: 'ema-cross',
  gateway: 'paper',
  account: 'paper',
  state: 'trading',
  shouldRun: true,
  healthy: true,
  causes: [],
  haltLeft: [],
  flattenLeft: null,
  latched: null,
  currency: 'USD',
  startingBalance: dec(10_000),
  balance: dec(10_000),
  equity: dec(10_000),
  realized: dec(0),
  unrealized: dec(0),
  drawdown: dec(0),
  dailyLoss: dec(0),
  exposure: 0,
  headroom: [],
  positions: [],
  unknownOrders: [],
  mismatches: [],
  stale: [],
  inSession: true,
  dataAgeMs: 100,
  tradesTotal: 3,
  restarts: 0,
  quietMs: 0,
  expectTradesEveryMs: null,
  submitted15m: 0,
  rejected15m: 0,
  highSlippage5m: null,
  highSlippage: null,
  lastTrades: [],
  ...changes,
});

export const gatewayFacts = (changes: Partial<GatewayFacts> = {}): GatewayFacts => ({
  gateway: 'paper',
  state: 'ready',
  failingLink: null,
  cause: null,
  strategies: ['ema-cross'],
  ...changes,
});

export const accountFacts = (changes: Partial<AccountFacts> = {}): AccountFacts => ({
  account: 'paper',
  index: dec(1),
  high1h: dec(1),
  ...changes,
});

export const daemonFacts = (changes: Partial<DaemonFacts> = {}): DaemonFacts => ({
  journalOk: true,
  journalReason: null,
  syncP99: 0.004,
  slowSyncShare: 0,
  freeBytes: 100e9,
  diskBytes: 200e9,
  ...changes,
});

export const facts = (changes: Partial<Facts> = {}): Facts => ({
  at: 0,
  strategies: [strategyFacts()],
  gateways: [gatewayFacts()],
  accounts: [accountFacts()],
  daemon: daemonFacts(),
  ...changes,
});

export const cause = (changes: Partial<HaltCauseView> = {}): HaltCauseView => ({
  causeId: 'ema-cross-h1',
  rule: 'maxDrawdown',
  scope: 'strategy',
  reason: 'drawdown 0.06 is over 0.05',
  since: '2026-11-22T07:28:33.123Z',
  by: null,
  ...changes,
});

export const position = (changes: Partial<PositionFacts> = {}): PositionFacts => ({
  symbol: 'EURUSD',
  qty: dec(1),
  markPrice: dec('1.1'),
  unrealized: dec(0),
  stopLoss: dec('1.09'),
  openedAt: '2026-11-22T07:28:33.123Z',
  bareMs: 0,
  losingMs: 0,
  ...changes,
});

export const trade = (changes: Partial<TradeView> = {}): TradeView => ({
  id: 'f1',
  ts: '2026-11-22T07:28:33.123Z',
  symbol: 'EURUSD',
  side: 'BUY',
  qty: dec(1),
  price: dec('1.1'),
  signalPrice: dec('1.1'),
  slippage: dec(0),
  commission: dec(0),
  realized: dec(0),
  reducing: false,
  orderId: 'o1',
  ...changes,
});
