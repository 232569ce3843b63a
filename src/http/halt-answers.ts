/** Schemas of what halts, resumes and kills answer, for the OpenAPI document. */
import { Type, type TSchema } from 'typebox';
import { Amount, Count, list, Orders, orNull, State, Text, Time } from './schema-parts.ts';
import { oneOf, REBASES } from './schemas.ts';

export const HaltCauses = list({
  causeId: Text,
  rule: Type.String({ description: 'A halt rule, or manual.' }),
  scope: oneOf(['strategy', 'book'], 'Whose resume lifts it.'),
  reason: Text,
  since: Time,
  by: orNull(Text),
  basis: Type.Optional(Text),
  formula: Type.Optional(Text),
  inputs: Type.Optional(Type.Record(Text, orNull(Amount))),
  measured: Type.Optional(orNull(Amount)),
  limit: Type.Optional(Amount),
  onBreach: Type.Optional(oneOf(['hold', 'flatten'])),
  equity: Type.Optional(orNull(Amount)),
  positions: Type.Optional(list({ symbol: Text, qty: Amount })),
  cancelled: Type.Optional(Type.Array(Text, { description: 'Entries and waiting layers that it has cancelled.' })),
  left: Type.Optional(Type.Array(Text, { description: 'Entries that the venue had not given back yet.' })),
  restored: Type.Optional(Type.Boolean({ description: 'Brought back by a start of the daemon.' })),
  durable: Type.Optional(Type.Boolean({ description: 'False when it could not be written to disk.' })),
});

export const Headroom = list({
  rule: Text,
  basis: Type.Optional(Text),
  limit: Amount,
  used: orNull(Amount),
  remaining: orNull(Amount),
  remainingMoney: orNull(Amount),
  breachInMs: Type.Optional(Type.Number({ description: 'Until the limit, at the recent pace.' })),
});

export const Halted = Type.Object({
  state: State,
  halted: Type.Boolean(),
  causes: HaltCauses,
  cancelled: Count,
  left: Type.Array(Text, { description: 'Working entries that would not cancel.' }),
  durable: Type.Boolean(),
});

export const Resumed = Type.Object({ state: State, halted: Type.Boolean(), lifted: HaltCauses, headroom: Headroom });

export const Preview = Type.Object({
  wouldResume: Type.Boolean(),
  wouldTrip: list({ rule: Text, measured: Type.Unknown(), limit: Type.Unknown() }),
  remains: HaltCauses,
  headroom: Headroom,
  workingOrders: Orders,
  unknownOrders: Orders,
  rebase: oneOf(REBASES),
});

export const Stopped = Type.Object({
  state: State,
  flattened: Type.Boolean(),
  openPositions: Count,
  cancelled: Count,
  tookMs: Type.Number(),
  positions: Type.Optional(list({ symbol: Text, qty: Amount, stopLoss: orNull(Amount) })),
  unprotected: Type.Optional(
    Type.Array(Text, { description: 'Symbols of which a part has no stop that holds without the daemon.' }),
  ),
  verified: Type.Boolean(),
  left: Type.Optional(Type.Array(Text)),
});

/** The same for every strategy, by name. */
export const forEachStrategy = (answer: TSchema) => Type.Object({ strategies: Type.Record(Text, answer) });
