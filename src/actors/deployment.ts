/** The code that a strategy runs: it changes with a redeploy, the book does not. */
import { QktError } from '../errors.ts';
import type { CompiledStrategy } from '../worker/compile.ts';
import type { GuestFailure } from '../worker/guest-failure.ts';
import type { ParamValue } from '../worker/params.ts';
import type { WireDefinition } from '../worker/protocol.ts';

export interface Deployment {
  readonly compiled: CompiledStrategy;
  readonly definition: WireDefinition;
  readonly params: Readonly<Record<string, ParamValue>>;
}

/** A failure of the author's code with the author's file, line and column. */
export function located(failure: GuestFailure, compiled: CompiledStrategy): QktError {
  const { message, location } = compiled.mapError(failure.wire);
  return new QktError(failure.code, message, { location, cause: failure });
}
