/** Journals in temporary state directories, and events for them. */
import { mkdtempSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import type { Steps } from '../../src/domain/steps.ts';
import { openJournal, type Journal, type JournalOptions } from '../../src/store/journal.ts';
import type { JournalEvent } from '../../src/store/journal-types.ts';

export const RESERVE = 64 * 1024;

export class Journals {
  readonly #open = new Set<Journal>();
  readonly #directories: string[] = [];

  constructor() {
    afterEach(() => this.#clear());
  }

  directory(): string {
    const path = mkdtempSync(join(tmpdir(), 'qkt-journal-'));
    this.#directories.push(path);
    return path;
  }

  async open(stateDir: string, options: Partial<JournalOptions> = {}): Promise<Journal> {
    const journal = await openJournal(stateDir, { clock: new WallClock(), reserveBytes: RESERVE, ...options });
    this.#open.add(journal);
    return journal;
  }

  async close(journal: Journal): Promise<void> {
    this.#open.delete(journal);
    await journal.close();
  }

  /** What the disk holds of a journal at this moment, as a killed process would leave it, in a directory of its own. */
  async crashed(stateDir: string): Promise<string> {
    const copy = this.directory();
    await mkdir(join(copy, 'journal'), { mode: 0o700 });
    await copyFile(data(stateDir), data(copy));
    return copy;
  }

  async #clear(): Promise<void> {
    for (const journal of this.#open) await journal.close().catch(() => {});
    this.#open.clear();
    for (const path of this.#directories.splice(0)) await rm(path, { recursive: true, force: true });
  }
}

export const data = (stateDir: string): string => join(stateDir, 'journal', 'data.mdb');

/** Events `from` to `to`, both included, with gaps in `seq` as ticks make them. */
export function events(from: number, to: number, type = 'fill'): JournalEvent[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => ({
    journalSeq: from + i,
    seq: (from + i) * 3,
    ts: 1_767_225_600_000 + (from + i) * 1000,
    type,
    symbol: 'EURUSD',
    qty: '0.10',
    price: `1.${String(from + i).padStart(5, '0')}`,
  }));
}

/** A directory that the caller removes. */
export const temporary = (prefix: string): Promise<string> => mkdtemp(join(tmpdir(), prefix));

/** What work in steps comes to. */
export function wholeOf<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
