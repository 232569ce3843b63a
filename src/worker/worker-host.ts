/** An author's code in a worker thread: whatever it does to its thread is one strategy's event. */
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { guestUrl } from './entry.ts';
import { lossFailure, type GuestFailure } from './guest-failure.ts';
import type { GuestHost } from './host.ts';
import type { ToGuest } from './protocol.ts';
import { RemoteHost } from './remote-host.ts';
import { ThreadLoad } from './thread-cpu.ts';

export interface WorkerHostOptions {
  /** Shown by debuggers and profilers. */
  readonly name?: string;
  readonly resourceLimits?: ResourceLimits;
}

const DEFAULT_LIMITS: ResourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

export function createWorkerHost(options: WorkerHostOptions = {}): GuestHost {
  return new WorkerHost(options);
}

class WorkerHost extends RemoteHost {
  readonly #worker: Worker;
  readonly #limits: ResourceLimits;
  readonly #load: ThreadLoad;
  #fatal: Error | undefined;

  constructor({ name, resourceLimits }: WorkerHostOptions) {
    super();
    this.#limits = { ...DEFAULT_LIMITS, ...resourceLimits };
    const threadId = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    this.#worker = new Worker(guestUrl(), {
      workerData: { threadId },
      ...(name === undefined ? {} : { name }),
      resourceLimits: this.#limits,
      // Nothing of the daemon's command line is meant for authors' threads.
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    // The guest sends output as log lines; what the runtime itself prints there must not pile up.
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#load = new ThreadLoad(this.#worker, threadId);
    this.#worker.on('message', (message: unknown) => this.receive(message));
    this.#worker.on('messageerror', (error) => {
      this.#fatal = error;
      this.kill();
    });
    this.#worker.on('error', (error: Error) => (this.#fatal = error));
    this.#worker.on('exit', (code) => this.lose(this.#lossAtExit(code)));
  }

  utilization(): number {
    return this.#load.take();
  }

  protected post(message: ToGuest): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    this.#worker.postMessage(message);
  }

  protected kill(): void {
    // Never awaited: it may have to wait out a native call of the author's.
    void this.#worker.terminate();
  }

  #lossAtExit(code: number): GuestFailure {
    const fatal = this.#fatal;
    if (fatal === undefined)
      return lossFailure('exited', `the strategy's code ended its thread with process.exit(${code})`);
    if (Reflect.get(fatal, 'code') === 'ERR_WORKER_OUT_OF_MEMORY')
      return lossFailure(
        'outOfMemory',
        `the strategy ran out of memory (limit ${this.#limits.maxOldGenerationSizeMb} MB)`,
      );
    return lossFailure('died', `the strategy thread died: ${fatal.message}`);
  }
}
