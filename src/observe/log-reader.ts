/** `/logs` and `qkt logs`: a log file read from its end, and followed by its name. */
import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import type { LogQuery, LogSource } from '../domain/ports.ts';
import { FileFollower, openIfThere } from './file-follower.ts';
import { linesBackwards } from './lines-backwards.ts';
import { viewLine } from './log-view.ts';

/** Polling works on every file system, and costs one `stat` a time. */
const POLL_MS = 250;

/** The lines of one log file; one that is not there yet has none. */
export function createLogReader(file: string, clock: Clock): LogSource {
  return new LogReader(file, clock);
}

class LogReader implements LogSource {
  readonly #file: string;
  readonly #clock: Clock;

  constructor(file: string, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  async tail(query: LogQuery): Promise<readonly string[]> {
    const handle = await openIfThere(this.#file);
    if (handle === undefined) return [];
    try {
      const { lines, unfinished } = await lastLines(handle, query);
      const { shown } = viewLine(unfinished, query);
      return shown === undefined ? lines : [...lines, shown].slice(-query.lines);
    } finally {
      await handle.close();
    }
  }

  async *follow(query: LogQuery, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const handle = await openIfThere(this.#file);
    const { lines, end } = handle === undefined ? { lines: [], end: 0 } : await lastLines(handle, query);
    const follower = new FileFollower(this.#file, handle, end);
    try {
      yield* lines;
      while (!signal.aborted) {
        for await (const line of follower.fresh()) {
          const { shown } = viewLine(line, query);
          if (signal.aborted) return;
          if (shown !== undefined) yield shown;
        }
        await this.#pause(signal);
      }
    } finally {
      await follower.close();
    }
  }

  /** Until the next look, or the end. */
  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#clock.at(this.#clock.now() + POLL_MS, done);
      signal.addEventListener('abort', done);
    });
  }
}

/** The finished lines that pass, oldest first; what stands behind the last newline; and where that begins. */
async function lastLines(handle: FileHandle, query: LogQuery) {
  const { size } = await handle.stat();
  const lines: string[] = [];
  let unfinished: Buffer | undefined;
  for await (const bytes of linesBackwards(handle, size)) {
    if (unfinished === undefined) {
      unfinished = bytes;
      continue;
    }
    const { shown, end } = viewLine(bytes.toString(), query);
    if (shown !== undefined) lines.push(shown);
    if (end || lines.length >= query.lines) break;
  }
  return {
    lines: lines.toReversed(),
    unfinished: unfinished?.toString() ?? '',
    end: size - (unfinished?.length ?? 0),
  };
}
