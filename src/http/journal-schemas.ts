/** Schemas of the journal's requests and answers. */
import { Type } from 'typebox';
import { EXPORT_FORMATS, EXPORTS } from '../domain/ports.ts';
import { Count, list, orNull, Text, Time } from './schema-parts.ts';
import { closed, Format, oneOf } from './schemas.ts';

export const JOURNAL_LIMIT = 100;
export const JournalReadQuery = closed({
  strategy: Type.Optional(Type.String({ description: 'Only acts on this strategy, or on all.' })),
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only what came after this n; else the newest.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: `${JOURNAL_LIMIT} unless said.` })),
  format: Format,
});
export const ExportQuery = closed({
  format: Type.Optional(oneOf(EXPORT_FORMATS, 'csv unless said.')),
  what: Type.Optional(oneOf(EXPORTS, 'trades unless said.')),
});
export const BackupBody = closed({
  file: Type.String({ minLength: 1, maxLength: 4096, description: 'Absolute path of a file that does not exist.' }),
});

export const OperatorRecords = list({
  n: Count,
  ts: Time,
  by: Text,
  command: Text,
  target: orNull(Text),
  reason: orNull(Text),
  args: Type.Unknown(),
  outcome: Text,
  hash: Text,
});
export const Chain = Type.Object({
  ok: Type.Boolean(),
  records: Count,
  firstBad: Type.Optional(Type.Integer({ description: 'The first record that is changed, missing or out of place.' })),
});
export const BackedUp = Type.Object({ file: Text, bytes: Count });
