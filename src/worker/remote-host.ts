/** A guest beyond a boundary, thread or process: one question at a time, and nothing trusted that comes back unasked. */
import { ReplaySubject } from 'rxjs';
import { QktError } from '../errors.ts';
import { isFromGuest } from './from-guest.ts';
import { expectReply, GuestFailure, lossFailure } from './guest-failure.ts';
import type { CreateMessage, GuestHost, TurnResult } from './host.ts';
import type { CallbackName, FromGuest, ToGuest, WireDefinition, WireItem, WireState } from './protocol.ts';

/** Messages that nobody asked for; with more of them the author's code floods the channel. */
const MAX_FOREIGN = 1_000;

interface Pending {
  readonly message: ToGuest;
  readonly resolve: (reply: FromGuest) => void;
  readonly reject: (failure: GuestFailure) => void;
}

export abstract class RemoteHost implements GuestHost {
  readonly failures$ = new ReplaySubject<GuestFailure>(1);
  #pending: Pending | undefined;
  #turns = 0;
  #foreign = 0;
  #ended: GuestFailure | undefined;

  protected abstract post(message: ToGuest): void;
  /** Ends thread or process at once; never waited for. */
  protected abstract kill(): void;
  abstract utilization(): number;

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
    this.lose(lossFailure('exited', 'the strategy was ended by the daemon'), false);
  }

  /** True while an answer is due. */
  protected get asked(): boolean {
    return this.#pending !== undefined;
  }

  protected get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Something came out of the thread or process: an answer, a failure of the author's code, or what is not ours. */
  protected receive(message: unknown): void {
    if (this.#ended !== undefined) return;
    if (!isFromGuest(message)) return this.#ignore();
    if (message.kind === 'failed' && message.during === 'background') {
      this.failures$.next(new GuestFailure(message));
      return;
    }
    const pending = this.#pending;
    if (pending === undefined || !answers(message, pending.message)) return this.#ignore();
    this.#pending = undefined;
    pending.resolve(message);
  }

  /** The end. Whoever is waiting is told; nobody waiting, the stream of failures is. */
  protected lose(failure: GuestFailure, isNews = true): void {
    if (this.#ended !== undefined) return;
    this.#ended = failure;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) pending.reject(failure);
    else if (isNews) this.failures$.next(failure);
    this.failures$.complete();
    this.kill();
  }

  #ask(message: ToGuest): Promise<FromGuest> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#pending !== undefined) {
      const text = `a ${message.kind} was asked for while a ${this.#pending.message.kind} is under way`;
      return Promise.reject(new QktError('QKT_E_STATE', text));
    }
    return new Promise((resolve, reject) => {
      this.post(message);
      this.#pending = { message, resolve, reject };
    });
  }

  #ignore(): void {
    this.#foreign += 1;
    if (this.#foreign > MAX_FOREIGN)
      this.lose(lossFailure('flooding', `more than ${MAX_FOREIGN} messages that nobody asked for`));
  }
}

const ANSWERS = { load: 'loaded', create: 'created', turn: 'done' } as const;

function answers(reply: FromGuest, asked: ToGuest): boolean {
  if (reply.kind === 'failed') return true;
  if (reply.kind !== ANSWERS[asked.kind]) return false;
  if (reply.kind !== 'done' || asked.kind !== 'turn') return true;
  // A guest that gets nothing done would be sent the same for ever.
  return reply.id === asked.id && reply.consumed > 0 && reply.consumed <= asked.items.length;
}
