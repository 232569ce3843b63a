/**
 * The shape of `qkt.config.yaml`: what a file may say. Everything is optional, because the embedded
 * defaults stand below it. `expect` says in words what a value must be; error messages quote it.
 */
import { Type, type Static } from 'typebox';
import { AlertChangesSchema, AlertsSchema } from './alert-schema.ts';
import { Mt5VenueSchema } from './mt5-venue.ts';
import {
  count,
  decimal,
  duration,
  integer,
  list,
  money,
  NAME,
  NAME_WORDS,
  named,
  positive,
  section,
  share,
  SYMBOL,
  taggedBy,
  text,
  words,
} from './schema-parts.ts';

const paperVenue = section({
  type: Type.Literal('paper'),
  feed: Type.Optional(words('synthetic', 'replay')),
  seed: Type.Optional(integer(0, Number.MAX_SAFE_INTEGER)),
  file: Type.Optional(text('the path of a CSV file')),
  speed: Type.Optional(decimal('a number greater than 0, or max', { above: 0, or: 'max' })),
  symbol: Type.Optional(text('a symbol')),
  latencyMs: Type.Optional(Type.Number({ minimum: 0, maximum: 600_000, expect: 'milliseconds from 0 to 600000' })),
  slippagePoints: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, expect: 'points from 0 to 1000000' })),
  rejectionRate: Type.Optional(share()),
  partialFillRate: Type.Optional(share()),
  commissionPerLot: Type.Optional(decimal('an amount, 0 or more', { atLeast: 0 })),
});

const instrument = section({
  contractSize: Type.Optional(positive()),
  tickSize: Type.Optional(positive()),
  volumeMin: Type.Optional(positive()),
  volumeStep: Type.Optional(positive()),
  volumeMax: Type.Optional(positive()),
  base: Type.Optional(text('a currency or asset')),
  quote: Type.Optional(text('a currency')),
  session: Type.Optional(text('the name of a session, or 24x7')),
  spread: Type.Optional(decimal('a price distance, 0 or more', { atLeast: 0 })),
  swapLong: Type.Optional(decimal('points a night, negative is a cost')),
  swapShort: Type.Optional(decimal('points a night, negative is a cost')),
});

const gate = section({
  maxOrderQty: Type.Optional(positive()),
  maxOrderNotional: Type.Optional(money()),
  priceCollar: Type.Optional(decimal('a ratio greater than 0', { above: 0 })),
  maxPosition: Type.Optional(positive()),
  maxOpenPositions: Type.Optional(count()),
  maxTradesPerDay: Type.Optional(count()),
  marginFloor: Type.Optional(decimal('a margin level, 0 or more', { atLeast: 0 })),
  cooldown: Type.Optional(section({ losses: count(), for: duration() })),
});

const onBreach = { onBreach: Type.Optional(words('hold', 'flatten')) };
const daily = { ...onBreach, autoResume: Type.Optional(words('nextDay')) };
const ratio = () => decimal('a ratio greater than 0, at most 1', { above: 0, atMost: 1 });
const countRule = <const T extends string>(rule: T) =>
  section({ rule: Type.Literal(rule), limit: count(), window: Type.Optional(duration()), ...onBreach });

const maxDrawdown = section({
  rule: Type.Literal('maxDrawdown'),
  basis: words('peak', 'start'),
  limit: ratio(),
  ...onBreach,
});
const maxDailyLoss = section({
  rule: Type.Literal('maxDailyLoss'),
  basis: Type.Optional(words('equity', 'balance')),
  limit: money(),
  realizedOnly: Type.Optional(Type.Boolean({ expect: 'true or false' })),
  ...daily,
});
const maxDailyDrawdown = section({
  rule: Type.Literal('maxDailyDrawdown'),
  basis: Type.Optional(words('equity', 'balance')),
  limit: ratio(),
  ...daily,
});

const haltRule = taggedBy(
  'rule',
  maxDrawdown,
  maxDailyLoss,
  maxDailyDrawdown,
  countRule('maxLosingStreak'),
  countRule('maxRejections'),
  countRule('maxClosesPerWindow'),
);
const bookRule = taggedBy('rule', maxDrawdown, maxDailyLoss);

export const ConfigSchema = section({
  account: Type.Optional(
    section({ currency: Type.Optional(text('a currency')), startingBalance: Type.Optional(money()) }),
  ),
  defaultVenue: Type.Optional(text('the name of a venue')),
  venues: Type.Optional(named(NAME, NAME_WORDS, taggedBy('type', paperVenue, Mt5VenueSchema))),
  instruments: Type.Optional(named(SYMBOL, 'a symbol', instrument)),
  rates: Type.Optional(named('^[A-Z0-9]{6,12}$', 'a pair of currencies such as JPYUSD', positive())),
  risk: Type.Optional(
    section({
      dayRollover: Type.Optional(text('a time and a zone such as "17:00 America/New_York"', 'rollover')),
      gate: Type.Optional(gate),
      halt: Type.Optional(list(haltRule)),
      book: Type.Optional(list(bookRule)),
      strategies: Type.Optional(
        named(NAME, NAME_WORDS, section({ gate: Type.Optional(gate), halt: Type.Optional(list(haltRule)) })),
      ),
    }),
  ),
  sessions: Type.Optional(
    named(
      NAME,
      NAME_WORDS,
      section({
        zone: Type.Optional(text('a time zone such as America/New_York', 'zone')),
        open: Type.Optional(text('a time such as 09:30, or "Sun 17:00"', 'sessionTime')),
        close: Type.Optional(text('a time such as 16:00, or "Fri 17:00"', 'sessionTime')),
        holidays: Type.Optional(list(text('a date such as 2026-12-25', 'day'))),
      }),
    ),
  ),
  strategies: Type.Optional(
    named(
      NAME,
      NAME_WORDS,
      section({
        params: Type.Optional(
          Type.Unsafe<Record<string, number | string | boolean>>({
            type: 'object',
            additionalProperties: { type: ['number', 'string', 'boolean'], expect: 'a number, text, true or false' },
            expect: 'a map of parameters',
          }),
        ),
        expectTradesEvery: Type.Optional(duration()),
        highSlippage: Type.Optional(positive()),
        alerts: Type.Optional(AlertChangesSchema),
      }),
    ),
  ),
  http: Type.Optional(
    section({
      portPool: Type.Optional(text('a range of ports such as 47000-47100', 'portRange')),
      controlPort: Type.Optional(integer(0, 65_535)),
      bind: Type.Optional(text('an address such as 127.0.0.1')),
      allowedHosts: Type.Optional(list(text('a host name'))),
    }),
  ),
  logging: Type.Optional(
    section({
      level: Type.Optional(words('trace', 'debug', 'info', 'warn', 'error')),
      format: Type.Optional(words('text', 'json')),
      maxFileMB: Type.Optional(positiveNumber()),
      keepDays: Type.Optional(integer(1, 3650)),
      totalMB: Type.Optional(positiveNumber()),
    }),
  ),
  alerts: Type.Optional(AlertsSchema),
});

function positiveNumber() {
  return Type.Number({ exclusiveMinimum: 0, maximum: 1e9, expect: 'megabytes, greater than 0' });
}

/** One layer of configuration as written: a file's, or what flags add. */
export type RawConfig = Static<typeof ConfigSchema>;
