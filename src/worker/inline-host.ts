/** An author's code in the main thread, for replays and benchmarks: the same trades, and no protection from it. */
import { posix } from 'node:path';
import { ReplaySubject } from 'rxjs';
import { expectReply, GuestFailure, lossFailure } from './guest-failure.ts';
import { GuestRuntime } from './guest-runtime.ts';
import type { CreateMessage, GuestHost, TurnResult } from './host.ts';
import { watchRejections } from './inline-rejections.ts';
import type { CallbackName, FromGuest, ToGuest, WireDefinition, WireItem, WireState } from './protocol.ts';

export function createInlineHost(): GuestHost {
  return new InlineHost();
}

let instances = 0;
/** The console is swapped while a file loads, so that loads take turns. */
let loading: Promise<unknown> = Promise.resolve();

class InlineHost implements GuestHost {
  readonly failures$ = new ReplaySubject<GuestFailure>(1);
  readonly #runtime = new GuestRuntime();
  #stopWatching: (() => void) | undefined;
  #ended: GuestFailure | undefined;
  #turns = 0;

  async load(moduleUrl: string): Promise<WireDefinition> {
    instances += 1;
    // A module of its own, as in a thread: two strategies from one file share no variables.
    const module = `${moduleUrl}?instance=${instances}`;
    this.#stopWatching = watchRejections(posix.basename(module), (reason) =>
      this.#report(this.#runtime.background(reason, 'rejected')),
    );
    const mine = loading.then(() => this.#loadWithConsole(module));
    loading = mine;
    return expectReply(await mine, 'loaded').definition;
  }

  create(message: CreateMessage): Promise<readonly CallbackName[]> {
    return Promise.resolve().then(() => expectReply(this.#ask({ kind: 'create', ...message }), 'created').callbacks);
  }

  turn(items: readonly WireItem[], state?: WireState): TurnResult {
    this.#turns += 1;
    const message = { kind: 'turn', id: this.#turns, items, ...(state === undefined ? {} : { state }) } as const;
    const { consumed, intents, logs, evaluations } = expectReply(this.#ask(message), 'done');
    return { consumed, intents, logs, evaluations };
  }

  terminate(): void {
    if (this.#ended !== undefined) return;
    this.#ended = lossFailure('exited', 'the strategy was ended by the daemon');
    this.#stopWatching?.();
    this.failures$.complete();
  }

  utilization(): number {
    return 0;
  }

  #ask(message: Exclude<ToGuest, { kind: 'load' }>): FromGuest {
    if (this.#ended !== undefined) throw this.#ended;
    return message.kind === 'create' ? this.#runtime.create(message) : this.#runtime.turn(message);
  }

  #report(message: FromGuest): void {
    if (message.kind === 'failed') this.failures$.next(new GuestFailure(message));
  }

  async #loadWithConsole(module: string): Promise<FromGuest> {
    const before = globalThis.console;
    globalThis.console = this.#runtime.log.console;
    try {
      return await this.#runtime.load(module);
    } finally {
      globalThis.console = before;
    }
  }
}
