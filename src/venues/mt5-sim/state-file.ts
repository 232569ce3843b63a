/**
 * A simulated account on disk, so that it outlives its simulator, SIGKILL included. A line says what the
 * account is, the others what has changed in it, a line for all that one request or quote has changed. Each
 * is in the file before anybody is told. A last line that was cut short was told to nobody.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { EpochMs } from '../../domain/time.ts';
import { QktError } from '../../errors.ts';
import { takeLock } from '../../store/lock-file.ts';
import { replaceFile } from '../../store/replace-file.ts';
import { fromStored, toStored } from '../../store/stored.ts';
import { KeptState, type Change, type Keeper } from './kept-state.ts';

const FORMAT = 1;
/** Lines after which the file is written anew. */
const MOST_LINES = 200_000;

/** What an account is, so that none is taken for another; and when its market began. */
export interface Identity {
  readonly login: number;
  readonly mode: string;
  readonly currency: string;
  readonly profile: string;
}

interface Header extends Identity {
  readonly format: number;
  readonly since: EpochMs;
}

interface Line {
  readonly at: EpochMs;
  readonly changes: readonly Change[];
}

export interface StateFileOptions {
  readonly path: string;
  readonly identity: Identity;
  readonly clock: Clock;
}

/** A state file that is ours now, if there is one, and what it held of an account. */
export interface OpenedState {
  readonly file?: StateFile;
  readonly kept?: KeptState;
}

export class StateFile implements Keeper {
  /** When the market of the account began. */
  readonly since: EpochMs;
  readonly #options: StateFileOptions;
  readonly #release: () => void;
  readonly #state: KeptState;
  #noted: Change[] = [];
  #lines = 0;
  #file: number | undefined;

  private constructor(options: StateFileOptions, release: () => void, read: Read | undefined) {
    this.#options = options;
    this.#release = release;
    this.since = read?.since ?? options.clock.now();
    this.#state = read?.state ?? new KeptState();
    this.#rewrite();
  }

  /**
   * Takes the file, and creates it when there is none.
   * @throws QktError QKT_E_USAGE when it is another account's or none of ours, QKT_E_LOCKED, QKT_E_STATE_DIR
   */
  static async open(options: StateFileOptions): Promise<OpenedState> {
    const { path, clock } = options;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const release = await takeLock(`${path}.lock`, clock);
      try {
        const read = existsSync(path) ? readState(options) : undefined;
        const file = new StateFile(options, release, read);
        return { file, ...(read !== undefined && { kept: read.state }) };
      } catch (error) {
        release();
        throw error;
      }
    } catch (error) {
      if (error instanceof QktError) throw error;
      throw new QktError('QKT_E_STATE_DIR', `${path} cannot be used: ${(error as Error).message}`, { cause: error });
    }
  }

  note(change: Change): void {
    this.#noted.push(change);
  }

  commit(): void {
    if (this.#noted.length === 0 || this.#file === undefined) return;
    const changes = this.#noted;
    this.#noted = [];
    const at = this.#options.clock.now();
    for (const change of changes) this.#state.apply(change);
    this.#state.until = at;
    writeSync(this.#file, lineOf({ at, changes }));
    this.#lines += 1;
    if (this.#lines > MOST_LINES) this.#rewrite();
  }

  /** Nothing is taken down from then on. */
  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    this.#release();
  }

  /** What it comes to instead of how it came about, in one step. */
  #rewrite(): void {
    const { path, identity } = this.#options;
    const header: Header = { format: FORMAT, ...identity, since: this.since };
    const changes = this.#state.changes();
    const { until } = this.#state;
    const lines = changes.length === 0 ? '' : lineOf({ at: until, changes });
    replaceFile(path, `${JSON.stringify(header)}\n${lines}`);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = openSync(path, 'a', 0o600);
    this.#lines = 0;
  }
}

const lineOf = (line: Line): string => `${JSON.stringify(toStored(line))}\n`;

interface Read {
  readonly since: EpochMs;
  readonly state: KeptState;
}

/** @returns undefined for an account that was never opened */
function readState({ path, identity }: StateFileOptions): Read | undefined {
  const [first = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  const header = headerIn(first, path);
  for (const [name, wanted] of Object.entries(identity)) {
    const kept = header[name as keyof Identity];
    if (kept !== wanted) throw new QktError('QKT_E_USAGE', `${path} is of ${name} ${kept}, not ${String(wanted)}`);
  }
  const state = new KeptState();
  // What follows the last line break was cut short.
  for (const text of rest.slice(0, -1)) {
    const { at, changes } = fromStored(parsed(text, path)) as Line;
    for (const change of changes) state.apply(change);
    state.until = at;
  }
  return state.balance === undefined ? undefined : { since: header.since, state };
}

function headerIn(text: string, path: string): Header {
  const header = parsed(text, path) as Partial<Header>;
  if (header.format !== FORMAT || typeof header.since !== 'number') refuse(path);
  return header as Header;
}

function parsed(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Falls through.
  }
  return refuse(path);
}

function refuse(path: string): never {
  throw new QktError('QKT_E_USAGE', `${path} is no state of a simulated account that this version knows`);
}
