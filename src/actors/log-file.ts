/**
 * One log file under its actor (`log-sink-machine.ts`). A line waits in a bounded queue until the
 * file has taken it; a full or failing disk costs lines, which are counted, and nothing else.
 *
 * Writing is asynchronous, one batch at a time, each as soon as the one before is done: the caller
 * never waits for the disk, and a SIGKILL loses what came since the write under way began
 * (well under a millisecond on a healthy disk). A synchronous destination would lose nothing then, but
 * a hanging disk would hang trading.
 */
import { appendFileSync } from 'node:fs';
import sonic, { type SonicBoom } from 'sonic-boom';
import { createActor, type ActorRefFrom } from 'xstate';
import type { Clock } from '../clock.ts';
import type { ErrorView, QueueView } from '../domain/views.ts';
import { errorView, faultTolerant } from './fault-tolerant.ts';
import { logSinkMachine } from './log-sink-machine.ts';

/** Characters that may wait; the oldest lines fall out beyond. */
const MOST_WAITING = 1024 * 1024;
/** Characters that wait before the file counts as backlogged. */
const HIGH_WATER = 64 * 1024;
/** Characters of one write. */
const BATCH = 256 * 1024;
/** How long a closing file may take to write what waits. */
const CLOSE_WITHIN_MS = 2000;
const NEWLINE = 10;

export interface LogFileStatus {
  readonly state: 'open' | 'backlogged' | 'degraded' | 'lost' | 'closed';
  readonly waiting: number;
  /** Lines that never reached the file. */
  readonly dropped: number;
  readonly lastError: ErrorView | null;
}

export interface LogFileOptions {
  readonly path: string;
  readonly clock: Clock;
  /** The line that tells of dropped lines, written once the file works again. */
  readonly droppedLine: (count: number) => string;
}

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #actor: ActorRefFrom<typeof logSinkMachine>;
  readonly #queue: string[] = [];
  #waiting = 0;
  #dropped = 0;
  /** Of these the file tells, and of these the batch under way tells. */
  #droppedTold = 0;
  #droppedTelling = 0;
  /** The batch under way: what the file has not taken of it yet. */
  #flying: Buffer | undefined;
  #boom: SonicBoom | undefined;
  #ready = false;
  #reopenNext = false;
  #closing = false;
  #onIdle: (() => void) | undefined;

  constructor(options: LogFileOptions) {
    this.#options = options;
    const machine = logSinkMachine.provide({ actions: { reopen: () => this.#reopen() } });
    this.#actor = createActor(faultTolerant(machine), { clock: options.clock.xstate });
    this.#actor.start();
    this.#open();
  }

  /** Takes a line with its newline. Never throws and never waits. */
  write(line: string): void {
    if (this.#closing) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push(line);
    this.#waiting += line.length;
    while (this.#waiting > MOST_WAITING) this.#dropOldest();
    if (this.#waiting > HIGH_WATER && this.status().state === 'open')
      this.#actor.send({ type: 'BACKLOG', bytes: this.#waiting });
    this.#pump();
  }

  status(): LogFileStatus {
    const { value, context } = this.#actor.getSnapshot();
    return { state: value, waiting: this.#queue.length, dropped: this.#dropped, lastError: context.lastError };
  }

  /** What waits for the file. */
  queue(): QueueView {
    return { name: 'log', depth: this.#waiting, limit: MOST_WAITING, unit: 'characters', dropped: this.#dropped };
  }

  /** Opens the file anew by its name: after logrotate or a person has moved it. */
  reopen(): void {
    this.#actor.send({ type: 'REOPEN' });
  }

  /** Writes what waits at once; for the last moments of a process, when nothing else will. */
  flushSync(): void {
    if (this.#queue.length === 0) return;
    const lines = this.#queue.splice(0);
    this.#waiting = 0;
    try {
      appendFileSync(this.#options.path, lines.join(''), { mode: 0o600 });
    } catch {
      this.#dropped += lines.length;
    }
  }

  /** Writes what waits, as far as the disk lets it within two seconds, and closes. Never rejects. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await this.#idle();
    const note = this.#droppedTelling > this.#droppedTold ? 1 : 0;
    this.#dropped += this.#queue.length + Math.max(0, linesIn(this.#flying) - note);
    this.#actor.send({ type: 'CLOSE' });
    this.#letGo();
  }

  #dropOldest(): void {
    const oldest = this.#queue.shift();
    this.#waiting -= oldest?.length ?? 0;
    this.#dropped += 1;
  }

  #open(): void {
    const boom = new sonic.SonicBoom({
      dest: this.#options.path,
      append: true,
      mkdir: true,
      mode: 0o600,
      sync: false,
      contentMode: 'buffer',
    });
    const mine = (run: () => void) => (): void => {
      if (boom === this.#boom) run();
    };
    this.#boom = boom;
    // The listener stays for good: an error of a stream that was let go must not end the process either.
    boom.on('error', (error: unknown) => mine(() => this.#failed(error))());
    boom.on('write', (bytes: number) => mine(() => (this.#flying = this.#flying?.subarray(bytes)))());
    boom.on(
      'drain',
      mine(() => this.#landed()),
    );
    boom.once(
      'ready',
      mine(() => this.#opened()),
    );
  }

  #opened(): void {
    this.#ready = true;
    // What failed before is the test whether the file works again.
    if (this.#flying !== undefined) this.#send(this.#flying);
    else this.#recovered();
  }

  #landed(): void {
    this.#flying = undefined;
    this.#droppedTold = this.#droppedTelling;
    this.#recovered();
  }

  #recovered(): void {
    if (this.#keeping) this.#actor.send({ type: 'RECOVERED' });
    if (this.#reopenNext) return this.#reopen();
    this.#pump();
  }

  #failed(error: unknown): void {
    this.#ready = false;
    this.#actor.send({ type: 'WRITE_FAILED', error: errorView(error) });
    if (this.#closing) this.#onIdle?.();
  }

  #reopen(): void {
    this.#reopenNext = this.#ready && this.#flying !== undefined;
    if (this.#reopenNext) return;
    this.#letGo();
    this.#open();
  }

  #letGo(): void {
    const boom = this.#boom;
    this.#boom = undefined;
    this.#ready = false;
    try {
      boom?.destroy();
    } catch {
      // It never opened: there is nothing to close.
    }
  }

  #pump(): void {
    if (!this.#ready || this.#flying !== undefined) return;
    if (this.#queue.length === 0) {
      if (this.status().state === 'backlogged') this.#actor.send({ type: 'DRAINED' });
      this.#onIdle?.();
      return;
    }
    this.#flying = Buffer.from(this.#takeBatch());
    this.#send(this.#flying);
  }

  #takeBatch(): string {
    let count = 0;
    let length = 0;
    while (count < this.#queue.length && length < BATCH) length += this.#queue[count++]!.length;
    this.#waiting -= length;
    const untold = this.#dropped - this.#droppedTold;
    this.#droppedTelling = this.#dropped;
    return (untold > 0 ? this.#options.droppedLine(untold) : '') + this.#queue.splice(0, count).join('');
  }

  #send(bytes: Buffer): void {
    try {
      (this.#boom as unknown as { write(data: Buffer): boolean }).write(bytes);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Settles when nothing waits, when the file fails, or when the time is up. */
  #idle(): Promise<void> {
    return new Promise((resolve) => {
      const { clock } = this.#options;
      const cancel = clock.at(clock.now() + CLOSE_WITHIN_MS, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
      if (this.#keeping) this.#onIdle();
      else this.#pump();
    });
  }

  /** Whether the file failed last: lines are kept until it works again. */
  get #keeping(): boolean {
    return this.#actor.getSnapshot().hasTag('keeping');
  }
}

function linesIn(bytes: Buffer | undefined): number {
  return bytes?.reduce((count, byte) => count + (byte === NEWLINE ? 1 : 0), 0) ?? 0;
}
