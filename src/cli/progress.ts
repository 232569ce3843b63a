/** Signs of life on stderr for what takes over a second; nothing when stderr is no terminal. */

const SHOW_AFTER_MS = 1000;
const REFRESH_MS = 200;

interface Progress {
  /** Takes the bar away. */
  end(): void;
}

/** Shows a bar of `fraction()` (0 to 1; undefined: time alone) from the second second on. */
function showProgress(label: string, fraction: () => number | undefined = () => undefined): Progress {
  if (!process.stderr.isTTY) return { end: () => undefined };
  let ended = false;
  let stop: (() => void) | undefined;
  const timer = setTimeout(() => {
    void startBar(label, fraction).then((stopBar) => {
      if (ended) stopBar();
      else stop = stopBar;
    });
  }, SHOW_AFTER_MS);
  return {
    end: () => {
      ended = true;
      clearTimeout(timer);
      stop?.();
    },
  };
}

async function startBar(label: string, fraction: () => number | undefined): Promise<() => void> {
  const { default: progress } = await import('cli-progress');
  const known = fraction() !== undefined;
  const format = known ? '{label} {bar} {percentage}% {duration_formatted}' : '{label} {duration_formatted}';
  const bar = new progress.SingleBar({ format, stream: process.stderr, clearOnComplete: true, hideCursor: true });
  bar.start(100, 0, { label });
  const refresh = setInterval(() => bar.update(Math.floor((fraction() ?? 0) * 100)), REFRESH_MS);
  return () => {
    clearInterval(refresh);
    bar.stop();
  };
}

/** Shows that the outcome is being waited for, and how far it has come where that is known. */
export async function progressWhile<T>(
  label: string,
  outcome: Promise<T>,
  fraction?: () => number | undefined,
): Promise<T> {
  const progress = showProgress(label, fraction);
  try {
    return await outcome;
  } finally {
    progress.end();
  }
}
