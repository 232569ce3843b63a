/**
 * An author's code in a process of its own: native code that crashes, or takes memory that no limit
 * of a thread sees, is one strategy's event as well. The same messages and the same guest as in a thread.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cancel, Clock } from '../clock.ts';
import { guestProcessUrl } from './entry.ts';
import { lossFailure, type GuestFailure } from './guest-failure.ts';
import type { GuestHost } from './host.ts';
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

const HEAP_MB = 256;
/** What a process needs besides its heap, native code included. */
const BESIDES_HEAP_MB = 512;
/** How long the last output of a process that has ended is waited for, in milliseconds. */
const LAST_WORDS_MS = 500;

export function createProcessHost(options: ProcessHostOptions): GuestHost {
  return new ProcessHost(options);
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

class ProcessHost extends RemoteHost {
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #heapMb: number;
  readonly #load: ProcessLoad;
  readonly #output: ProcessOutput;
  #exit: Exit | undefined;
  #waiting: Cancel | undefined;

  constructor({ name, clock, heapMb = HEAP_MB }: ProcessHostOptions) {
    super();
    this.#clock = clock;
    this.#heapMb = heapMb;
    const memoryMb = heapMb + BESIDES_HEAP_MB;
    const child = fork(fileURLToPath(guestProcessUrl()), toArguments({ name, parent: process.pid, memoryMb }), {
      serialization: 'advanced',
      // Nothing of the daemon's command line is meant for authors' processes.
      execArgv: [`--max-old-space-size=${heapMb}`],
      env: processEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#load = new ProcessLoad(child.pid ?? 0, clock, () => this.asked);
    this.#output = new ProcessOutput(child, clock, (bytes) =>
      this.lose(lossFailure('flooding', `more than ${bytes} bytes of output in a second`)),
    );
    child.on('message', (message: unknown) => this.receive(message));
    child.on('error', (error) => this.lose(lossFailure('died', `the strategy's process: ${error.message}`)));
    child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      this.#awaitLastWords();
    });
    child.on('disconnect', () => this.#awaitLastWords());
    child.on('close', () => this.#end());
  }

  utilization(): number {
    return this.ended ? 0 : this.#load.take();
  }

  protected post(message: ToGuest): void {
    // That it could not be sent is told by the end of the process.
    this.#child.send(message, () => undefined);
  }

  protected kill(): void {
    this.#waiting?.();
    this.#child.kill('SIGKILL');
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
    if (last.includes(MEMORY_MARK))
      return lossFailure('outOfMemory', `the strategy's process took more than ${this.#heapMb + BESIDES_HEAP_MB} MB`);
    if (last.includes('heap out of memory'))
      return lossFailure('outOfMemory', `the strategy ran out of memory (limit ${this.#heapMb} MB)`);
    if (signal === null)
      return lossFailure('exited', `the strategy's code ended its process with process.exit(${code})`);
    return lossFailure('died', `the strategy's process died of ${signal}`, last);
  }
}
