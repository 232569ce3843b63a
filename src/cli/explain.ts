/** An error in words on stderr: what was refused, why, what comes close and what to do. */
import { asQktError, toProblem, type Problem } from '../errors.ts';
import { DaemonRefusal } from './exit.ts';
import { note, paint, printable } from './output.ts';
import { toJson } from '../domain/json.ts';

/** With `json` the problem document itself, else sentences. */
export function explain(error: unknown, json: boolean): void {
  const refusal = error instanceof DaemonRefusal;
  const problem = refusal ? error.problem : toProblem(asQktError(error));
  if (json) note(refusal ? error.text : toJson(problem));
  else for (const line of sentences(problem)) note(line);
}

function sentences(problem: Problem): readonly string[] {
  const { title, detail, hint } = problem;
  const lines = [`${paint('red', 'qkt:', process.stderr)} ${printable(detail === '' ? title : detail)}`];
  for (const { line, column, detail: more } of furtherProblems(problem))
    lines.push(`  ${line}:${column}: ${printable(more)}`);
  const candidates = namesIn(problem['candidates']);
  if (candidates !== '') lines.push(`Did you mean: ${candidates}`);
  const allowed = namesIn(problem['allowed']);
  // The hint says no more than to look there.
  if (allowed !== '') lines.push(`Possible now: ${allowed}`);
  else if (typeof hint === 'string' && hint !== '') lines.push(printable(hint));
  return lines;
}

interface FileProblem {
  readonly line: number;
  readonly column: number;
  readonly detail: string;
}

/** The mistakes of a configuration file after the first. */
function furtherProblems(problem: Problem): readonly FileProblem[] {
  const { problems } = problem as { problems?: readonly FileProblem[] };
  return Array.isArray(problems) ? problems.slice(1) : [];
}

function namesIn(names: unknown): string {
  return Array.isArray(names) ? names.map((name) => printable(String(name))).join(', ') : '';
}
