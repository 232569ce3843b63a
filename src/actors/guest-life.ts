/**
 * The runs of one strategy's code: each is launched, fed, watched and ended here. It says what
 * happened to its code; what follows is the machine's to decide.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { Bar, Tick } from '../domain/market.ts';
import type { LossCause } from '../domain/loss-views.ts';
import { asQktError, QktError } from '../errors.ts';
import { GuestFailure } from '../worker/guest-failure.ts';
import type { GuestHost } from '../worker/host.ts';
import type { WireDefinition, WireLog, WireStream } from '../worker/protocol.ts';
import { located, type Deployment } from './deployment.ts';
import { GuestSession } from './guest-session.ts';
import { HangWatch } from './hang-watch.ts';
import { TICK_LOOP_LIMIT_MS } from './leases.ts';
import type { Logger } from './log-sink.ts';
import { causeOf } from './losses.ts';
import { logRefusal, logTrade } from './order-log.ts';
import type { StrategyBook } from './strategy-book.ts';
import { NO_INBOX, type Inbox } from './turns.ts';
import type { Drained, DrainInput, Hang } from './strategy-events.ts';

export interface GuestLifeListener {
  /** The last warm-up bar has been worked through. */
  warmed(): void;
  /** A turn is over: the tick loop runs. */
  turnDone(): void;
  /** The code is lost, outside of a launch. */
  lost(cause: LossCause, error: QktError): void;
  /** @param ms how long the turn under way has lasted */
  hung(hang: Hang, ms: number, limitMs: number): void;
  /** It hung, and has answered after all. */
  answered(): void;
}

export interface GuestLifeOptions {
  readonly book: StrategyBook;
  /** The wall clock. */
  readonly clock: Clock;
  readonly createHost: (definition: WireDefinition) => GuestHost;
  readonly deployment: () => Deployment;
  readonly log: Logger;
  readonly listener: GuestLifeListener;
}

export class GuestLife {
  /** How often it was launched, in all its lives: part of its order ids. */
  runs = 0;
  readonly #options: GuestLifeOptions;
  readonly #watch: HangWatch;
  #session: GuestSession | undefined;
  #hangs = false;
  #launchError: QktError | undefined;

  constructor(options: GuestLifeOptions) {
    this.#options = options;
    this.#watch = new HangWatch(options.clock, TICK_LOOP_LIMIT_MS);
  }

  /** Why the last failed launch did not come to an end, in the author's terms. */
  get launchError(): QktError | undefined {
    return this.#launchError;
  }

  /** Loads and creates the strategy. @throws QktError when it does not get ready */
  async launch(signal: AbortSignal): Promise<void> {
    this.end();
    const { book, createHost, deployment } = this.#options;
    const { compiled, definition, params } = deployment();
    book.warm = false;
    this.#launchError = undefined;
    this.runs += 1;
    const session = new GuestSession(
      { moduleUrl: compiled.moduleUrl, definition, params, run: this.runs },
      book,
      createHost(definition),
      {
        warmed: () => this.#options.listener.warmed(),
        failed: (error) => this.#options.listener.lost(causeOf(error, 'threw'), this.#explain(error)),
        logs: (lines) => this.#logAuthor(lines),
        turnDone: () => this.#onTurnDone(),
      },
    );
    this.#session = session;
    this.#bind(session, definition);
    let launched = false;
    signal.addEventListener('abort', () => {
      if (!launched) session.end();
    });
    try {
      await session.launch();
      launched = true;
    } catch (error) {
      session.end();
      this.#launchError = this.#explain(error);
      throw this.#launchError;
    }
  }

  /** Begins to feed it: these bars first, as warm-up. */
  begin(past: readonly { readonly stream: WireStream; readonly bar: Bar }[]): void {
    this.#watch.turnEnded();
    this.#session?.begin(past);
  }

  /** Bars of the past that were not known when it was begun. */
  warmUpWith(stream: WireStream, past: readonly Bar[]): void {
    this.#session?.warmUpWith(stream, past);
  }

  onTick(tick: Tick): void {
    this.#session?.onTick(tick);
    this.#session?.pump();
  }

  /** @param streams those that want this bar */
  onBar(streams: readonly WireStream[], bar: Bar): void {
    for (const stream of streams) this.#session?.onBar(stream, bar);
    this.#session?.pump();
  }

  /** The work under way; undefined when a replay need not wait for it. */
  settled(): Promise<void> | undefined {
    return this.#hangs ? undefined : this.#session?.settled();
  }

  /** Of the run that is on; empty between two runs. */
  get inbox(): Inbox {
    return this.#session?.inbox ?? NO_INBOX;
  }

  /** Asks it for a sign of life, through the queue of its ticks. */
  probe(): void {
    this.#session?.probe();
  }

  /** Looks whether it hangs. */
  look(): void {
    const session = this.#session;
    if (session === undefined || this.#hangs) return;
    const found = this.#watch.look(session);
    if (found === undefined) return;
    this.#hangs = true;
    session.letGo();
    const { ms, ...hang } = found;
    this.#options.listener.hung(hang, ms, this.#watch.limitMs);
  }

  /** Runs the author's `onStop`, for as long as there is time. A guest that hangs or is gone is not waited for. */
  async drain({ guest, deadline }: DrainInput): Promise<Drained> {
    if (guest !== 'running' || this.#session === undefined) return { left: [] };
    this.#session.stop();
    const { clock } = this.#options;
    let cancel: Cancel = () => {};
    const timeUp = new Promise<'late'>((resolve) => {
      cancel = clock.at(deadline, () => resolve('late'));
    });
    const ended = await Promise.race([this.#session.settled() ?? Promise.resolve(), timeUp]);
    cancel();
    return { left: ended === 'late' ? ['onStop did not return in time'] : [] };
  }

  /** Ends it at once, whatever it is doing. */
  end(): void {
    this.#session?.end();
    this.#session = undefined;
    this.#hangs = false;
  }

  /** What the book tells goes to this run. */
  #bind(session: GuestSession, definition: WireDefinition): void {
    const { book, log } = this.#options;
    book.bind((stream) => symbolOf(definition, stream), {
      trade: (trade) => {
        book.commits.announce(() => logTrade(log, trade));
        session.onTrade(trade);
      },
      refusal: (refusal, order) => {
        book.commits.announce(() => logRefusal(log, refusal));
        session.onRefusal(refusal, order);
      },
      changed: () => session.stateChanged(),
    });
  }

  #onTurnDone(): void {
    this.#watch.turnEnded();
    this.#options.listener.turnDone();
    if (!this.#hangs) return;
    this.#hangs = false;
    this.#options.listener.answered();
  }

  /** A failure of the author's code with the author's file, line and column. */
  #explain(error: unknown): QktError {
    if (!(error instanceof GuestFailure)) return asQktError(error);
    this.#logAuthor(error.logs);
    return located(error, this.#options.deployment().compiled);
  }

  #logAuthor(lines: readonly WireLog[]): void {
    const { log } = this.#options;
    for (const { level, message, fields, dropped } of lines)
      if (dropped === undefined) log.author(level, message, fields);
      else {
        log.warn(message, { dropped });
        log.flooded(dropped);
      }
  }
}

function symbolOf(definition: WireDefinition, stream: string): string {
  const found = definition.streams.find(({ key }) => key === stream);
  if (found === undefined) throw new QktError('QKT_E_INTENT', `there is no stream "${stream}"`);
  return found.symbol;
}
