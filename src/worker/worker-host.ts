/** An author's code in a worker thread: whatever it does to its thread is one strategy's event. */
import { Worker } from 'node:worker_threads';
import { guestUrl } from './entry.ts';
import { lossFailure, type GuestFailure } from './guest-failure.ts';
import type { ThreadStart } from './guest.ts';
import type { GuestHost } from './host.ts';
import { clip, MAX_MESSAGE, textOf } from './log-fields.ts';
import { memoryLimits, memoryText, type MemoryLimit, type MemoryLimits } from './memory-limits.ts';
import type { ToGuest } from './protocol.ts';
import { RemoteHost } from './remote-host.ts';
import { ranMs, ThreadLoad } from './thread-cpu.ts';
import { ThreadGauge } from './thread-gauge.ts';
import { watchMemory } from './thread-memory.ts';

export interface WorkerHostOptions {
  /** Shown by debuggers and profilers. */
  readonly name?: string;
  /** Of the JavaScript heap, in MB. */
  readonly heapMb?: number;
}

/** V8's own, at which it may end the whole process: so far away that {@link watchMemory} comes first. */
const RESOURCES = { maxOldGenerationSizeMb: 4096, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

export function createWorkerHost(options: WorkerHostOptions = {}): GuestHost {
  return new WorkerHost(options);
}

class WorkerHost extends RemoteHost {
  readonly #worker: Worker;
  readonly #limits: MemoryLimits;
  readonly #load: ThreadLoad;
  readonly #unwatch: () => void;
  /** What its code threw where nothing of ours could catch it: any value, so that it stands in a list. */
  readonly #fatal: unknown[] = [];

  constructor({ name, heapMb }: WorkerHostOptions) {
    super();
    const limits = memoryLimits(heapMb);
    const gauge = new ThreadGauge();
    this.#limits = limits;
    this.#worker = new Worker(guestUrl(), {
      workerData: { shared: gauge.shared, limits } satisfies ThreadStart,
      ...(name === undefined ? {} : { name }),
      resourceLimits: RESOURCES,
      // Nothing of the daemon's command line is meant for authors' threads.
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    // The guest sends output as log lines; what the runtime itself prints there must not pile up.
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#load = new ThreadLoad(this.#worker, gauge);
    this.#unwatch = watchMemory({
      gauge,
      limits,
      ran: () => ranMs(gauge.threadId),
      end: (limit) => this.lose(this.#outOfMemory(limit)),
    });
    this.#worker.on('message', (message: unknown) => this.receive(message));
    this.#worker.on('messageerror', (error) => {
      this.#fatal.push(error);
      this.kill();
    });
    this.#worker.on('error', (error: unknown) => this.#fatal.push(error));
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
    this.#unwatch();
    // Never awaited: it may have to wait out a native call of the author's.
    void this.#worker.terminate();
  }

  #lossAtExit(code: number): GuestFailure {
    if (this.#fatal.length === 0)
      return lossFailure('exited', `the strategy's code ended its thread with process.exit(${code})`);
    const fatal = this.#fatal.at(-1);
    if (!(fatal instanceof Error))
      return lossFailure('died', `the strategy thread died: threw ${clip(textOf(fatal), MAX_MESSAGE)}`);
    if (Reflect.get(fatal, 'code') === 'ERR_WORKER_OUT_OF_MEMORY') return this.#outOfMemory('heap');
    return lossFailure('died', `the strategy thread died: ${clip(textOf(fatal.message), MAX_MESSAGE)}`);
  }

  #outOfMemory(limit: MemoryLimit): GuestFailure {
    return lossFailure('outOfMemory', memoryText(limit, this.#limits));
  }
}
