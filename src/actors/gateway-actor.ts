/** A gateway's actor as its venue holds it: the machine, fault-tolerant, on a clock, with what is told of it. */
import { Subject, type Observable } from 'rxjs';
import { createActor, fromPromise, type ActorRefFrom } from 'xstate';
import type { Clock } from '../clock.ts';
import type { GatewayEvent as GatewayNotice } from '../domain/events.ts';
import type { EpochMs } from '../domain/time.ts';
import { faultTolerant, type OnFault } from './fault-tolerant.ts';
import type { GatewayContext, GatewayEvent, GatewayTag } from './gateway-events.ts';
import { GatewayNotices } from './gateway-notices.ts';
import { gatewayMachine, type GatewayState } from './gateway.ts';
import type { DeadlineInput } from './strategy-events.ts';
import type { GatewayTrouble } from './venue.ts';

/** One of the machine's promises. @throws LinkError that names what has failed */
type Step = (input: DeadlineInput) => Promise<unknown>;

export interface GatewayActorOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly steps: Readonly<Record<'connect' | 'verify' | 'reconcile', Step>>;
  /** Every change of state, before anybody else hears of it. */
  readonly onTransition: (from: GatewayState, to: GatewayState, cause: string) => void;
  readonly onFault: OnFault;
}

export class GatewayActor {
  /** Loss, return and what is taken from then on, each once. */
  readonly notices$: Observable<GatewayNotice>;
  readonly #notices$ = new Subject<GatewayNotice>();
  readonly #options: GatewayActorOptions;
  readonly #news: GatewayNotices;
  readonly #ref: ActorRefFrom<typeof gatewayMachine>;
  #state: GatewayState = 'offline';
  #since: EpochMs;

  constructor(options: GatewayActorOptions) {
    const { name, clock, steps, onFault } = options;
    this.#options = options;
    this.#news = new GatewayNotices(name);
    this.#since = clock.now();
    this.notices$ = this.#notices$;
    const actors = {
      connect: fromPromise<unknown, DeadlineInput>(({ input }) => steps.connect(input)),
      verify: fromPromise<unknown, DeadlineInput>(({ input }) => steps.verify(input)),
      reconcile: fromPromise<unknown, DeadlineInput>(({ input }) => steps.reconcile(input)),
    };
    this.#ref = createActor(faultTolerant(gatewayMachine.provide({ actors }), onFault), {
      input: { name, clock },
      clock: clock.xstate,
    });
    this.#ref.subscribe(({ value, context }) => {
      if (value !== this.#state) this.#entered(value, context);
    });
  }

  start(): void {
    this.#ref.start();
    this.send({ type: 'CONNECT' });
  }

  close(): void {
    this.send({ type: 'DISCONNECT' });
    this.#ref.stop();
    this.#notices$.complete();
  }

  send(event: GatewayEvent): void {
    this.#ref.send(event);
  }

  get state(): GatewayState {
    return this.#state;
  }

  /** When it entered its state; while it is tried again and again, when that began: when it was lost, or first asked for. */
  get since(): EpochMs {
    return this.#since;
  }

  get context(): GatewayContext {
    return this.#ref.getSnapshot().context;
  }

  /** Of the last try, where it is not in order. */
  get trouble(): GatewayTrouble | undefined {
    const { cause, failingLink: link } = this.context;
    return cause === null || link === null ? undefined : { cause, link };
  }

  takes(what: 'entries' | 'exits' | 'cancels'): boolean {
    return this.#ref.getSnapshot().hasTag(TAGS[what]);
  }

  #entered(to: GatewayState, { cause, failingLink, clock }: GatewayContext): void {
    const from = this.#state;
    this.#state = to;
    if (!(TRIED.has(from) && TRIED.has(to))) this.#since = clock.now();
    this.#options.onTransition(from, to, cause ?? '');
    const notice = this.#news.entered(to, cause, failingLink);
    if (notice !== undefined) this.#notices$.next(notice);
  }
}

/** The round of those who try to reach it; an outage is one however many of them it has. */
const TRIED: ReadonlySet<GatewayState> = new Set(['connecting', 'verifying', 'reconciling', 'down']);

const TAGS: Readonly<Record<'entries' | 'exits' | 'cancels', GatewayTag>> = {
  entries: 'takesEntries',
  exits: 'takesExits',
  cancels: 'takesCancels',
};
