/** Schemas of what requests may hold. They validate, and the OpenAPI document is made from them. */
import { Type, type TObject, type TProperties } from '@fastify/type-provider-typebox';

/** An object that takes no member but these: a typo never silently changes a meaning. */
export function closed<P extends TProperties>(properties: P): TObject<P> {
  return Type.Object(properties, { additionalProperties: false });
}

/** One of some words. */
export function oneOf<const W extends readonly string[]>(words: W, description?: string) {
  return Type.Unsafe<W[number]>({ type: 'string', enum: words, ...(description === undefined ? {} : { description }) });
}

export const Format = Type.Optional(oneOf(['json', 'msgpack'], 'Wins over the Accept header.'));
export const FormatQuery = closed({ format: Format });

export const MachineQuery = closed({
  format: Type.Optional(oneOf(['json', 'msgpack', 'mermaid'], 'mermaid draws the chart, active states marked.')),
});

export const LogsQuery = closed({
  lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: '200 unless said.' })),
  since: Type.Optional(Type.String({ description: 'ISO-8601 UTC, as 2026-11-22T07:28:33.123Z.' })),
  level: Type.Optional(oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'This level and above.')),
  format: Type.Optional(oneOf(['text', 'json'])),
  follow: Type.Optional(Type.Boolean({ description: 'Keep the stream open; survives rotation.' })),
});

const Wait = (seconds: number) =>
  Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 60,
      description: `Seconds to wait for the outcome before 202; ${seconds} unless said.`,
    }),
  );

export const STOP_WAIT_S = 5;
export const STOP_TIMEOUT_MS = 30_000;
export const StopQuery = closed({
  flatten: Type.Optional(Type.Boolean({ description: 'Close all positions and verify that none is left.' })),
  timeoutMs: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 3_600_000, description: `${STOP_TIMEOUT_MS} unless said.` }),
  ),
  wait: Wait(STOP_WAIT_S),
  format: Format,
});

/** A deploy has its own deadline, and its caller wants the port. */
export const COMMAND_WAIT_S = 60;
export const CommandQuery = closed({ wait: Wait(COMMAND_WAIT_S), format: Format });

export const NoBody = closed({});

export const DeployBody = closed({
  file: Type.String({ minLength: 1, maxLength: 4096, description: 'Path of the strategy file.' }),
  name: Type.Optional(Type.String({ description: 'The name in the file unless said.' })),
  params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  replace: Type.Optional(
    Type.Boolean({
      description: 'Redeploy a running one; ledger, halts and budgets are kept, a failure changes nothing.',
    }),
  ),
});

export const NameParams = Type.Object({ name: Type.String({ description: 'Name of a deployed strategy.' }) });
export const OperationParams = Type.Object({ id: Type.String() });
export const NamedOperationParams = Type.Object({ name: Type.String(), id: Type.String() });

/** The `security` part of a command's schema. */
export const SECURED = [{ token: [] }];
