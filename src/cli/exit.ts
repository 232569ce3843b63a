/** Exit codes, the same for every verb. */
import { asQktError, CATALOGUE, type ErrorCode, type Problem } from '../errors.ts';

export const DONE = 0;
export const REFUSED = 1;
export const USAGE = 2;
export const UNHEALTHY = 4;
const TIMED_OUT = 5;
/** A daemon that ended by a fault of its own. */
export const FAULT = 70;

/** A refusal as the daemon answered it. `text` is the body, byte for byte. */
export class DaemonRefusal extends Error {
  readonly problem: Problem;
  readonly text: string;

  constructor(problem: Problem, text: string) {
    super(problem.detail);
    this.name = 'DaemonRefusal';
    this.problem = problem;
    this.text = text;
  }
}

/** The exit code that the catalogue gives to an error, wherever it was met. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof DaemonRefusal) return exitOfProblem(error.problem);
  return asQktError(error).row.exit;
}

function exitOfProblem({ code, status }: Problem): number {
  if (Object.hasOwn(CATALOGUE, code)) return CATALOGUE[code as ErrorCode].exit;
  return status === 400 ? USAGE : status === 504 ? TIMED_OUT : REFUSED;
}
