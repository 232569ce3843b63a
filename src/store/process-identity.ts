/**
 * Who a process is, beyond its pid: pids are used again, so the time it was started counts too.
 * Where the system does not say when a process was started, the pid alone must do.
 */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time of the process as the system counts them; `null` where it does not tell. */
  readonly started: string | null;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid)?.started ?? null };
}

/** Whether that very process still runs. When in doubt, it does. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = startOf(identity.pid);
  if (now !== undefined) return !now.dead && (identity.started === null || identity.started === now.started);
  try {
    process.kill(identity.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** From /proc: `undefined` where there is none, or no such process. */
function startOf(pid: number): { readonly started: string; readonly dead: boolean } | undefined {
  try {
    // The name in parentheses may hold anything; the fields after the last one are fixed.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { started: `${boot}/${fields[STARTTIME]}`, dead: fields[STATE] === 'Z' || fields[STATE] === 'X' };
  } catch {
    return undefined;
  }
}

/** Positions after the name, see proc(5): state is field 3, starttime field 22. */
const STATE = 0;
const STARTTIME = 19;
