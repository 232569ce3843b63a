/**
 * The present run of the daemon and how the one before ended, in `<state>/run.json`. A run that ends
 * without closing its record was killed.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { toJson } from '../domain/json.ts';
import { parseRunRecord, RUN_FILE, type EndRecord, type LastRunView, type RunRecord } from '../domain/last-run.ts';
import type { LeftOpen } from '../domain/left-open.ts';
import { iso } from '../domain/time.ts';
import { replaceFile } from './replace-file.ts';

/** A fault's text may be anything. */
const LONGEST_DETAIL = 1000;

export class RunLog {
  /** Undefined before the first run, and where its record could not be kept. */
  readonly before: LastRunView | undefined;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #started: RunRecord;
  #positions: readonly LeftOpen[] | undefined;
  #ended = false;

  /** Begins a run. Never throws: a disk that takes nothing costs the record and nothing else. */
  constructor(stateDir: string, version: string, clock: Clock) {
    this.#path = join(stateDir, RUN_FILE);
    this.#clock = clock;
    this.before = readBefore(this.#path);
    this.#started = { pid: process.pid, version, startedAt: iso(clock.now()), endedAt: null, ended: null };
    this.#write(this.#started);
  }

  /** What it leaves open, for the record of its end. */
  leaves(positions: readonly LeftOpen[]): void {
    this.#positions = positions;
  }

  /** Says how this run ended; only the first word counts. Never throws. */
  end(ended: 'stopped' | 'crashed', detail: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#write({
      ...this.#started,
      endedAt: iso(this.#clock.now()),
      ended,
      ...(detail !== '' && { detail: detail.slice(0, LONGEST_DETAIL) }),
      ...(this.#positions !== undefined && { positions: this.#positions }),
    });
  }

  #write(record: EndRecord): void {
    try {
      replaceFile(this.#path, `${toJson(record)}\n`);
    } catch {
      forget(this.#path);
    }
  }
}

/** An old record would tell of another run. */
function forget(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A directory that takes nothing at all.
  }
}

function readBefore(path: string): LastRunView | undefined {
  try {
    const record = parseRunRecord(readFileSync(path, 'utf8'));
    return record === undefined ? undefined : { ...record, ended: record.ended ?? 'killed' };
  } catch {
    return undefined;
  }
}
