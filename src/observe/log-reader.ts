/** `/logs` and `qkt logs`: a log read from its end, over its rotated files, and followed by its name. */
import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import type { LogQuery, LogSource } from '../domain/ports.ts';
import { FileFollower } from './file-follower.ts';
import { LastLines } from './last-lines.ts';
import { linesBackwards, REACH } from './lines-backwards.ts';
import type { LogArchive } from './log-archives.ts';
import { linesOf, openLog, openPlain, type LogFiles } from './log-files.ts';
import { textLine } from './log-line.ts';
import { viewLine } from './log-view.ts';

/** Polling works on every file system, and costs one `stat` a time. */
const POLL_MS = 250;
/** Characters of rotated files that one question may cost. */
const MOST_SEARCHED = 128 * 1024 * 1024;

/** The lines of one log; one that is not there yet has none. */
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
    const files = await openLog(this.#file);
    try {
      const found = new LastLines(query);
      await collect(files, found, 'unfinished too');
      return found.all();
    } finally {
      await files.live?.close();
    }
  }

  async *follow(query: LogQuery, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const files = await openLog(this.#file);
    const found = new LastLines(query);
    const follower = new FileFollower(this.#file, files, this.#lostLine);
    try {
      await follower.goTo(await collect(files, found));
      yield* found.all();
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

  /** For a reader that is slower than the log is written and rotated away. */
  readonly #lostLine = (files: number): string =>
    textLine({
      time: this.#clock.now(),
      level: 'warn',
      msg: 'lines are missing here: their files were removed before this reader took them',
      fields: { files },
    });

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

/** Collects from the end of the live file, then from the rotated ones; gives where the live one's last finished line ends. */
async function collect({ live, archives }: LogFiles, found: LastLines, unfinished?: 'unfinished too'): Promise<number> {
  let end = 0;
  if (live !== undefined) {
    const { size } = await live.stat();
    end = await collectBackwards(live, size, found, unfinished);
    if (size > REACH) return end;
  }
  await collectArchives(archives, found);
  return end;
}

async function collectBackwards(
  handle: FileHandle,
  size: number,
  found: LastLines,
  unfinished?: 'unfinished too',
): Promise<number> {
  let end: number | undefined;
  for await (const bytes of linesBackwards(handle, size)) {
    const first = end === undefined;
    end ??= size - bytes.length;
    if (!first || unfinished !== undefined) found.before(bytes.toString());
    if (found.complete) break;
  }
  return end ?? size;
}

async function collectArchives(archives: readonly LogArchive[], found: LastLines): Promise<void> {
  let searched = 0;
  for (const archive of archives.toReversed()) {
    if (found.complete || found.isBefore(archive.day + 1) || searched > MOST_SEARCHED) return;
    const plain = await openPlain(archive);
    if (plain === undefined) {
      searched += await found.beforeAll(linesOf(archive));
      continue;
    }
    try {
      const { size } = await plain.stat();
      await collectBackwards(plain, size, found, 'unfinished too');
      if (size > REACH) return;
      searched += size;
    } finally {
      await plain.close();
    }
  }
}
