/** Schemas of the requests and answers about alerts, silences and channels. */
import { Type } from 'typebox';
import { SEVERITIES } from '../domain/alerts.ts';
import { Amount, Count, list, orNull, Text, Time } from './schema-parts.ts';
import { closed, Format, oneOf } from './schemas.ts';

/** A year: a silence always has an end that somebody lives to see. */
const LONGEST_SILENCE_MS = 365 * 86_400_000;
export const HISTORY_LIMIT = 100;

const Severity = oneOf(SEVERITIES);
/** Kept and shown: bounded, on one line, and not blank. */
const Line = Type.String({ minLength: 1, maxLength: 500, pattern: '^(?=.*\\S)[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]*$' });

export const AlertsQuery = closed({
  strategy: Type.Optional(Type.String({ description: 'Only those of this strategy.' })),
  format: Format,
});
export const HistoryQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: `${HISTORY_LIMIT} unless said.` })),
  format: Format,
});
export const AlertParams = Type.Object({
  id: Type.String({ description: 'Of a rule, or the key of one alert: strategy_halted:ema-cross.' }),
});
export const SilenceParams = Type.Object({ id: Type.String() });
export const AckBody = closed({ comment: Type.Optional(Line) });
export const SilenceBody = closed({
  alert: Type.Optional(Type.String({ description: 'Id of a rule.' })),
  strategy: Type.Optional(Type.String()),
  severity: Type.Optional(Severity),
  forMs: Type.Integer({ minimum: 1000, maximum: LONGEST_SILENCE_MS, description: 'It ends by itself then.' }),
  reason: Line,
  p1: Type.Optional(Type.Boolean({ description: 'Keeps P1 alerts quiet as well; without it none is.' })),
});
export const TestBody = closed({ channel: Type.String({ minLength: 1, maxLength: 64 }) });

const Figure = orNull(Type.Union([Amount, Text, Type.Boolean()]));

export const AlertRows = list({
  id: Text,
  key: Text,
  severity: Severity,
  state: oneOf(['pending', 'firing', 'resolved']),
  strategy: orNull(Text),
  target: Text,
  summary: Text,
  since: Time,
  firingSince: orNull(Time),
  resolvedAt: orNull(Time),
  measured: Figure,
  limit: Figure,
  inputs: Type.Record(Text, Type.Union([Figure, Type.Array(Text)])),
  trades: Type.Array(Type.Unknown()),
  events: Type.Array(Type.Unknown()),
  runbook: Text,
  command: Text,
  acknowledged: orNull(Type.Object({ by: Text, at: Time, comment: orNull(Text) })),
  silencedBy: orNull(Text),
  inhibitedBy: orNull(Text),
  notifiedAt: orNull(Time),
});
export const AlertChanges = list({
  ts: Time,
  id: Text,
  key: Text,
  severity: Severity,
  strategy: orNull(Text),
  target: Text,
  from: Text,
  to: Text,
  summary: Text,
  measured: Figure,
  limit: Figure,
});
export const Silence = Type.Object({
  id: Text,
  alert: Type.Optional(Text),
  strategy: Type.Optional(Text),
  severity: Type.Optional(Severity),
  p1: Type.Boolean(),
  reason: Text,
  by: Text,
  createdAt: Time,
  endsAt: Time,
});
export const Channels = list({
  name: Text,
  type: Text,
  state: oneOf(['ready', 'sending', 'waiting', 'limited', 'closed']),
  delivered: Count,
  failed: Count,
  dropped: Count,
  lastProven: orNull(Time),
  lastError: orNull(Text),
});
export const Tested = Type.Object({
  channel: Text,
  delivered: Type.Boolean(),
  tookMs: Type.Number(),
  error: orNull(Text),
});
