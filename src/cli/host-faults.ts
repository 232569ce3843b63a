/** A fault that nobody caught, in the process that hosts a daemon: it ends it, in a stated way, and never half. */
import type { App } from '../app.ts';
import { FAULT } from './exit.ts';
import { note } from './output.ts';

/** The app's own end takes 3 s at most. */
const END_WITHIN_MS = 5000;

/**
 * Ends the process with exit code 70 at an uncaught exception or a rejection that nobody handles. A
 * second fault ends it at once. A strategy's own rejections are caught where its code runs.
 */
export function endOnFault(app: App): () => void {
  let failing = false;
  // Without a listener of its own a rejection comes here as well.
  const onFault = (fault: unknown): void => {
    if (failing) process.exit(FAULT);
    failing = true;
    process.exitCode = FAULT;
    setTimeout(() => process.exit(FAULT), END_WITHIN_MS);
    note(`fatal: the daemon ends: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
    void app.fail(fault).finally(() => process.exit(FAULT));
  };
  process.on('uncaughtException', onFault);
  return () => void process.off('uncaughtException', onFault);
}
