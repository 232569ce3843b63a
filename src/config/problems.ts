/** Everything wrong with a configuration file, gathered before it is refused. */
import { closest, distance } from 'fastest-levenshtein';
import { QktError } from '../errors.ts';

export interface Place {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export interface ConfigProblem extends Place {
  readonly detail: string;
}

/** Those that do not stand where something is known to be wrong already. */
export function elsewhere(problems: readonly ConfigProblem[], known: readonly Place[]): readonly ConfigProblem[] {
  const taken = new Set(known.map(({ line, column }) => `${line}:${column}`));
  return problems.filter(({ line, column }) => !taken.has(`${line}:${column}`));
}

/** The candidate that a typing error is likely to have meant; undefined when none comes close. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const folded = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]));
  const found = closest(word.toLowerCase(), [...folded.keys()]);
  const far = distance(word.toLowerCase(), found) > Math.max(2, Math.ceil(found.length / 2));
  return far ? undefined : folded.get(found);
}

/** ` (did you mean "x"?)`, or nothing. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates);
  return found === undefined ? '' : ` (did you mean "${found}"?)`;
}

/** The error of the first problem in the file; `problems` of its members has them all. */
export function configError(file: string, problems: readonly ConfigProblem[]): QktError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const first = sorted[0]!;
  return new QktError('QKT_E_CONFIG', first.detail, {
    location: { file, line: first.line, column: first.column },
    members: { problems: sorted },
  });
}
