/**
 * One log file under its actor (`log-sink-machine.ts`). A line waits in a bounded queue until the
 * file has taken it; a full or failing disk costs lines, which are counted, and nothing else.
 *
 * Writing is asynchronous, one batch at a time, each as soon as the one before is done: the caller
 * never waits for the disk, and a SIGKILL loses what came since the write under way began
 * (well under a millisecond on a healthy disk). A synchronous destination would lose nothing then, but
 * a hanging disk would hang trading. Lines wait as well while the store makes room (`log-store.ts`).
 */
import type { Stats } from 'node:fs';
import sonic, { type SonicBoom } from 'sonic-boom';
import { createActor, type ActorRefFrom } from 'xstate';
import type { Clock } from '../clock.ts';
import type { QueueView } from '../domain/health-views.ts';
import type { ErrorView } from '../domain/loss-views.ts';
import { errorView, faultTolerant, type OnFault } from './fault-tolerant.ts';
import { LineQueue, MOST_WAITING } from './line-queue.ts';
import { appendNow, endsTorn, isElsewhere, statOf } from './log-file-io.ts';
import { logSinkMachine } from './log-sink-machine.ts';
import type { LogStore } from './log-store.ts';

/** Characters that wait before the file counts as backlogged. */
const HIGH_WATER = 64 * 1024;
/** How long a closing file may take to write what waits. */
const CLOSE_WITHIN_MS = 2000;
/** While lines are written, how often it is looked whether the file is still the one by its name. */
const LOOK_EVERY_MS = 1000;
const NEWLINE = 10;

export interface LogFileStatus {
  readonly state: 'open' | 'backlogged' | 'degraded' | 'lost' | 'closed';
  /** Lines that the file has not taken yet. */
  readonly waiting: number;
  /** Lines that never reached the file. */
  readonly dropped: number;
  readonly lastError: ErrorView | null;
}

export interface LogFileOptions {
  /** The strategy, or `daemon`. */
  readonly log: string;
  readonly path: string;
  readonly clock: Clock;
  readonly store: LogStore;
  /** The line that tells of dropped lines, written once the file works again. */
  readonly droppedLine: (count: number) => string;
  /** Called from within the machine: it must not write to this log before it returns. */
  readonly onFault: OnFault;
}

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #actor: ActorRefFrom<typeof logSinkMachine>;
  readonly #queue: LineQueue;
  /** The batch under way: what the file has not taken of it yet. */
  #flying: Buffer | undefined;
  /** The file has taken a part of a line. */
  #midLine = false;
  #boom: SonicBoom | undefined;
  /** The file that was written to last. */
  #held: Stats | undefined;
  #ready = false;
  /** By the monotonic clock: when the file was last known to be the one by its name. */
  #lookedAt = 0;
  #isLooking = false;
  #room: 'unasked' | 'asked' | 'refused' = 'unasked';
  /** Bytes that were made room for, as far as that was possible at all. */
  #granted = 0;
  #reopenNext = false;
  #closing = false;
  #onIdle: (() => void) | undefined;

  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#queue = new LineQueue(options.droppedLine);
    const machine = logSinkMachine.provide({ actions: { reopen: () => this.#reopen() } });
    this.#actor = createActor(faultTolerant(machine, options.onFault), { clock: options.clock.xstate });
    this.#actor.start();
    options.store.join(options.log);
    this.#open();
  }

  /** Takes a line with its newline. Never throws and never waits. */
  write(line: string): void {
    if (this.#closing) {
      this.#queue.countDropped(1);
      return;
    }
    this.#queue.push(line);
    if (this.#queue.waiting > HIGH_WATER && this.#actor.getSnapshot().matches('open'))
      this.#actor.send({ type: 'BACKLOG', bytes: this.#queue.waiting });
    this.#pump();
  }

  status(): LogFileStatus {
    const { value, context } = this.#actor.getSnapshot();
    const { length, dropped } = this.#queue;
    return { state: value, waiting: length + linesIn(this.#flying), dropped, lastError: context.lastError };
  }

  /** What waits for the file. */
  queue(): QueueView {
    const { waiting, dropped } = this.#queue;
    return { name: 'log', depth: waiting, limit: MOST_WAITING, unit: 'characters', dropped };
  }

  /** Opens the file anew by its name: after logrotate or a person has moved it. */
  reopen(): void {
    this.#actor.send({ type: 'REOPEN' });
  }

  /** Writes what waits at once; for the last moments of a process, when nothing else will. Never throws. */
  flushSync(): void {
    // A write under way is the system's by now, and ends before the process does.
    const underWay = this.#ready && this.#flying !== undefined;
    if (!underWay && this.#flying !== undefined && !this.#appendNow(this.#flying)) return;
    while (this.#queue.length > 0) {
      const batch = this.#queue.take(MOST_WAITING);
      if (underWay) {
        const { left } = appendNow(this.#options.path, batch);
        this.#options.store.take(this.#options.log, batch.length - left.length);
        this.#queue.countDropped(linesIn(left));
      } else if (!this.#appendNow(batch)) return;
    }
  }

  /** Writes what waits, as far as the disk lets it within two seconds, and closes. Never rejects. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await this.#idle();
    if (this.#keeping) this.flushSync();
    this.#queue.giveUp(linesIn(this.#flying));
    this.#actor.send({ type: 'CLOSE' });
    this.#letGo();
    this.#options.store.leave(this.#options.log, this.#options.path);
  }

  /** Whether all of it is in the file; the rest is what is tried again first. */
  #appendNow(bytes: Buffer): boolean {
    const { left, error } = appendNow(this.#options.path, bytes);
    this.#flying = bytes;
    this.#took(bytes.length - left.length);
    this.#options.store.take(this.#options.log, bytes.length - left.length);
    if (left.length > 0) {
      // A fatal line in between is not one of the tries that are counted.
      if (!this.#keeping) this.#failed(error);
    } else {
      this.#flying = undefined;
      this.#queue.landed();
    }
    return left.length === 0;
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
    boom.on('write', (bytes: number) => mine(() => this.#took(bytes))());
    boom.on(
      'drain',
      mine(() => this.#landed()),
    );
    boom.once(
      'ready',
      mine(() => void this.#look(boom)),
    );
  }

  /** What file it is, and in which state an earlier run has left it. */
  async #look(boom: SonicBoom): Promise<void> {
    try {
      const held = await statOf(fdOf(boom));
      const first = this.#held === undefined;
      const torn = first && (await endsTorn(this.#options.path, held));
      if (boom !== this.#boom) return;
      this.#options.store.opened(this.#options.log, held.size, first && held.size > 0 ? held.mtimeMs : undefined);
      this.#continueIn(held, torn);
    } catch (error) {
      if (boom === this.#boom) this.#failed(error);
    }
  }

  #continueIn(held: Stats, torn: boolean): void {
    if (this.#midLine && held.ino !== this.#held?.ino) this.#dropRestOfLine();
    this.#held = held;
    this.#lookedAt = this.#options.clock.monotonic();
    this.#ready = true;
    if (torn) this.#flying = Buffer.from('\n');
    // What failed before is the test whether the file works again.
    if (this.#flying !== undefined) this.#send(this.#flying);
    else if (this.#room === 'refused') this.#makeRoom();
    else this.#recovered();
  }

  /** Its first part is in another file. */
  #dropRestOfLine(): void {
    this.#midLine = false;
    const rest = this.#flying?.subarray(this.#flying.indexOf(NEWLINE) + 1);
    this.#flying = rest === undefined || rest.length === 0 ? undefined : rest;
    this.#queue.countDropped(1);
  }

  #took(bytes: number): void {
    if (this.#flying === undefined || bytes === 0) return;
    this.#midLine = this.#flying[bytes - 1] !== NEWLINE;
    this.#flying = this.#flying.subarray(bytes);
  }

  #landed(): void {
    this.#flying = undefined;
    this.#queue.landed();
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
    this.#reopenNext = (this.#ready && this.#flying !== undefined) || this.#room === 'asked';
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
    if (!this.#ready || this.#flying !== undefined || this.#room === 'asked' || this.#isLooking) return;
    if (this.#queue.length === 0) {
      if (this.#actor.getSnapshot().matches('backlogged')) this.#actor.send({ type: 'DRAINED' });
      this.#onIdle?.();
      return;
    }
    if (this.#options.clock.monotonic() - this.#lookedAt >= LOOK_EVERY_MS) return this.#lookForFile();
    const { least } = this.#queue;
    const room = this.#options.store.room(this.#options.log);
    if (room < least && this.#granted < least) return this.#makeRoom();
    this.#granted = 0;
    this.#flying = this.#queue.take(Math.max(room, least));
    this.#send(this.#flying);
  }

  /** Lines wait meanwhile, so that none goes to a file that somebody has deleted or moved away. */
  #lookForFile(): void {
    const boom = this.#boom;
    this.#isLooking = true;
    this.#lookedAt = this.#options.clock.monotonic();
    void isElsewhere(this.#options.path, this.#held!).then((elsewhere) => {
      this.#isLooking = false;
      if (elsewhere && boom === this.#boom) this.reopen();
      else this.#pump();
    });
  }

  #makeRoom(): void {
    const { log, path, store } = this.#options;
    const bytes = this.#queue.least;
    this.#room = 'asked';
    store.makeRoom({ log, path, fd: fdOf(this.#boom!), bytes }).then(
      (moved) => {
        this.#room = 'unasked';
        this.#granted = bytes;
        if (this.#boom === undefined) return;
        if (moved) this.#reopen();
        else this.#recovered();
      },
      (error: unknown) => {
        this.#room = 'refused';
        if (this.#boom !== undefined) this.#failed(error);
      },
    );
  }

  #send(bytes: Buffer): void {
    this.#options.store.take(this.#options.log, bytes.length);
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

const fdOf = (boom: SonicBoom): number => (boom as unknown as { readonly fd: number }).fd;

function linesIn(bytes: Buffer | undefined): number {
  return bytes?.reduce((count, byte) => count + (byte === NEWLINE ? 1 : 0), 0) ?? 0;
}
