/**
 * One deployed strategy, wired: its machine, its book, the runs of its guest, its leases and the
 * view that everybody else reads. The machine decides; this file has done what it says.
 */
import type { Cancel } from '../clock.ts';
import type { EquityState } from '../ledger/equity.ts';
import { figures, type Figures } from '../observe/status-view.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import type { RunLoss } from '../domain/run-summary.ts';
import { QktError } from '../errors.ts';
import type { WireDefinition } from '../worker/protocol.ts';
import { GuestLife } from './guest-life.ts';
import { Halts } from './halts.ts';
import type { Logger } from './log-sink.ts';
import { LOOK_EVERY_MS } from './hang-watch.ts';
import { lossEntered } from './losses.ts';
import { Lease, TICK_LOOP_LIMIT_MS } from './leases.ts';
import type { Deployment } from './deployment.ts';
import { errorView } from './fault-tolerant.ts';
import { MarketBinding } from './market-binding.ts';
import { ruleClockRuns } from './rule-clock.ts';
import { differenceCause } from './on-difference.ts';
import { abandonNow, hangCause, ON_HANG } from './on-hang.ts';
import { StrategyRisk } from './strategy-risk.ts';
import type { StrategyActor } from './strategy-actor.ts';
import { closedReason, unfinished } from './strategy-context.ts';
import { strategyPorts } from './strategy-ports.ts';
import type { StrategyBook } from './strategy-book.ts';
import type { Hang, StopRecord, StrategyContext } from './strategy-events.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import { Uptime } from './uptime.ts';

/** At most this often a new view is made without a fill, a rejection or a halt to ask for one. */
const PROGRESS_EVERY_MS = 100;
const PROBE_EVERY_MS = 500;

/** The pause before a restart is one of the wall clock, which a bounded run's figures must not depend on. */
const STARTS_NOTHING_AGAIN = { restartBudget: 0 };

/** Sequence numbers promised at once, and how many of them are left when the next are. */
const SEQ_BLOCK = 2_000_000;
const SEQ_MARGIN = 1_000_000;

/** What the machine must not forget: a restart of the daemon gives no new restart budget. */
type MachineState = Pick<StrategyContext, 'latched' | 'restarts' | 'crashes' | 'losses'> & {
  readonly run: number;
  /** One with flatten that is under way, or has not come to its end. */
  readonly stop?: StopRecord;
};

export class StrategyRuntime {
  readonly name: string;
  readonly book: StrategyBook;
  readonly actor: StrategyActor;
  readonly tickLoop: Lease;
  risk: StrategyRisk;
  /** Its place in the market, with a lease for each feed. */
  readonly market: MarketBinding;
  readonly startedAt: number;
  /** A stop with flatten that was under way when the daemon ended. */
  readonly cutOff: StopRecord | undefined;
  readonly halts = new Halts(this);
  readonly guest: GuestLife;
  readonly #options: RuntimeOptions;
  readonly #uptime: Uptime;
  #deployment: Deployment;
  #reserved = 0;
  #disposed = false;
  /** As the last turn has them: nothing is shown that is not on disk. */
  #restarts: number;
  /** The references of equity as the last turn left them. */
  #kept: EquityState;
  #timers: Cancel[] = [];
  /** Of a bounded run, in market time. */
  #lostAt: EpochMs | undefined;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.name = options.name;
    this.book = options.book;
    this.#deployment = options.deployment;
    this.tickLoop = new Lease('tickLoop', TICK_LOOP_LIMIT_MS, options.clock);
    this.startedAt = options.clock.now();
    this.#uptime = new Uptime(options.clock);
    this.guest = this.#openGuest();
    this.market = this.#bindMarket();
    this.risk = this.#openRisk();
    this.book.keep('halts', this.halts);
    this.book.keep('risk', { save: () => this.risk.save(), restore: (state) => this.risk.restore(state) });
    this.book.newDay = () => this.halts.newDay();
    this.book.onDifference = (difference, settled) => {
      const cause = differenceCause(difference, settled, this.halts.causes);
      if (cause !== undefined) void this.halts.halt(cause);
    };
    this.book.follows = (symbol) => this.#deployment.definition.streams.some((stream) => stream.symbol === symbol);
    let before: Partial<MachineState> = {};
    this.book.keep('machine', {
      save: () => this.#machineState(),
      restore: (state) => (before = state as MachineState),
    });
    if (options.recalled !== undefined) this.book.restore(options.recalled);
    this.risk.liftUnheld(this.halts.rulesInForce);
    this.#kept = this.book.equity.save();
    this.#reserve();
    const { run = 0, ...memory } = before;
    this.cutOff = memory.stop?.endedAt === null ? memory.stop : undefined;
    this.guest.runs = run;
    this.#restarts = memory.restarts ?? 0;
    this.actor = options.spawn({
      input: {
        name: options.name,
        clock: options.clock,
        view: this.#figures(),
        ran: options.recalled !== undefined,
        ...memory,
        haltCauses: this.halts.causes,
        ...(options.settings !== undefined && { settings: options.settings }),
        ...(options.isBounded === true && { settings: { ...options.settings, ...STARTS_NOTHING_AGAIN } }),
      },
      ports: strategyPorts({
        book: this.book,
        clock: options.clock,
        log: options.log,
        guest: this.guest,
        halts: this.halts,
        onHang: () => this.#onHang,
        stops: () => this.actor.snapshot().context.stop?.endedAt === null,
        openGate: () => this.#openGate(),
      }),
      onFault: ({ error, during }) => options.log.error('fault in the strategy machine', { ...error, during }),
      onTransition: ({ event, from, to }) => this.#onTransition(from, to, event),
    });
    this.book.commits.onEnd(() => {
      this.#kept = this.book.equity.save();
      this.#restarts = this.actor.snapshot().context.restarts;
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
      options.clock.every(PROBE_EVERY_MS, () => this.guest.probe()),
      options.clock.every(LOOK_EVERY_MS, () => this.guest.look()),
    ];
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  /** Its own. */
  get log(): Logger {
    return this.#options.log;
  }

  /** Of its present run, whose beginning `startedAt` of its status is; 0 while it does not run. */
  get uptimeMs(): number {
    return this.#uptime.of(this.actor.state(), this.actor.snapshot().context.startedAt);
  }

  /** The latest frozen figures; the same object until something has changed. */
  view(): Figures {
    return this.actor.snapshot().context.view as Figures;
  }

  /** New code, loaded and checked already: used from the next launch on. */
  replace(deployment: Deployment): void {
    this.#deployment = deployment;
    this.reopenRisk();
    this.#followMarket();
  }

  /** Caps and rules as they are configured now; what has been counted and what has tripped stays. */
  reopenRisk(): void {
    const before = this.risk.save();
    this.risk.close();
    this.risk = this.#openRisk();
    this.risk.restore(before);
  }

  /** Removed for good: lets go of everything. */
  dispose(): void {
    this.#timers.forEach((cancel) => cancel());
    this.#disposed = true;
    this.guest.end();
    this.market.leave();
    this.risk.close();
    this.book.leaveBehind();
    this.book.close();
    this.actor.dispose();
  }

  /** Rules and caps of the definition that runs; what they count is the book's and stays. */
  #openRisk(): StrategyRisk {
    const { book } = this;
    const { market, startingBalance } = book.options;
    const { limits, rules, remembered } = this.#options.risk(this.#deployment.definition);
    book.limits = limits;
    book.history.remember(remembered);
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
        clockRuns: () => ruleClockRuns(book),
      },
      (breach) => void this.halts.trip(breach),
      ({ error, during }) => this.#options.log.error('fault in the risk machine', { ...error, during }),
    );
    book.risk = risk;
    return risk;
  }

  #openGuest(): GuestLife {
    const { book, clock, createHost, log } = this.#options;
    return new GuestLife({
      book,
      clock,
      createHost,
      log,
      deployment: () => this.#deployment,
      listener: {
        warmed: () => this.actor.send({ type: 'WARMED' }),
        turnDone: () => this.tickLoop.renew(),
        lost: (cause, error) => this.actor.send({ type: 'CRASHED', cause, error: errorView(error) }),
        hung: (hang, ms, limitMs) => this.#onHung(hang, ms, limitMs),
        answered: () => this.actor.send({ type: 'ANSWERED' }),
      },
    });
  }

  get #onHang(): WireDefinition['onHang'] {
    return this.#deployment.definition.onHang;
  }

  /** What the strategy has declared for this is done now, while it hangs: a stop under way goes its own way. */
  #onHung(hang: Hang, ms: number, limitMs: number): void {
    this.book.desk.closeGate('the strategy does not answer');
    if (this.#options.isBounded === true) {
      const error = errorView(new QktError('QKT_E_UNRESPONSIVE', hang.detail));
      this.actor.send({ type: 'CRASHED', cause: hang.cause, error });
    } else this.actor.send({ type: 'HUNG', hang });
    if (this.actor.snapshot().matches('stopping') || this.halts.causes.some(({ rule }) => rule === ON_HANG)) return;
    const cause = hangCause(this.#onHang, { ...hang, ms }, limitMs);
    if (cause !== undefined) void this.halts.halt(cause);
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
      this.guest.begin(this.market.pastBars());
    }
    if (to === 'failed' && this.#options.isBounded === true) this.#loseForGood();
    if (to === 'halted') this.halts.liftOutlived();
    const { context } = this.actor.snapshot();
    if (to !== 'trading' && to !== 'warming') this.book.desk.closeGate(closedReason(context));
    const loss = lossEntered(to, context);
    this.book.record({ type: 'lifecycle', from, to, cause, ...loss });
    const seq = this.book.options.events.given();
    // The machine's own memory changes with its state.
    this.book.commits.begin();
    this.#options.log[loss === undefined ? 'info' : 'error'](`${from} → ${to}`, { cause, ...loss });
    this.#progress();
    this.#options.onTransition({ seq, from, to, event: cause });
  }

  /** Whatever is done then is done in the same turn: how soon the machine comes to it decides no figure. */
  #loseForGood(): void {
    this.#lostAt ??= this.book.options.market.clock.now();
    abandonNow(this.#onHang, this.book);
  }

  /** How a bounded run lost its code. */
  losses(): readonly RunLoss[] {
    if (this.#lostAt === undefined) return [];
    const ts = iso(this.#lostAt);
    return this.actor.snapshot().context.losses.map(({ cause, detail, error }) => ({
      ts,
      cause,
      detail,
      ...(error !== undefined && { error }),
    }));
  }

  /** What the streams of the present definition bring, in the order that `docs/life-of-a-tick.md` states. */
  #bindMarket(): MarketBinding {
    return new MarketBinding(this.book.options.market, this.#options.clock, this.book.activity, {
      tick: (tick) => {
        this.book.onTick(tick);
        this.guest.onTick(tick);
      },
      bar: (streams, bar) => {
        this.book.onBar(bar);
        this.guest.onBar(streams, bar);
      },
      past: (stream, bars) => this.guest.warmUpWith(stream, bars),
      settled: () => this.guest.settled(),
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

  #machineState(): MachineState {
    const { context } = this.actor.snapshot();
    const { latched, restarts, crashes, losses } = context;
    const stop = unfinished(context);
    return { latched, restarts, crashes, losses, run: this.guest.runs, ...(stop !== undefined && { stop }) };
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
    // What is not on disk yet is not shown: its own turn brings the next view.
    if (this.book.commits.pending) return;
    this.#show(this.#figures());
  }

  /** A new peak binds the next run as well, so it is on disk before it is shown. */
  #referencesMoved(): boolean {
    const { peak, worst, day } = this.book.equity.save();
    return peak !== this.#kept.peak || worst !== this.#kept.worst || day !== this.#kept.day;
  }

  #show(view: Figures): void {
    if (this.#disposed) return;
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
      counters: book.counters.view(),
      rejected: book.rejected,
      restarts: this.#restarts,
      seq: book.options.events.given(),
      asOf: this.#options.clock.now(),
    });
  }
}
