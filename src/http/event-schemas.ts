/** The published schema of every event, as JSON has them: one closed shape a type. Compared with the types by the compiler. */
import { Type, type TSchema } from '@fastify/type-provider-typebox';
import { DIFFERENCE_KINDS, RECONCILE_POLICIES } from '../domain/differences.ts';
import { EVENT_TYPES, TRADING_EVENT_TYPES, type EventBody, type EventType } from '../domain/events.ts';
import { Amount, orNull, Text } from './schema-parts.ts';
import { closed, oneOf } from './schemas.ts';

/** Grows when a member goes away or means something else; a new member or type does not change it. */
const VERSION = 1;

type Members<T extends EventBody['type']> = Record<Exclude<keyof Extract<EventBody, { type: T }>, 'type'>, TSchema>;
type Bodies = { readonly [T in EventBody['type']]: Members<T> };

const Id = Type.String({ minLength: 1 });
const Price = Type.Number();
const Flag = Type.Boolean();
/** As answers have it, with its form spelled out. */
const ExactTime = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
  description: 'ISO-8601 UTC with milliseconds.',
});
const numberOf = (description: string) => Type.Integer({ minimum: 1, description });
const SideOf = oneOf(['BUY', 'SELL']);
const maybe = Type.Optional;

const ORDER_IDS = { signalId: maybe(Id), orderId: Id };
const QUOTED = { symbol: Id, side: SideOf, qty: Amount };

/** Where book and venue differ, or agree again. */
const DIFFERENCE = {
  kind: oneOf(DIFFERENCE_KINDS),
  symbol: Id,
  ours: orNull(Text),
  theirs: orNull(Text),
  policy: oneOf(RECONCILE_POLICIES),
  done: Text,
  settled: Flag,
};

const BODIES: Bodies = {
  tick: { symbol: Id, bid: Price, ask: Price },
  bar: {
    symbol: Id,
    lengthMs: Type.Integer({ minimum: 1 }),
    start: ExactTime,
    end: ExactTime,
    open: Price,
    high: Price,
    low: Price,
    close: Price,
    ticks: Type.Integer({ minimum: 0 }),
  },
  signal: {
    signalId: Id,
    symbol: Id,
    action: oneOf(['buy', 'sell', 'close']),
    qty: orNull(Amount),
    tag: maybe(Text),
  },
  order: {
    ...ORDER_IDS,
    ...QUOTED,
    parentId: maybe(Id),
    stackId: maybe(Id),
    layer: maybe(Type.Integer({ minimum: 1 })),
    role: oneOf(['entry', 'stopLoss', 'takeProfit', 'close', 'flatten', 'stackLayer']),
    status: oneOf([
      'created',
      'submitted',
      'working',
      'partiallyFilled',
      'filled',
      'cancelled',
      'denied',
      'rejected',
      'expired',
      'unknown',
    ]),
    orderType: oneOf(['market', 'limit', 'stop', 'trailingStop']),
    filledQty: Amount,
    price: maybe(Amount),
    tag: maybe(Text),
    resolvedBy: maybe(Text),
    cause: maybe(oneOf(['hand', 'stopLoss', 'takeProfit', 'stopOut', 'late', 'pair', 'adopted'])),
  },
  fill: { ...ORDER_IDS, ...QUOTED, fillId: Id, price: Amount, commission: Amount, realized: Amount, reducing: Flag },
  rejection: {
    ...ORDER_IDS,
    ...QUOTED,
    status: oneOf(['denied', 'rejected']),
    code: Id,
    reason: Text,
    resolvedBy: maybe(Text),
  },
  cancel: { orderId: Id, symbol: Id, status: oneOf(['cancelled', 'expired']), reason: Text },
  position: { symbol: Id, qty: Amount, avgPrice: orNull(Amount), fillId: orNull(Id), swap: maybe(Amount) },
  halt: {
    causeId: maybe(Id),
    rule: Id,
    scope: Id,
    reason: Text,
    by: orNull(Text),
    measured: maybe(orNull(Amount)),
    limit: maybe(Amount),
    restored: maybe(Flag),
  },
  resume: { reason: Text, by: Text, lifted: maybe(Type.Array(Id)) },
  lifecycle: { from: Text, to: Text, cause: Text, loss: maybe(Text), detail: maybe(Text) },
  lease: { lease: Id, ok: Flag },
  gateway: {
    gateway: Id,
    from: Text,
    to: Text,
    cause: Text,
    link: maybe(Text),
    difference: maybe(closed(DIFFERENCE)),
  },
  alert: { id: Id, severity: oneOf(['P1', 'P2', 'P3']), state: Text },
};

function shapeOf(type: EventType): TSchema {
  if (type === 'gap')
    return Type.Object(
      {
        type: Type.Literal('gap'),
        from: numberOf('First number that is not delivered.'),
        to: numberOf('Last number that is not delivered.'),
        strategy: maybe(Type.String({ description: 'Whose numbers they are, in the stream of the daemon.' })),
      },
      { title: 'gap', additionalProperties: false },
    );
  const head = {
    seq: numberOf('Place among the events of its strategy.'),
    ...(TRADING_EVENT_TYPES.has(type) && { journalSeq: numberOf('Place among its trading events, without a gap.') }),
    ts: ExactTime,
    type: Type.Literal(type),
    strategy: Type.String({ minLength: 1 }),
  };
  return Type.Object({ ...head, ...BODIES[type] }, { title: type, additionalProperties: false });
}

/** A JSON Schema (draft 7) that every line of `/events` and `/daemon/events` is valid against. */
export const EVENT_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: `urn:qkt:events:${VERSION}`,
  title: `Events of qkt, version ${VERSION}`,
  description: 'A line of /events or /daemon/events. In msgpack decimals are text.',
  oneOf: EVENT_TYPES.map(shapeOf),
} as const;

/** Answers of the routes about consumers. */
export const acknowledgedOf = (cursor: TSchema) => closed({ consumer: Text, seq: cursor, at: ExactTime });
