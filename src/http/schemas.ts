/** Schemas of what requests may hold. They validate, and the OpenAPI document is made from them. */
import { Type, type TObject, type TProperties } from 'typebox';

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

export const StatusQuery = closed({
  format: Type.Optional(oneOf(['json', 'msgpack', 'prometheus'], 'prometheus gives the metrics, as /metrics does.')),
});

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

/** Stop, halt, resume and kill: somebody waits to hear that it is safe. */
export const ACT_WAIT_S = 5;
export const STOP_TIMEOUT_MS = 30_000;
const StopTimeout = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 3_600_000, description: `${STOP_TIMEOUT_MS} unless said.` }),
);
export const StopQuery = closed({
  flatten: Type.Optional(Type.Boolean({ description: 'Close all positions and verify that none is left.' })),
  timeoutMs: StopTimeout,
  wait: Wait(ACT_WAIT_S),
  format: Format,
});
export const KillQuery = closed({ timeoutMs: StopTimeout, wait: Wait(ACT_WAIT_S), format: Format });
export const ActQuery = closed({ wait: Wait(ACT_WAIT_S), format: Format });
export const ResumeQuery = closed({
  dryRun: Type.Optional(Type.Boolean({ description: 'Answer what it would come to, and do nothing.' })),
  wait: Wait(ACT_WAIT_S),
  format: Format,
});

/** It is kept for ever and shown everywhere: bounded, on one line, and not blank. */
const Reason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^(?=.*\\S)[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]*$',
  description: '1 to 500 characters, not all blank, no control characters',
});
export const REBASES = ['none', 'peak', 'day'] as const;
const Rebase = Type.Optional(oneOf(REBASES, 'Which reference is taken anew; none unless said.'));
export const HaltBody = closed({ reason: Reason });
/** A preview needs no reason. */
export const ResumeBody = closed({ reason: Type.Optional(Reason), rebase: Rebase });

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
