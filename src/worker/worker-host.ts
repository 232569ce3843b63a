/** An author's code in a worker thread: whatever it does to its thread is one strategy's event. */
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { ReplaySubject } from 'rxjs';
import { QktError } from '../errors.ts';
import { guestUrl } from './entry.ts';
import { exitFailure, expectReply, GuestFailure } from './guest-failure.ts';
import type { CreateMessage, GuestHost, TurnResult } from './host.ts';
import type { CallbackName, FromGuest, ToGuest, WireDefinition, WireItem, WireState } from './protocol.ts';
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

interface Pending {
  readonly what: ToGuest['kind'];
  readonly resolve: (reply: FromGuest) => void;
  readonly reject: (failure: GuestFailure) => void;
}

class WorkerHost implements GuestHost {
  readonly failures$ = new ReplaySubject<GuestFailure>(1);
  readonly #worker: Worker;
  readonly #limits: ResourceLimits;
  #pending: Pending | undefined;
  #turns = 0;
  #ended: GuestFailure | undefined;
  #fatal: Error | undefined;
  readonly #load: ThreadLoad;

  constructor({ name, resourceLimits }: WorkerHostOptions) {
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
    this.#worker.on('message', (message: FromGuest) => this.#receive(message));
    this.#worker.on('messageerror', (error) => {
      this.#fatal = error;
      void this.#worker.terminate();
    });
    this.#worker.on('error', (error: Error) => (this.#fatal = error));
    this.#worker.on('exit', (code) => this.#end(exitFailure(this.#causeOfExit(code)), true));
  }

  async load(moduleUrl: string): Promise<WireDefinition> {
    return expectReply(await this.#ask({ kind: 'load', module: moduleUrl }), 'loaded').definition;
  }

  async create(message: CreateMessage): Promise<readonly CallbackName[]> {
    return expectReply(await this.#ask({ kind: 'create', ...message }), 'created').callbacks;
  }

  async turn(items: readonly WireItem[], state?: WireState): Promise<TurnResult> {
    this.#turns += 1;
    const message = { kind: 'turn', id: this.#turns, items, ...(state === undefined ? {} : { state }) } as const;
    const { consumed, intents, logs, evaluations } = expectReply(await this.#ask(message), 'done');
    return { consumed, intents, logs, evaluations };
  }

  terminate(): void {
    if (this.#ended !== undefined) return;
    this.#end(exitFailure('the strategy thread was ended by the daemon'), false);
    // Never awaited: it may have to wait out a native call of the author's.
    void this.#worker.terminate();
  }

  utilization(): number {
    return this.#load.take();
  }

  #ask(message: ToGuest): Promise<FromGuest> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#pending !== undefined) {
      const text = `a ${message.kind} was asked for while a ${this.#pending.what} is under way`;
      return Promise.reject(new QktError('QKT_E_STATE', text));
    }
    return new Promise((resolve, reject) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
      this.#worker.postMessage(message);
      this.#pending = { what: message.kind, resolve, reject };
    });
  }

  #receive(message: FromGuest): void {
    if (message.kind === 'failed' && message.during === 'background') {
      this.failures$.next(new GuestFailure(message));
      return;
    }
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve(message);
  }

  /** Whoever is waiting is told; nobody waiting, the stream of failures is. */
  #end(failure: GuestFailure, isNews: boolean): void {
    if (this.#ended !== undefined) return;
    this.#ended = failure;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) pending.reject(failure);
    else if (isNews) this.failures$.next(failure);
    this.failures$.complete();
  }

  #causeOfExit(code: number): string {
    const fatal = this.#fatal;
    if (fatal === undefined) return `the strategy's code ended its thread with process.exit(${code})`;
    if (Reflect.get(fatal, 'code') === 'ERR_WORKER_OUT_OF_MEMORY')
      return `the strategy ran out of memory (limit ${this.#limits.maxOldGenerationSizeMb} MB)`;
    return `the strategy thread died: ${fatal.message}`;
  }
}
