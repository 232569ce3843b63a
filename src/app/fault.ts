/** The end of a daemon by a fault of its own: stated, and within a deadline. */
import type { Clock } from '../clock.ts';
import type { Acts } from './acts.ts';
import type { Parts } from './parts.ts';

/** For the journal's last write; whoever hosts the daemon ends the process then. */
const FLUSH_MS = 3_000;

/** Each step is tried whatever became of the one before: nothing here is known to be whole. Never rejects. */
export async function endByFault(fault: unknown, parts: Parts, acts: Acts, clock: Clock): Promise<void> {
  const { message, stack } = described(fault);
  attempt(() => parts.fleet?.blockEntries('the daemon has failed'));
  attempt(() => parts.log?.fatal('the daemon ends: a fault that nobody caught', { fault: message, stack }));
  attempt(() => acts.note({ command: 'crash', target: null, by: 'daemon', reason: message.slice(0, 500) }, 'crashed'));
  attempt(() => parts.run?.end('crashed', message));
  // No strategy acts any more on what is not known to be whole.
  attempt(() => parts.fleet?.dispose());
  await within(clock, FLUSH_MS, async () => parts.journal?.close());
  attempt(() => parts.state?.close());
}

function attempt(step: () => unknown): void {
  try {
    step();
  } catch {
    // The fault itself has been told.
  }
}

function within(clock: Clock, ms: number, step: () => Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.at(clock.now() + ms, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    step().then(done, done);
  });
}

function described(fault: unknown): { readonly message: string; readonly stack: string } {
  if (fault instanceof Error) return { message: fault.message, stack: fault.stack ?? fault.message };
  const text = String(fault);
  return { message: text, stack: text };
}
