/** How a run of the daemon ended, as the next one and `qkt daemon stop` read it from `<state>/run.json`. */
import type { LeftOpen } from './left-open.ts';

/** One run of the daemon, as it keeps it of itself. */
export interface RunRecord {
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  /** Both null while it runs, and for ever when it was ended without a word. */
  readonly endedAt: string | null;
  readonly ended: 'stopped' | 'crashed' | null;
  /** The fault that it crashed with; the steps that did not close in order. */
  readonly detail?: string;
}

/** The record of a run that is over. */
export interface EndRecord extends RunRecord {
  /** What stayed open as it let go of its strategies; not there where it did not come to that. */
  readonly positions?: readonly LeftOpen[];
}

export interface LastRunView extends Omit<RunRecord, 'ended'> {
  /** `killed`: ended at once by a signal, out of memory, with the machine. */
  readonly ended: 'stopped' | 'crashed' | 'killed';
}

export const RUN_FILE = 'run.json';

/** `undefined` for anything that is no such record: a file that was cut short, say. */
export function parseRunRecord(text: string): RunRecord | undefined {
  try {
    const { pid, version, startedAt, endedAt, ended, detail } = JSON.parse(text) as Partial<RunRecord>;
    if (!Number.isInteger(pid) || typeof version !== 'string' || typeof startedAt !== 'string') return undefined;
    if (ended !== null && ended !== 'stopped' && ended !== 'crashed') return undefined;
    const at = typeof endedAt === 'string' ? endedAt : null;
    const base = { pid: pid!, version, startedAt, endedAt: at, ended };
    return typeof detail === 'string' ? { ...base, detail } : base;
  } catch {
    return undefined;
  }
}
