/** Schemas of what is asked and answered about the past. */
import { Type } from 'typebox';
import { EQUITY_SPANS } from '../domain/history.ts';
import { Amount, Count, list, orNull, Text, Time } from './schema-parts.ts';
import { closed, Format, oneOf } from './schemas.ts';

export const EquityQuery = closed({
  span: Type.Optional(
    oneOf(
      EQUITY_SPANS,
      '10m: by the second; 1d: by the minute; all: from the journal, after each fill. 10m unless said.',
    ),
  ),
  format: Format,
});
export const PastQuery = closed({
  at: Type.Optional(
    Type.String({ description: 'Right after this `seq`, or at this time (ISO-8601 UTC); now unless said.' }),
  ),
  format: Format,
});
export const CurvesQuery = closed({
  points: Type.Optional(Type.Integer({ minimum: 2, maximum: 600, description: '60 unless said.' })),
  format: Format,
});

const Figures = Type.Array(orNull(Type.Number()));
export const Equity = Type.Object({
  strategy: Text,
  currency: Text,
  startingBalance: Amount,
  span: Text,
  stepMs: orNull(Count),
  ts: Type.Array(Time),
  equity: Figures,
  balance: Figures,
  drawdown: Figures,
  incomplete: Type.Boolean(),
});
export const Curves = Type.Record(Text, Figures);

const Moment = orNull(Type.Object({ seq: Count, ts: Time, type: Text }));
export const Past = Type.Object({
  strategy: Text,
  currency: Text,
  startingBalance: Amount,
  at: Moment,
  state: orNull(Text),
  since: orNull(Time),
  balance: orNull(Amount),
  realized: orNull(Amount),
  unrealized: orNull(Amount),
  equity: orNull(Amount),
  positions: list({ symbol: Text, qty: Amount, avgPrice: orNull(Amount) }),
  orders: list({
    id: Text,
    symbol: Text,
    side: Text,
    type: Text,
    role: Text,
    qty: Amount,
    filledQty: Amount,
    price: Type.Optional(Amount),
    status: Text,
  }),
  tradesTotal: orNull(Count),
  signals: orNull(Count),
  denied: orNull(Count),
  rejected: orNull(Count),
  halted: Type.Boolean(),
  causes: list({ causeId: Text, rule: Text, scope: Text, reason: Text, since: Time, by: orNull(Text) }),
  unknown: Type.Array(Text),
  first: Moment,
  last: Moment,
  previous: Moment,
  next: Moment,
});
