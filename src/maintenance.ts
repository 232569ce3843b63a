/** What is done to a state directory without a daemon: bringing a backup back, and looking at what is there. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WallClock } from './clock.ts';
import { asQktError, type QktError } from './errors.ts';
import { restoreBackup } from './store/backup.ts';
import { checkStore, dataFile, journalDirectory } from './store/journal-files.ts';
import { lockedBy } from './store/lock-file.ts';
import { openStateDir } from './store/state-dir.ts';

/**
 * Brings a backup into a state directory without a journal, and holds its lock meanwhile.
 * @throws QktError QKT_E_LOCKED while a daemon has it, QKT_E_STATE_NOT_EMPTY, QKT_E_BACKUP, QKT_E_JOURNAL_NEWER,
 * QKT_E_FILE, QKT_E_STATE_DIR; nothing was restored then
 */
export async function restoreState(file: string, stateDir: string): Promise<void> {
  const state = await openStateDir(stateDir, new WallClock());
  try {
    await restoreBackup(file, state.path);
  } finally {
    state.close();
  }
}

/** The process that holds a state directory's lock and still runs; undefined when there is none. */
export function runningHolder(stateDir: string): number | undefined {
  const holder = lockedBy(join(stateDir, 'daemon.lock'));
  return holder?.runs === true ? holder.pid : undefined;
}

/** What lies in a state directory, without a change to it. */
export interface StateInspection {
  /** The process that its lock names, and whether that very process still runs; undefined without a lock. */
  readonly holder?: { readonly pid: number; readonly runs: boolean };
  /** Bytes of the journal's file; undefined where there is no journal yet. */
  readonly journalBytes?: number;
  /** Why a daemon would refuse the journal. Not looked for while a process writes it. */
  readonly journalProblem?: QktError;
}

/** Reads the lock, and the journal as a start does: all of a small one, a sample of a large one. @throws the system's error */
export function inspectState(stateDir: string): StateInspection {
  const holder = lockedBy(join(stateDir, 'daemon.lock'));
  const file = dataFile(journalDirectory(stateDir));
  const there = existsSync(journalDirectory(stateDir));
  return {
    ...(holder !== undefined && { holder }),
    ...(there && { journalBytes: statSync(file, { throwIfNoEntry: false })?.size ?? 0 }),
    ...(there && holder?.runs !== true && problemOf(file)),
  };
}

function problemOf(file: string): { readonly journalProblem?: QktError } {
  try {
    checkStore(file, 'sample');
    return {};
  } catch (error) {
    return { journalProblem: asQktError(error) };
  }
}
