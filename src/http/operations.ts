/**
 * Commands as operations: each has an id, a stated result, and is run once per Idempotency-Key. The
 * record outlives the request, so that a caller that did not wait can ask for the outcome.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { toJson } from '../domain/json.ts';
import type { Operation } from '../domain/ports.ts';
import { iso } from '../domain/time.ts';
import { QktError, type Problem } from '../errors.ts';

const MOST_KEPT = 1000;
const KEPT_MS = 3_600_000;

/** What a command came to. */
export type Outcome =
  { readonly status: number; readonly result: object } | { readonly status: number; readonly problem: Problem };

export interface Command {
  readonly name: string;
  readonly strategy: string | null;
  readonly by: string;
  /** With the name and the strategy, what makes two requests the same one. */
  readonly args: object;
  /** Value of the Idempotency-Key header. */
  readonly key?: string;
  /** Called before it starts, and for no repetition: what it throws is no operation. */
  readonly admit?: () => void;
  /** Never rejects: a refusal is an outcome. */
  readonly execute: () => Promise<Outcome>;
}

interface Entry {
  operation: Operation;
  readonly startedMs: number;
  readonly request: string;
  readonly keyed: string | undefined;
  readonly outcome: Promise<Outcome>;
}

/** One for all servers of a daemon. Keeps a thousand operations, for an hour. */
export class OperationRegistry {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #byKey = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Starts a command, or returns the one that the same key started.
   * @throws QktError QKT_E_IDEMPOTENCY when the key belongs to another request; as `admit` does
   */
  run(command: Command): { readonly id: string; readonly outcome: Promise<Outcome> } {
    this.#forgetOld();
    const request = toJson([command.name, command.strategy, command.args]);
    // A key is its caller's own: nobody gets to see another's result by guessing it.
    const keyed = command.key === undefined ? undefined : toJson([command.by, command.key]);
    const known = keyed === undefined ? undefined : this.#byKey.get(keyed);
    if (known !== undefined && known.request !== request) {
      const { id, command: name } = known.operation;
      throw new QktError(
        'QKT_E_IDEMPOTENCY',
        `this key belongs to the operation ${id} (${name}), with other arguments`,
      );
    }
    const entry = known ?? this.#start(command, request, keyed);
    return { id: entry.operation.id, outcome: entry.outcome };
  }

  get(id: string): Operation | undefined {
    this.#forgetOld();
    return this.#entries.get(id)?.operation;
  }

  #start({ name, strategy, by, admit, execute }: Command, request: string, keyed: string | undefined): Entry {
    admit?.();
    const id = randomUUID();
    const startedMs = this.#clock.now();
    const operation = { id, command: name, strategy, by, startedAt: iso(startedMs), done: false };
    const outcome = execute();
    const entry: Entry = { operation, startedMs, request, keyed, outcome };
    this.#entries.set(id, entry);
    if (keyed !== undefined) this.#byKey.set(keyed, entry);
    void outcome.then((result) => (entry.operation = { ...operation, done: true, ...result }));
    return entry;
  }

  #forgetOld(): void {
    const oldest = this.#clock.now() - KEPT_MS;
    for (const entry of this.#entries.values()) {
      if (entry.startedMs > oldest) break;
      this.#forget(entry);
    }
    if (this.#entries.size < MOST_KEPT) return;
    const entries = [...this.#entries.values()];
    // What is still running may be asked for yet; only its record would go, not the command.
    this.#forget(entries.find(({ operation }) => operation.done) ?? entries[0]!);
  }

  #forget({ operation, keyed }: Entry): void {
    this.#entries.delete(operation.id);
    if (keyed !== undefined) this.#byKey.delete(keyed);
  }
}
