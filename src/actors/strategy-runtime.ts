/**
 * One deployed strategy, wired: its machine, its book, the run of its guest, its leases and the
 * view that everybody else reads. The machine decides; this file does what it says.
 */
import { fromPromise } from 'xstate';
import type { Cancel, Clock } from '../clock.ts';
import { asQktError, QktError } from '../errors.ts';
import type { StrategyRisk as RiskSettings } from '../risk/risk-settings.ts';
import type { EquityState } from '../ledger/equity.ts';
import { figures, type Figures } from '../observe/status-view.ts';
import { GuestFailure } from '../worker/guest-failure.ts';
import type { GuestHost } from '../worker/host.ts';
import type { WireDefinition, WireLog } from '../worker/protocol.ts';
import { GuestSession } from './guest-session.ts';
import { Halts } from './halts.ts';
import { JOURNAL_LIMIT_MS, Lease, TICK_LOOP_LIMIT_MS } from './leases.ts';
import { cancelEntries, flatten } from './stop-steps.ts';
import { located, type Deployment } from './deployment.ts';
import { errorText, errorView } from './fault-tolerant.ts';
import type { Logger } from './log-sink.ts';
import { MarketBinding } from './market-binding.ts';
import { logRefusal, logTrade } from './order-log.ts';
import { StrategyRisk } from './strategy-risk.ts';
import type { StrategyActor, StrategyActorOptions } from './strategy-actor.ts';
import type { BookState, StrategyBook } from './strategy-book.ts';
import type { DeadlineInput, DrainInput, Recovered, StrategyContext, StrategySettings } from './strategy-events.ts';

/** At most this often a new view is made without a fill, a rejection or a halt to ask for one. */
const PROGRESS_EVERY_MS = 100;
const PROBE_EVERY_MS = 500;
const LOOK_EVERY_MS = 100;

/** States that are entered with an error for the author. */
const LOSSES: ReadonlySet<string> = new Set(['unresponsive', 'crashed', 'failed']);

/** Sequence numbers promised at once, and how many of them are left when the next are. */
const SEQ_BLOCK = 2_000_000;
const SEQ_MARGIN = 1_000_000;

interface MachineState {
  readonly latched: boolean;
  readonly restarts: number;
  readonly run: number;
}
const FIRST_LIFE: MachineState = { latched: false, restarts: 0, run: 0 };

export interface RuntimeOptions {
  readonly name: string;
  readonly deployment: Deployment;
  readonly book: StrategyBook;
  /** Its state from before, which it goes on with. */
  readonly recalled: BookState | undefined;
  /** Caps and halt rules in force for a definition. */
  readonly risk: (definition: WireDefinition) => RiskSettings;
  /** No event gets a number above this before the next reservation. */
  readonly reserve: (upTo: number) => void;
  /** The wall clock: supervision runs on it whatever the market's time is. */
  readonly clock: Clock;
  readonly createHost: () => GuestHost;
  readonly settings?: Partial<StrategySettings>;
  readonly spawn: (options: StrategyActorOptions) => StrategyActor;
  readonly log: Logger;
  /** Told of every state that is entered. */
  readonly onTransition: (to: string) => void;
}

export class StrategyRuntime {
  readonly name: string;
  readonly book: StrategyBook;
  readonly actor: StrategyActor;
  readonly tickLoop: Lease;
  /** Renewed by turns that reach the disk. */
  readonly journal: Lease;
  risk: StrategyRisk;
  /** Its place in the market, with a lease for each feed. */
  readonly market: MarketBinding;
  readonly startedAt: number;
  readonly halts = new Halts(this);
  readonly #options: RuntimeOptions;
  readonly #startedMonotonic: number;
  #deployment: Deployment;
  /** What the machine must not forget: a restart of the daemon gives no new restart budget. */
  readonly #machine = {
    before: FIRST_LIFE,
    save: (): MachineState => {
      const { latched, restarts } = this.actor.snapshot().context;
      return { latched, restarts, run: this.#run };
    },
    restore: (state: unknown): void => {
      this.#machine.before = state as MachineState;
      this.#run = this.#machine.before.run;
    },
  };
  #reserved = 0;
  /** The references of equity as the last turn left them. */
  #kept: EquityState;
  #run = 0;
  #session: GuestSession | undefined;
  #timers: Cancel[] = [];
  #hung = false;
  #launchError: QktError | undefined;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.name = options.name;
    this.book = options.book;
    this.#deployment = options.deployment;
    this.tickLoop = new Lease('tickLoop', TICK_LOOP_LIMIT_MS, options.clock);
    this.journal = new Lease('journal', JOURNAL_LIMIT_MS, options.clock);
    this.startedAt = options.clock.now();
    this.#startedMonotonic = options.clock.monotonic();
    this.market = this.#bindMarket();
    this.risk = this.#openRisk();
    this.book.keep('halts', this.halts);
    this.book.keep('risk', { save: () => this.risk.save(), restore: (state) => this.risk.restore(state) });
    this.book.newDay = () => this.halts.newDay();
    this.book.keep('machine', this.#machine);
    if (options.recalled !== undefined) this.book.restore(options.recalled);
    this.risk.liftUnheld(this.halts.rulesInForce);
    this.#kept = this.book.equity.save();
    this.#reserve();
    const { latched, restarts } = this.#machine.before;
    this.actor = options.spawn({
      input: {
        name: options.name,
        clock: options.clock,
        view: this.#figures(),
        ran: options.recalled !== undefined,
        latched,
        restarts,
        haltCauses: this.halts.causes,
        ...(options.settings !== undefined && { settings: options.settings }),
      },
      ports: {
        actors: {
          launch: fromPromise<unknown, DeadlineInput>(({ signal }) => this.#launch(signal)),
          recover: fromPromise<Recovered, DeadlineInput>(() => this.#recover()),
          cancelEntries: fromPromise(async ({ input, signal }: { input: DeadlineInput; signal: AbortSignal }) => {
            const done = await cancelEntries(this.book, options.clock, input.deadline, signal);
            if (!this.halts.asksToFlatten || this.actor.snapshot().context.stop?.endedAt === null) return done;
            const { left } = await flatten(this.book, options.clock, input.deadline, signal);
            return { ...done, left: [...done.left, ...left] };
          }),
          flatten: fromPromise(({ input, signal }: { input: DeadlineInput; signal: AbortSignal }) =>
            flatten(this.book, options.clock, input.deadline, signal),
          ),
          drain: fromPromise(({ input }: { input: DrainInput }) => this.#drain(input)),
        },
        actions: {
          closeGate: () => this.book.desk.closeGate(),
          openGate: () => this.#openGate(),
          terminateGuest: () => this.#endSession(),
        },
      },
      onFault: ({ error, during }) => options.log.error('fault in the strategy machine', { ...error, during }),
      onTransition: ({ event, from, to }) => this.#onTransition(from, to, event),
    });
    this.book.commits.onEnd(() => {
      this.#kept = this.book.equity.save();
      const view = this.#figures();
      return () => this.#show(view);
    });
    // Nothing is shown before the numbers that events now get are promised on disk.
    this.book.commits.begin();
    this.#followMarket();
    this.halts.announceRestored();
    // What has been breached by the figures that came back is halted before anything else happens.
    this.risk.judge();
    this.#timers = [
      options.clock.every(PROGRESS_EVERY_MS, () => this.#progress()),
      options.clock.every(PROBE_EVERY_MS, () => this.#session?.probe()),
      options.clock.every(LOOK_EVERY_MS, () => this.#lookForHang()),
    ];
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  get uptimeMs(): number {
    return Math.round(this.#options.clock.monotonic() - this.#startedMonotonic);
  }

  /** Why the first launch did not come to an end, in the author's terms. */
  get launchError(): QktError | undefined {
    return this.#launchError;
  }

  /** The latest frozen figures; the same object until something has changed. */
  view(): Figures {
    return this.actor.snapshot().context.view as Figures;
  }

  /** New code, loaded and checked already: used from the next launch on. */
  replace(deployment: Deployment): void {
    this.#deployment = deployment;
    const before = this.risk.save();
    this.risk.close();
    this.risk = this.#openRisk();
    this.risk.restore(before);
    this.#followMarket();
  }

  /** Removed for good: lets go of everything. */
  dispose(): void {
    this.#timers.forEach((cancel) => cancel());
    this.#endSession();
    this.market.leave();
    this.risk.close();
    this.book.close();
    this.actor.dispose();
  }

  /** Rules and caps of the definition that runs; what they count is the book's and stays. */
  #openRisk(): StrategyRisk {
    const { book } = this;
    const { market, startingBalance, gatewayReady } = book.options;
    const { limits, rules } = this.#options.risk(this.#deployment.definition);
    book.limits = limits;
    const risk = new StrategyRisk(
      rules,
      {
        name: this.name,
        clock: market.clock,
        wall: this.#options.clock,
        equity: () => book.equity.equity(),
        balance: () => book.ledger.balance,
        start: startingBalance,
        peak: () => book.equity.peak,
        day: () => book.equity.day,
        counts: book.history,
        idle: () => !book.warm && book.ledger.positions().length === 0,
        clockRuns: gatewayReady,
      },
      (breach) => void this.halts.trip(breach),
    );
    book.risk = risk;
    return risk;
  }

  /** Halts are told once they are on disk, here as well. */
  async #recover(): Promise<Recovered> {
    const haltCauses = this.halts.causes;
    await this.book.commits.settle();
    return { haltCauses };
  }

  async #launch(signal: AbortSignal): Promise<void> {
    this.#endSession();
    this.book.warm = false;
    this.#run += 1;
    const { compiled, definition, params } = this.#deployment;
    const session = new GuestSession(
      { moduleUrl: compiled.moduleUrl, definition, params, run: this.#run },
      this.book,
      this.#options.createHost(),
      {
        warmed: () => this.actor.send({ type: 'WARMED' }),
        failed: (error) => this.actor.send({ type: 'CRASHED', error: errorView(this.#explain(error)) }),
        logs: (lines) => this.#logAuthor(lines),
        turnDone: () => this.#onTurnDone(),
      },
    );
    this.#session = session;
    this.book.bind((stream) => symbolOf(definition, stream), {
      trade: (trade) => {
        this.book.commits.announce(() => logTrade(this.#options.log, trade));
        session.onTrade(trade);
      },
      refusal: (refusal, order) => {
        this.book.commits.announce(() => logRefusal(this.#options.log, refusal));
        session.onRefusal(refusal, order);
      },
      changed: () => session.stateChanged(),
    });
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

  /** A failure of the author's code with the author's file, line and column. */
  #explain(error: unknown): QktError {
    if (!(error instanceof GuestFailure)) return asQktError(error);
    this.#logAuthor(error.logs);
    return located(error, this.#deployment.compiled);
  }

  async #drain({ guest, deadline }: DrainInput): Promise<{ readonly left: readonly string[] }> {
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

  #endSession(): void {
    this.#session?.end();
    this.#session = undefined;
    this.#hung = false;
  }

  /** A halt that is on its way to the disk is in force already, though the machine has not heard of it. */
  #openGate(): void {
    if (this.halts.causes.length === 0) this.book.desk.openGate();
  }

  #onTransition(from: string, to: string, cause: string): void {
    if (from === 'recovering' && this.actor.snapshot().hasTag('live')) {
      this.tickLoop.renew();
      // While it warms up the gate's own stage says WARMUP: the truer word for why nothing passes.
      if (to === 'warming') this.#openGate();
      this.#session?.begin(this.market.pastBars());
    }
    if (to === 'halted') this.halts.liftOutlived();
    const { context } = this.actor.snapshot();
    if (to !== 'trading' && to !== 'warming') this.book.desk.closeGate(closedReason(context));
    const { lastError } = context;
    const isLoss = LOSSES.has(to);
    const detail = isLoss && lastError !== null ? { detail: errorText(lastError) } : {};
    this.book.record({ type: 'lifecycle', from, to, cause, ...detail });
    // The machine's own memory changes with its state.
    this.book.commits.begin();
    this.#options.log[isLoss ? 'error' : 'info'](`${from} → ${to}`, { cause, ...detail });
    this.#progress();
    this.#options.onTransition(to);
  }

  #logAuthor(lines: readonly WireLog[]): void {
    for (const { level, message, fields } of lines) this.#options.log.author(level, message, fields);
  }

  /** What the streams of the present definition bring, in the order that `trading.md` states. */
  #bindMarket(): MarketBinding {
    return new MarketBinding(this.book.options.market, this.#options.clock, {
      tick: (tick) => {
        this.book.onTick(tick);
        this.#session?.onTick(tick);
        this.#session?.pump();
      },
      bar: (streams, bar) => {
        this.book.onBar(bar);
        for (const stream of streams) this.#session?.onBar(stream, bar);
        this.#session?.pump();
      },
      settled: () => (this.#hung ? undefined : this.#session?.settled()),
      fault: (error) => {
        this.#options.log.error('fault on the tick path', { error: errorView(error).message });
        this.actor.send({ type: 'FAULT', error: errorView(error), during: 'tick' });
      },
    });
  }

  #followMarket(): void {
    const held = this.book.ledger.positions().map(({ symbol }) => symbol);
    this.market.follow(this.#deployment.definition.streams, held);
  }

  #onTurnDone(): void {
    this.tickLoop.renew();
    if (this.#hung) {
      this.#hung = false;
      this.actor.send({ type: 'ANSWERED' });
    }
  }

  #lookForHang(): void {
    if (this.#session?.settled() === undefined || this.#hung || this.tickLoop.ok) return;
    this.#hung = true;
    this.#session.letGo();
    const busy = Math.round(this.#session.utilization() * 100);
    this.book.desk.closeGate('the strategy does not answer');
    this.actor.send({
      type: 'HUNG',
      detail: `no turn finished for ${Math.round(this.tickLoop.ageMs)} ms, thread ${busy} % busy`,
    });
  }

  /** Sequence numbers are promised ahead, so that they never go back, whatever ends the process. */
  #reserve(): void {
    const given = this.book.options.events.given();
    if (given + SEQ_MARGIN <= this.#reserved) return;
    this.#reserved = given + SEQ_BLOCK;
    this.#options.reserve(this.#reserved);
  }

  #progress(): void {
    this.#reserve();
    if (this.#referencesMoved()) this.book.commits.begin();
    this.market.renewLeases();
    // What is not on disk yet is not shown: its own turn brings the next view.
    if (this.book.commits.pending) return;
    this.journal.renew();
    this.#show(this.#figures());
  }

  /** A new peak binds the next run as well, so it is on disk before it is shown. */
  #referencesMoved(): boolean {
    const { peak, worst, day } = this.book.equity.save();
    return peak !== this.#kept.peak || worst !== this.#kept.worst || day !== this.#kept.day;
  }

  #show(view: Figures): void {
    this.actor.send({ type: 'PROGRESS', view });
  }

  #figures(): Figures {
    const { book } = this;
    return figures({
      ledger: book.ledger,
      termsOf: (position) => book.termsOf(position),
      orders: book.desk.orders(),
      waiting: book.desk.waitingLayers(),
      trades: book.trades.shown(),
      tradesTotal: book.trades.total,
      evaluations: book.evaluations.view(),
      drawdown: (equity) => book.equity.drawdown(equity),
      dailyLoss: (equity) => book.equity.dailyLoss(equity),
      headroom: () => this.risk.headroom(),
      seq: book.options.events.given(),
      asOf: this.#options.clock.now(),
    });
  }
}

/** Why entries are refused, for whoever reads a denial. */
function closedReason({ haltCauses, stop, guest }: StrategyContext): string {
  const cause = haltCauses[0];
  if (cause !== undefined) return `halted: ${cause.reason}`;
  if (stop !== null && stop.endedAt === null) return 'the strategy is stopping';
  return guest === 'hung' ? 'the strategy does not answer' : 'the strategy is not running';
}

function symbolOf(definition: WireDefinition, stream: string): string {
  const found = definition.streams.find(({ key }) => key === stream);
  if (found === undefined) throw new QktError('QKT_E_INTENT', `there is no stream "${stream}"`);
  return found.symbol;
}
