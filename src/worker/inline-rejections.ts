/** Finds the strategy that a rejection nobody handles comes from: inline, they all end in the daemon's process. */

type Report = (reason: unknown) => void;

const watched = new Map<string, Report>();

/** Reports rejections whose stack leads into the module of that file name (and query), until the returned function is called. */
export function watchRejections(module: string, report: Report): () => void {
  if (watched.size === 0) process.on('unhandledRejection', onRejection);
  watched.set(module, report);
  return () => {
    watched.delete(module);
    if (watched.size === 0) process.off('unhandledRejection', onRejection);
  };
}

function onRejection(reason: unknown): void {
  const stack = reason instanceof Error ? (reason.stack ?? '') : '';
  for (const [module, report] of watched)
    if (stack.includes(`${module}:`)) {
      report(reason);
      return;
    }
  // Not a strategy's: without this listener it would have been an uncaught exception, and it stays one.
  if (process.listenerCount('unhandledRejection') === 1) throw reason;
}
