/** A log source in memory; `follow` gives the tail and then what is written. */
import { Subject } from 'rxjs';
import type { LogQuery, LogSource } from '../../src/domain/ports.ts';

export class MemoryLogs implements LogSource {
  readonly lines: string[] = [];
  readonly queries: LogQuery[] = [];
  readonly #written$ = new Subject<string>();

  write(line: string): void {
    this.lines.push(line);
    this.#written$.next(line);
  }

  tail(query: LogQuery): Promise<readonly string[]> {
    this.queries.push(query);
    return Promise.resolve(this.lines.slice(-query.lines));
  }

  async *follow(query: LogQuery, signal: AbortSignal): AsyncGenerator<string> {
    this.queries.push(query);
    const waiting = this.lines.slice(-query.lines);
    let wake: (() => void) | undefined;
    const subscription = this.#written$.subscribe((line) => {
      waiting.push(line);
      wake?.();
    });
    signal.addEventListener('abort', () => wake?.());
    try {
      while (!signal.aborted) {
        while (waiting.length > 0) yield waiting.shift()!;
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (waiting.length > 0 || signal.aborted) resolve();
        });
      }
    } finally {
      subscription.unsubscribe();
    }
  }
}
