/** One channel as the notifier holds it: its actor, its transport and its counts. */
import { createActor, fromPromise, type ActorRefFrom } from 'xstate';
import type { Clock } from '../../clock.ts';
import type { ChannelView } from '../../domain/channels.ts';
import { iso, type EpochMs } from '../../domain/time.ts';
import { faultTolerant, type OnFault } from '../fault-tolerant.ts';
import { channelMachine, type ChannelContext, type Job, type SendInput } from './channel-machine.ts';
import type { Transport } from './transports/transport.ts';

export interface ChannelOptions {
  readonly name: string;
  readonly type: string;
  readonly clock: Clock;
  readonly transport: Transport;
  /** Takes secrets out of what went wrong. */
  readonly scrub: (text: string) => string;
  readonly onFault: OnFault;
  /** Another message may come, or it will take a while until one may. */
  readonly free: () => void;
  /** When a message last reached it, of an earlier run. */
  readonly proven: EpochMs | undefined;
}

type Outcome = 'delivered' | 'failed' | 'dropped';

export class Channel {
  readonly name: string;
  readonly type: string;
  readonly #scrub: (text: string) => string;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #ref: ActorRefFrom<typeof channelMachine>;
  readonly #counts: Record<Outcome, number> = { delivered: 0, failed: 0, dropped: 0 };
  #proven: EpochMs | undefined;

  constructor({ name, type, clock, transport, scrub, onFault, free, proven }: ChannelOptions) {
    this.name = name;
    this.type = type;
    this.#clock = clock;
    this.#scrub = scrub;
    this.#transport = transport;
    this.#proven = proven;
    const machine = channelMachine.provide({
      actors: {
        send: fromPromise<void, SendInput>(({ input, signal }) => transport.send(input.notification, signal)),
      },
      actions: {
        delivered: ({ context }) => this.#settle(context.job, undefined),
        failed: ({ context }) => this.#settle(context.job, scrub(context.lastError ?? 'it failed')),
        free,
      },
    });
    this.#ref = createActor(faultTolerant(machine, onFault), { input: { name, clock }, clock: clock.xstate });
    this.#ref.start();
  }

  /** Takes a message now. */
  get takes(): boolean {
    return this.#ref.getSnapshot().hasTag('takes');
  }

  /** Carries one already: it will take another soon. */
  get isSending(): boolean {
    return this.#ref.getSnapshot().matches('sending');
  }

  /** When a message last reached it. */
  get proven(): EpochMs | undefined {
    return this.#proven;
  }

  /** Only while it {@link takes} one. */
  send(job: Job): void {
    this.#ref.send({ type: 'SEND', job });
  }

  /** A person's test: it waits for nothing but the message under way. False while there is one. */
  try(job: Job): boolean {
    if (this.isSending || this.#ref.getSnapshot().matches('closed')) return false;
    this.#ref.send({ type: 'TRY', job });
    return true;
  }

  /** A message was given up before it came to this. */
  noteDropped(): void {
    this.#counts.dropped += 1;
  }

  view(): ChannelView {
    const { value, context } = this.#ref.getSnapshot();
    const { lastError }: ChannelContext = context;
    return {
      name: this.name,
      type: this.type,
      state: value,
      ...this.#counts,
      lastProven: this.#proven === undefined ? null : iso(this.#proven),
      lastError: lastError === null ? null : this.#scrub(lastError),
    };
  }

  close(): void {
    if (this.#ref.getSnapshot().matches('closed')) return;
    this.#ref.send({ type: 'CLOSE' });
    this.#ref.stop();
    this.#transport.close();
  }

  /** After the machine has moved on, so that what it leads to finds it free. */
  #settle(job: Job | null, error: string | undefined): void {
    this.#counts[error === undefined ? 'delivered' : 'failed'] += 1;
    if (error === undefined) this.#proven = this.#clock.now();
    queueMicrotask(() => job?.settled(error));
  }
}
