/** Schemas of answers, for the OpenAPI document. Money, price and quantity are exact decimals, in msgpack as text. */
import { Type, type TSchema } from 'typebox';
import { LOSS_CAUSES } from '../domain/loss-views.ts';
import { Channels } from './alert-schemas.ts';
import { HaltCauses, Headroom } from './halt-answers.ts';
import { Amount, Count, list, Orders, orNull, State, Text, Time } from './schema-parts.ts';
import { oneOf } from './schemas.ts';

const Leases = list({
  name: Text,
  ageMs: Type.Number(),
  limitMs: Type.Number(),
  ok: Type.Boolean(),
  inSession: Type.Optional(Type.Boolean({ description: 'Of a feed: false while its market is closed.' })),
  reason: Type.Optional(Text),
  freeBytes: Type.Optional(Type.Number()),
});
const Queues = list({
  name: Text,
  depth: Count,
  limit: Count,
  unit: Type.Optional(Text),
  inFlight: Type.Optional(Count),
  conflated: Type.Optional(Count),
  dropped: Type.Optional(Count),
});
const Broken = Type.Optional(Type.Array(Text));

export const Health = Type.Object({
  ok: Type.Boolean(),
  status: State,
  uptimeMs: Type.Number(),
  leases: Leases,
  broken: Broken,
});
export const Ready = Type.Object({ ready: Type.Boolean(), status: State, missing: Type.Array(Text) });

const ErrorAnswer = Type.Object({
  code: Text,
  message: Text,
  file: Type.Optional(Text),
  line: Type.Optional(Count),
  column: Type.Optional(Count),
});
const Loss = oneOf(LOSS_CAUSES);
const Losses = list({
  ts: Time,
  cause: Loss,
  detail: Text,
  error: Type.Optional(ErrorAnswer),
  restartedAt: orNull(Time),
});

const Positions = list({
  symbol: Text,
  venue: Text,
  qty: Amount,
  avgPrice: Amount,
  markPrice: orNull(Amount),
  unrealized: orNull(Amount),
  openedAt: Time,
  stopLoss: Type.Optional(Amount),
  takeProfit: Type.Optional(Amount),
});
const Trades = list({
  id: Text,
  ts: Time,
  symbol: Text,
  side: Text,
  qty: Amount,
  price: Amount,
  signalPrice: orNull(Amount),
  slippage: orNull(Amount),
  commission: Amount,
  realized: Amount,
  reducing: Type.Boolean(),
  orderId: Text,
});
const StackLayers = list({
  stackId: Text,
  layer: Count,
  symbol: Text,
  side: Text,
  triggerPrice: orNull(Amount),
  qty: Amount,
  expiresAt: orNull(Time),
});
const RiskState = Type.Object({
  halted: Type.Boolean(),
  causes: HaltCauses,
  reason: orNull(Text),
  rule: orNull(Text),
  scope: orNull(Text),
  since: orNull(Time),
  by: orNull(Text),
  formula: Type.Optional(Text),
  inputs: Type.Optional(Type.Record(Text, orNull(Amount))),
  measured: Type.Optional(orNull(Amount)),
  limit: Type.Optional(Amount),
  blocked: Type.Optional(Text),
  durable: Type.Optional(Type.Boolean({ description: 'False while the journal cannot be written.' })),
  drawdown: orNull(Amount),
  dailyLoss: orNull(Amount),
  headroom: Headroom,
});

export const Evaluations = Type.Object({
  total: Count,
  noSignal: Count,
  signals: Count,
  orders: Count,
  blocked: Type.Record(Text, Count),
});

export const Status = Type.Object({
  strategy: Text,
  definition: Text,
  version: Count,
  state: State,
  seq: Count,
  asOf: Time,
  startedAt: Time,
  uptimeMs: Type.Number(),
  currency: Text,
  startingBalance: Amount,
  balance: orNull(Amount),
  equity: orNull(Amount),
  realized: orNull(Amount),
  unrealized: orNull(Amount),
  positions: Positions,
  trades: Trades,
  tradesTotal: Count,
  orders: Orders,
  pendingStackLayers: StackLayers,
  riskState: RiskState,
  data: Type.Object({
    lastTickAt: orNull(Time),
    ageMs: orNull(Type.Number()),
    stale: Type.Array(Text),
    droppedTicks: Count,
  }),
  gateway: Type.Object({ name: Text, state: Text, cause: orNull(Text), failingLink: orNull(Text) }),
  isolation: Text,
  evaluations: Evaluations,
  queues: Queues,
  restarts: Count,
  losses: Losses,
  latched: Type.Optional(Text),
  lastError: Type.Optional(ErrorAnswer),
  unknown: Type.Optional(Type.Array(Text)),
});

export const Risk = Type.Object({
  strategy: Text,
  gate: list({
    code: Text,
    sparesReducing: Type.Boolean(),
    cap: Type.Optional(Text),
    value: Type.Optional(Type.Union([Amount, Type.Object({ losses: Count, forMs: Type.Number() }), Type.Null()])),
  }),
  halt: list({
    rule: Text,
    scope: Text,
    basis: Type.Optional(Text),
    formula: Text,
    limit: Amount,
    windowMs: Type.Optional(Type.Number()),
    onBreach: Text,
    autoResume: Type.Optional(Text),
  }),
});
export const Machine = Type.Object({
  machine: Text,
  value: Type.Unknown(),
  tags: Type.Array(Text),
  allowed: Type.Array(Text),
  since: Time,
  inStateMs: Type.Number(),
  events: Type.Array(Text),
  refusals: list({ event: Text, guard: Text, ts: Time }),
  history: list({ event: Text, from: Text, to: Text, ts: Time, loss: Type.Optional(Loss) }),
  losses: Type.Optional(Losses),
  latched: Type.Optional(Text),
});
export const OperationView = Type.Object({
  id: Text,
  command: Text,
  strategy: orNull(Text),
  by: Text,
  startedAt: Time,
  done: Type.Boolean(),
  status: Type.Optional(Count),
  result: Type.Optional(Type.Unknown()),
  problem: Type.Optional(Type.Unknown()),
});
export const Underway = Type.Object({
  operation: Type.String({ description: 'Path that tells progress and result.' }),
});
export const Deployed = Type.Object({ name: Text, port: Count, state: State, version: Count });
export const Removed = Type.Object({ name: Text, removed: Type.Boolean() });
export const ShuttingDown = Type.Object({
  status: Text,
  positions: Type.Optional(
    Type.Array(
      Type.Object({
        strategy: Text,
        symbol: Text,
        qty: Amount,
        stopLoss: orNull(Amount),
        protected: Type.Boolean({ description: 'All of it has a stop that holds without the daemon.' }),
      }),
      { description: 'What stays open; absent where nothing does.' },
    ),
  ),
});

export const DaemonHealth = Type.Object({
  ok: Type.Boolean(),
  status: oneOf(['starting', 'running', 'stopping']),
  uptimeMs: Type.Number(),
  pid: Count,
  version: Text,
  strategies: Type.Record(Text, Count),
  leases: Leases,
  queues: Queues,
  channels: Type.Optional(Channels),
  broken: Broken,
  lastRun: Type.Optional(
    Type.Object({
      pid: Count,
      version: Text,
      startedAt: Text,
      endedAt: orNull(Text),
      ended: oneOf(['stopped', 'crashed', 'killed']),
      detail: Type.Optional(Text),
    }),
  ),
});
export const Reloaded = Type.Object({
  file: Type.Optional(Text),
  applied: Type.Array(Text),
  atNextDeploy: Type.Array(Text),
  needsRestart: Type.Array(Text),
});
export const StrategyRows = list({
  name: Text,
  version: orNull(Count),
  state: State,
  halted: Type.Boolean(),
  port: orNull(Count),
  uptimeMs: Type.Number(),
  equity: orNull(Amount),
  unrealized: orNull(Amount),
  realized: orNull(Amount),
  trades: Count,
  restarts: Count,
  health: Text,
});
export { Gateways } from './gateway-schemas.ts';

const ProblemDocument = Type.Object(
  { type: Text, title: Text, status: Count, detail: Text, code: Text, hint: Text },
  { description: 'RFC 9457, with `allowed`, `candidates` or `field` where useful.' },
);

/** The `response` part of a route's schema: the good answers by status, and a problem for the rest. */
export function answers(good: Readonly<Record<number, TSchema>>): Record<string, unknown> {
  const problem = {
    description: 'Refused or failed.',
    content: { 'application/problem+json': { schema: ProblemDocument } },
  };
  return { ...good, '4xx': problem, '5xx': problem };
}

/** Metrics, in either text format. */
export const MetricsText = {
  description: 'Prometheus text, or OpenMetrics where Accept prefers it.',
  content: {
    'text/plain; version=0.0.4': { schema: Text },
    'application/openmetrics-text; version=1.0.0': { schema: Text },
  },
};

/** An answer that is no JSON object, by its media type. */
export const textAnswer = (type: string) => ({ 200: { description: type, content: { [type]: { schema: Text } } } });
