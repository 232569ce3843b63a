/** The answer of `/daemon/gateways`. */
import { Type } from 'typebox';
import { Amount, Count, orNull, Text, Time } from './schema-parts.ts';

const Account = Type.Object(
  {
    login: orNull(Count),
    server: Text,
    currency: Text,
    tradeMode: Text,
    marginMode: Text,
    leverage: orNull(Type.Number()),
    balance: Amount,
    equity: Amount,
    marginLevel: Amount,
    asOf: Time,
  },
  { description: "The venue's account as it was last read." },
);

const Difference = Type.Object({
  id: Text,
  kind: Text,
  strategy: orNull(Text),
  symbol: Text,
  ours: orNull(Text),
  theirs: orNull(Text),
  policy: Text,
  done: Text,
  since: Time,
});

export const Gateways = Type.Array(
  Type.Object({
    name: Text,
    type: Text,
    state: Text,
    since: orNull(Time),
    cause: orNull(Text),
    failingLink: orNull(Text),
    inMaintenance: Type.Boolean(),
    killed: Type.Boolean(),
    lastCheck: orNull(Time),
    lastGood: orNull(Time),
    lastGoodAgeMs: orNull(Type.Number()),
    probeMs: orNull(Type.Number()),
    serverOffsetMs: orNull(Type.Number()),
    account: orNull(Account),
    differences: Type.Array(Difference),
    requests: orNull(Count),
  }),
);
