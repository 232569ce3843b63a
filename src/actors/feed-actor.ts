/** A feed's actor as its venue holds it: it hears of the last tick, conflated, and of the feed's end. */
import { createActor, type ActorRefFrom } from 'xstate';
import type { Cancel, Clock } from '../clock.ts';
import type { Market } from '../venues/market.ts';
import { errorView, faultTolerant, type OnFault } from './fault-tolerant.ts';
import { feedMachine } from './feed.ts';

/** How often it hears of the last tick, at most, in milliseconds. */
const LAST_TICK_EVERY_MS = 100;

export interface FeedActorOptions {
  readonly venue: string;
  readonly market: Market;
  /** The wall clock. */
  readonly clock: Clock;
  readonly onTransition: (from: string, to: string, cause: string) => void;
  readonly onFault: OnFault;
}

export class FeedActor {
  readonly #options: FeedActorOptions;
  readonly #ref: ActorRefFrom<typeof feedMachine>;
  #stopWatch: Cancel = () => {};
  #ticksSeen = 0;

  constructor(options: FeedActorOptions) {
    const { venue, clock, market, onFault } = options;
    this.#options = options;
    this.#ref = createActor(faultTolerant(feedMachine, onFault), { input: { venue, clock }, clock: clock.xstate });
    this.#tell();
    void market.ended.then(() => {
      // A market that is closed ends as well, and its feed is gone then.
      if (this.#ref.getSnapshot().status === 'active') this.#ref.send({ type: 'ENDED' });
    });
  }

  start(): void {
    this.#ref.start();
    this.#stopWatch = this.#options.clock.every(LAST_TICK_EVERY_MS, () => this.#look());
  }

  close(): void {
    this.#stopWatch();
    this.#ref.stop();
  }

  /** It cannot go on. */
  failed(error: unknown): void {
    this.#ref.send({ type: 'FAILED', error: errorView(error) });
  }

  /** It is gone, and why; undefined: it is there again. */
  lost(reason: string | undefined): void {
    if (reason === undefined) this.#ref.send({ type: 'RESTARTED' });
    else this.failed(new Error(reason));
  }

  #look(): void {
    const { market, clock } = this.#options;
    if (market.tickCount !== this.#ticksSeen) this.#ref.send({ type: 'LAST_TICK', at: clock.now() });
    this.#ticksSeen = market.tickCount;
  }

  #tell(): void {
    let before = this.#ref.getSnapshot().value;
    this.#ref.subscribe(({ value, context }) => {
      if (value === before) return;
      const from = before;
      before = value;
      this.#options.onTransition(from, value, context.lastError?.message ?? '');
    });
  }
}
