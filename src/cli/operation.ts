/** Commands whose outcome may come later than their answer. */
import { QktError, type Problem } from '../errors.ts';
import type { Answer, DaemonClient, Query } from './client.ts';
import { memberText } from './exact-json.ts';
import { DaemonRefusal } from './exit.ts';
import { outcomeUnknown } from './http-call.ts';

const LOOK_EVERY_MS = 250;
/** What the daemon may need beyond the command's own deadline. */
const SLACK_MS = 15_000;

interface Command {
  readonly method?: 'POST' | 'DELETE';
  readonly query?: Query;
  readonly body?: unknown;
  /** How long the command itself may take. */
  readonly deadlineMs: number;
}

/**
 * Sends a command and follows its operation until the outcome is known.
 * @throws DaemonRefusal with the problem of an outcome that is none; QktError QKT_E_TIMEOUT when it stays unknown.
 */
export async function outcomeOf(client: DaemonClient, path: string, command: Command): Promise<Answer> {
  const { method = 'POST', query = {}, body = {}, deadlineMs } = command;
  const timeoutMs = deadlineMs + SLACK_MS;
  const end = Date.now() + timeoutMs;
  const answer = await client.command(method, path, { query, body, timeoutMs });
  if (answer.status !== 202) return answer;
  const { operation } = JSON.parse(answer.text) as { operation: string };
  const at = `/daemon/operations/${encodeURIComponent(operation.slice(operation.lastIndexOf('/') + 1))}`;
  while (Date.now() < end) {
    const { text } = await client.get(at).catch((error: Error) => {
      throw outcomeUnknown(error);
    });
    const done = finished(text);
    if (done !== undefined) return done;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new QktError('QKT_E_TIMEOUT', `the outcome is not known yet; it will be at ${at}`);
}

/** The outcome in the operation's own bytes; undefined while it is under way. */
function finished(text: string): Answer | undefined {
  const { done, status = 200, problem } = JSON.parse(text) as { done: boolean; status?: number; problem?: Problem };
  if (!done) return undefined;
  if (problem !== undefined) throw new DaemonRefusal(problem, memberText(text, 'problem'));
  return { status, text: memberText(text, 'result') };
}
