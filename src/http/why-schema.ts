/** The schema of `/why`: what evaluations came to, and what an entry would come to now. */
import { Type } from 'typebox';
import { Evaluations } from './answer-schemas.ts';
import { Amount, Count, list, orNull, State, Text, Time } from './schema-parts.ts';

const FIGURES = { measured: Type.Optional(Amount), limit: Type.Optional(Amount) };

export const Why = Type.Object({
  strategy: Text,
  state: State,
  asOf: Time,
  now: list({
    symbol: Text,
    side: Text,
    passes: Type.Boolean(),
    code: Type.Optional(Text),
    reason: Type.Optional(Text),
    ...FIGURES,
  }),
  evaluations: Evaluations,
  outcomes: list({
    outcome: Type.String({ description: '`noSignal`, `order`, or the code of the gate that stopped it.' }),
    count: Count,
    last: orNull(
      Type.Object({
        ts: Time,
        on: Text,
        symbol: Type.Optional(Text),
        orderId: Type.Optional(Text),
        side: Type.Optional(Text),
        type: Type.Optional(Text),
        qty: Type.Optional(Amount),
        reason: Type.Optional(Text),
        ...FIGURES,
      }),
    ),
  }),
  rejected: Type.Record(Text, Count),
});
