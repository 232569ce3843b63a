/**
 * A run of two hours under the virtual clock in which everything goes wrong that the table looks for. What the
 * daemon's parts would show is scripted second by second; the real collector and the real engine look at it
 * each second, and the real pages of metrics are made of it at each scrape.
 */
import { AlertEngine } from '../../src/actors/alerts/alert-engine.ts';
import { NoAlertMemory } from '../../src/actors/alerts/alert-memory.ts';
import { FactsCollector } from '../../src/actors/alerts/facts-collector.ts';
import { AccountIndex } from '../../src/actors/account-index.ts';
import type { Member } from '../../src/actors/fleet-member.ts';
import { evaluate } from '../../src/alerts/evaluate.ts';
import type { Rulebook } from '../../src/alerts/rulebook.ts';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import {
  HTTP_REFUSALS,
  READER_CUTS,
  type DaemonMetrics,
  type StrategyMetrics,
  type StrategyRowMetrics,
  type TradingCounts,
} from '../../src/domain/metrics.ts';
import type { GatewayView, StatusView, StrategyState } from '../../src/domain/views.ts';
import { daemonMetricsText } from '../../src/observe/daemon-metrics.ts';
import { strategyMetricsText } from '../../src/observe/strategy-metrics.ts';
import { ScriptedStrategy } from '../doubles/strategy-port.ts';
import { cause } from './facts.ts';

export const SCRAPE_S = 15;
const LASTS_S = 7200;
const START = 1_700_000_000_000;

const EMPTY = { bounds: [0.1, 1], counts: [0, 0, 0], sum: 0 };
const within = (t: number, from: number, to: number): boolean => t >= from && t < to;

/** What is scripted of one strategy at a second. */
interface Moment {
  readonly account: string;
  readonly state: StrategyState;
  readonly equity: number;
  readonly headroomUsed: number;
  readonly submitted: number;
  readonly rejected: number;
  readonly slipped: number;
  readonly quietS: number;
  readonly expectS?: number;
  readonly stale: boolean;
}

const calm = (t: number): Moment => ({
  account: 'paper',
  state: 'trading',
  equity: 10_000,
  headroomUsed: 0.01,
  submitted: Math.floor(t / 60),
  rejected: 0,
  slipped: 0,
  quietS: t % 60,
  stale: false,
});

/** A drawdown that halts; with it the book loses 6 % within the hour. */
function loser(t: number): Moment {
  const lost = within(t, 600, 3000)
    ? Math.min(2400, (t - 600) * 24)
    : t >= 3000
      ? Math.max(0, 2400 - (t - 3000) * 8)
      : 0;
  const share = lost / 10_000;
  return {
    ...calm(t),
    equity: 10_000 - lost,
    headroomUsed: Math.min(share / 0.2, 1),
    state: within(t, 690, 3400) ? 'halted' : 'trading',
  };
}
const STRATEGIES: Readonly<Record<string, (t: number) => Moment>> = {
  loser,
  silent: (t) => ({ ...calm(t), expectS: 1800, quietS: t < 5000 ? t : t % 60 }),
  /** An order every two seconds for five minutes, each second one rejected. */
  stormed: (t) => {
    const orders = Math.floor(Math.min(300, Math.max(0, t - 1200)) / 2);
    return { ...calm(t), submitted: Math.floor(t / 300) + orders, rejected: Math.floor(orders / 2) };
  },
  slipped: (t) => ({ ...calm(t), slipped: t >= 3600 ? 1 : 0 }),
  /** Its gateway is dead for five minutes. */
  abroad: (t) => ({ ...calm(t), account: 'broker', stale: within(t, 1810, 2103) }),
};

export interface RecordedRun {
  /** Values at each scrape by series; `_` where there was none. */
  readonly series: ReadonlyMap<string, readonly string[]>;
  /** At each scrape: the alerts that fired, as `alertname{label="value"}`. */
  readonly firing: readonly ReadonlySet<string>[];
}

export function record(book: Rulebook): RecordedRun {
  const clock = new VirtualClock(START);
  const t = (): number => (clock.now() - START) / 1000;
  const scene = sceneAt(t, clock);
  const collector = new FactsCollector({
    clock,
    memory: new NoAlertMemory(),
    spans: book.spans,
    members: scene.members,
    accounts: scene.accounts,
    gateways: scene.gateways,
    journal: () => undefined,
    freeBytes: () => 50e9,
    diskBytes: () => 100e9,
    highSlippage: (name) => (name === 'slipped' ? dec('0.001') : undefined),
    losingShare: () => dec('0.02'),
    slowSync: () => 0.1,
  });
  const engine = new AlertEngine({
    clock,
    judge: () => evaluate(collector.look(), book),
    memory: new NoAlertMemory(),
    repeatMs: { P1: 1e9, P2: 1e9, P3: 1e9 },
    evidence: () => ({ trades: [], events: [] }),
    notify: () => undefined,
    record: () => undefined,
    onFault: ({ error }) => {
      throw new Error(error.message);
    },
  });
  const series = new Map<string, string[]>();
  const firing: ReadonlySet<string>[] = [];
  for (let second = 0; second <= LASTS_S; second++) {
    engine.look();
    if (second % SCRAPE_S === 0) {
      const views = engine.views().filter(({ state }) => state === 'firing');
      const active = views.map(({ id, severity, strategy }) => ({ alertname: id, severity, strategy: strategy ?? '' }));
      note(series, firing.length, [...scene.strategyPages(), scene.daemonPage(active)].join('\n'));
      firing.push(new Set(views.map(({ id, target }) => `${id}:${target}`)));
    }
    clock.advanceBy(1000);
  }
  return { series, firing };
}

function sceneAt(t: () => number, clock: VirtualClock) {
  const names = Object.keys(STRATEGIES);
  const status = (name: string): StatusView => statusOf(name, STRATEGIES[name]!(t()));
  const counts = (name: string): TradingCounts => countsOf(STRATEGIES[name]!(t()));
  const metrics = (name: string): StrategyMetrics => {
    const { account, quietS, expectS } = STRATEGIES[name]!(t());
    return {
      strategy: name,
      account,
      status: status(name),
      counts: counts(name),
      exposure: 0,
      quietEvaluations: 0,
      symbols: [],
      heartbeatTs: clock.now(),
      inSession: true,
      quietMs: quietS * 1000,
      ...(expectS !== undefined && { expectedTradeIntervalMs: expectS * 1000 }),
      tickProcessing: EMPTY,
    };
  };
  const index = new AccountIndex({ currency: 'USD', recalled: undefined, save: () => undefined });
  for (const name of names)
    index.join(name, {
      account: STRATEGIES[name]!(0).account,
      equity: () => status(name).equity,
      balance: () => status(name).balance,
    });
  const gateways = (): readonly GatewayView[] =>
    (['paper', 'broker'] as const).map((name) => gatewayOf(name, name === 'broker' && within(t(), 1800, 2100)));
  const rows = (): readonly StrategyRowMetrics[] =>
    names.map((name) => {
      const { account, state, stale } = STRATEGIES[name]!(t());
      return {
        strategy: name,
        definition: name,
        version: 1,
        account,
        venueType: 'paper',
        state,
        desiredRunning: true,
        haltRules: state === 'halted' ? ['maxDrawdown'] : [],
        leases: [
          { name: 'tickLoop', ok: true, ageMs: 1 },
          { name: 'feed:EURUSD', ok: !stale, ageMs: 1 },
        ],
        counts: counts(name),
      };
    });
  return {
    accounts: () => index.accounts(),
    gateways,
    members: (): Iterable<Member> =>
      names.map((name) => {
        const context = { haltLeft: [], stop: null };
        const member = {
          venue: STRATEGIES[name]!(t()).account,
          desired: 'running',
          runtime: { name, actor: { snapshot: () => ({ context }) } },
          queries: { status: () => status(name), metrics: () => metrics(name), health: () => ({ ok: true }) },
        };
        return member as unknown as Member;
      }),
    strategyPages: () => names.map((name) => strategyMetricsText(metrics(name), 'prometheus').text),
    daemonPage: (active: NonNullable<DaemonMetrics['alerts']>['active']) =>
      daemonMetricsText(
        {
          version: '0',
          node: '0',
          process: {},
          healthy: true,
          checks: { journal: true, disk: true },
          strategies: rows(),
          accounts: index.accounts(),
          gateways: gateways(),
          alerts: { active, notifications: [], lastDelivery: {} },
          eventSubscribers: 0,
          logLines: {},
          logDropped: { file: 0, flood: 0 },
          eventLoopDelay: EMPTY,
          stateDirFreeBytes: 50e9,
          http: {
            requests: {},
            refused: Object.fromEntries(HTTP_REFUSALS.map((reason) => [reason, 0])) as Record<
              (typeof HTTP_REFUSALS)[number],
              number
            >,
            cutReaders: Object.fromEntries(READER_CUTS.map((reason) => [reason, 0])) as Record<
              (typeof READER_CUTS)[number],
              number
            >,
            droppedSeries: { strategy: 0, daemon: 0 },
          },
        },
        'prometheus',
      ).text,
  };
}

function statusOf(name: string, moment: Moment): StatusView {
  const { statusView } = new ScriptedStrategy(name);
  const { equity, headroomUsed, state, stale } = moment;
  const used = dec(headroomUsed.toFixed(6));
  return {
    ...statusView,
    state,
    positions: [],
    equity: dec(equity),
    unrealized: dec(equity - 10_000),
    balance: dec(10_000),
    realized: dec(0),
    data: { ...statusView.data, stale: stale ? ['EURUSD'] : [] },
    riskState: {
      ...statusView.riskState,
      halted: state === 'halted',
      causes: state === 'halted' ? [cause()] : [],
      headroom: [
        {
          rule: 'maxDrawdown',
          basis: 'peak',
          limit: dec(1),
          used,
          remaining: dec(1).minus(used),
          remainingMoney: null,
        },
      ],
    },
  };
}

const countsOf = ({ submitted, rejected, slipped }: Moment): TradingCounts => ({
  trades: submitted,
  signals: submitted,
  highSlippageTrades: slipped,
  outcomes: {},
  submitted,
  rejected: { VENUE_REJECTED: rejected },
  slippage: EMPTY,
  improvement: EMPTY,
  latency: { ack: EMPTY, fill: EMPTY },
  restarts: 0,
});

function gatewayOf(name: string, isDown: boolean): GatewayView {
  return {
    name,
    type: 'paper',
    state: isDown ? 'down' : 'ready',
    since: null,
    cause: isDown ? 'it does not answer' : null,
    failingLink: null,
    inMaintenance: false,
    killed: false,
    lastCheck: null,
    lastGood: null,
    lastGoodAgeMs: null,
    probeMs: null,
    serverOffsetMs: null,
    account: null,
    differences: [],
    requests: null,
  };
}

/** Takes in a page; a series that was not there before, or is not any more, has `_` in its place. */
function note(series: Map<string, string[]>, scrape: number, page: string): void {
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const cut = line.lastIndexOf(' ');
    const name = line.slice(0, cut);
    const values = series.get(name) ?? [];
    while (values.length < scrape) values.push('_');
    values.push(line.slice(cut + 1));
    series.set(name, values);
  }
}
