/** Questions to the daemon and commands, each to its stated end. */
import { authorization, forget, session } from './session.ts';

/** A refusal, in the daemon's words. */
export class Refusal extends Error {
  readonly status: number;
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    const { detail, title } = problem;
    super(
      typeof detail === 'string' && detail !== '' ? detail : typeof title === 'string' ? title : `status ${status}`,
    );
    this.status = status;
    this.problem = problem;
  }
}

const OPERATION_EVERY_MS = 500;

export const strategyPath = (name: string, rest: string): string =>
  `/daemon/strategies/${encodeURIComponent(name)}/${rest}`;

/** @throws Refusal; TypeError when nobody answers */
export async function get<T>(path: string): Promise<T> {
  return (await answerOf(await fetch(path, { headers: authorization() }))) as T;
}

/** Settles with the outcome, however long that takes. @throws as {@link get} */
export async function command<T>(path: string, body: object = {}): Promise<T> {
  const headers = { ...authorization(), 'content-type': 'application/json', 'idempotency-key': newKey() };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await answerOf(response);
  return (response.status === 202 ? await outcomeOf((answer as { operation: string }).operation) : answer) as T;
}

interface Operation {
  readonly done: boolean;
  readonly status?: number;
  readonly result?: unknown;
  readonly problem?: Readonly<Record<string, unknown>>;
}

async function outcomeOf(path: string): Promise<unknown> {
  for (;;) {
    const { done, status = 0, result, problem } = await get<Operation>(path);
    if (done && problem !== undefined) throw new Refusal(status, problem);
    if (done) return result;
    await new Promise((resolve) => setTimeout(resolve, OPERATION_EVERY_MS));
  }
}

async function answerOf(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  const problem = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.status === 401 && session.value !== null) forget();
  throw new Refusal(response.status, problem);
}

const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** What went wrong, for a person. */
export const wordsOf = (error: unknown): string =>
  error instanceof Refusal ? error.message : 'The daemon does not answer.';
