/** Pieces that the schemas of answers are put together from. */
import { Type, type TProperties, type TSchema } from 'typebox';
import { STRATEGY_STATES } from '../domain/strategy-states.ts';
import { oneOf } from './schemas.ts';

export const Text = Type.String();
export const Time = Type.String({ description: 'ISO-8601 UTC with milliseconds.' });
export const Count = Type.Integer();
export const Amount = Type.Number({ description: 'Exact decimal.' });
export const State = oneOf(STRATEGY_STATES);
export const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()]);
export const list = (properties: TProperties) => Type.Array(Type.Object(properties));

export const Orders = list({
  id: Text,
  symbol: Text,
  side: Text,
  type: Text,
  role: Text,
  qty: Amount,
  filledQty: Amount,
  price: Type.Optional(Amount),
  trail: Type.Optional(Amount),
  tif: Text,
  expiresAt: Type.Optional(Time),
  status: Text,
  parentId: Type.Optional(Text),
  stackId: Type.Optional(Text),
  tag: Type.Optional(Text),
  createdAt: Time,
});
