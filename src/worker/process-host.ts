/**
 * An author's code in a process of its own: native code that crashes, or takes memory that no limit
 * of a thread sees, is one strategy's event as well. The same messages and the same guest as in a thread.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Cancel, Clock } from '../clock.ts';
import { guestProcessUrl } from './entry.ts';
import { CHANNEL_FD, frameOf, readFrames } from './frames.ts';
import { lossFailure, type GuestFailure } from './guest-failure.ts';
import type { GuestHost } from './host.ts';
import { clip, textOf } from './log-fields.ts';
import { memoryLimits, memoryText, type MemoryLimits } from './memory-limits.ts';
import { processEnvironment } from './process-environment.ts';
import { ProcessLoad } from './process-load.ts';
import { ProcessOutput } from './process-output.ts';
import { MEMORY_MARK, toArguments } from './process-start.ts';
import type { ToGuest } from './protocol.ts';
import { RemoteHost } from './remote-host.ts';

export interface ProcessHostOptions {
  readonly name: string;
  /** The wall clock. */
  readonly clock: Clock;
  /** Of the JavaScript heap, in MB. */
  readonly heapMb?: number;
}

/** How long the last output of a process that has ended is waited for, in milliseconds. */
const LAST_WORDS_MS = 500;
/** Of one answer; within its other bounds it is far smaller. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20;

export function createProcessHost(options: ProcessHostOptions): GuestHost {
  return new ProcessHost(options);
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

class ProcessHost extends RemoteHost {
  readonly #child: ChildProcess;
  readonly #channel: Duplex | undefined;
  readonly #clock: Clock;
  readonly #limits: MemoryLimits;
  readonly #load: ProcessLoad;
  readonly #output: ProcessOutput;
  #exit: Exit | undefined;
  #waiting: Cancel | undefined;

  constructor({ name, clock, heapMb }: ProcessHostOptions) {
    super();
    this.#clock = clock;
    this.#limits = memoryLimits(heapMb);
    const memoryMb = this.#limits.allMb;
    // Nothing of the daemon's command line is meant for authors' processes.
    const node = [`--max-old-space-size=${this.#limits.heapMb}`, fileURLToPath(guestProcessUrl())];
    const child = spawn(process.execPath, [...node, ...toArguments({ name, parent: process.pid, memoryMb })], {
      env: processEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#load = new ProcessLoad(child.pid ?? 0, clock, () => this.asked);
    this.#output = new ProcessOutput(child, clock, (bytes) =>
      this.lose(lossFailure('flooding', `more than ${bytes} bytes of output in a second`)),
    );
    this.#channel = this.#open(child);
    child.on('error', (error) => this.lose(lossFailure('died', `the strategy's process: ${error.message}`)));
    child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      this.#awaitLastWords();
    });
    child.on('close', () => this.#end());
  }

  utilization(): number {
    return this.ended ? 0 : this.#load.take();
  }

  protected post(message: ToGuest): void {
    this.#channel?.write(frameOf(message));
  }

  protected kill(): void {
    this.#waiting?.();
    this.#child.kill('SIGKILL');
  }

  /** None where the system has no more pipes: the child tells that as its error. */
  #open(child: ChildProcess): Duplex | undefined {
    const channel = child.stdio?.[CHANNEL_FD] as Duplex | null | undefined;
    // That something could not be sent is told by the end of the process.
    channel?.on('error', () => undefined).on('close', () => this.#awaitLastWords());
    if (!channel) return undefined;
    readFrames(channel, MAX_ANSWER_BYTES, {
      hear: (message) => this.receive(message),
      broken: (error) =>
        this.lose(
          lossFailure('died', `the strategy's code spoiled its channel to the daemon: ${clip(textOf(error), 200)}`),
        ),
    });
    return channel;
  }

  /** Processes of the author's own may hold the output open. */
  #awaitLastWords(): void {
    this.#waiting ??= this.#clock.at(this.#clock.now() + LAST_WORDS_MS, () => this.#end());
  }

  #end(): void {
    this.lose(this.#lossAtExit());
  }

  #lossAtExit(): GuestFailure {
    const { last } = this.#output;
    if (this.#exit === undefined) return lossFailure('died', "the strategy's code closed its channel to the daemon");
    const { code, signal } = this.#exit;
    if (last.includes(MEMORY_MARK)) return lossFailure('outOfMemory', memoryText('all', this.#limits));
    if (last.includes('heap out of memory')) return lossFailure('outOfMemory', memoryText('heap', this.#limits));
    if (signal === null)
      return lossFailure('exited', `the strategy's code ended its process with process.exit(${code})`);
    return lossFailure('died', `the strategy's process died of ${signal}`, last);
  }
}
