/** A strategy's desk on an MT5 account: real desk, ledger and trading, a scripted gateway, virtual time. */
import { dec, Decimal } from '../../src/domain/decimal.ts';
import { onTestFinished } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { DEFAULT_POLICIES, type ReconcilePolicies } from '../../src/domain/differences.ts';
import type { Mt5Account } from '../../src/venues/mt5/account.ts';
import type { Mt5Position } from '../../src/venues/mt5/types.ts';
import { tagOf } from '../../src/venues/mt5/tag.ts';
import { Mt5Trading } from '../../src/venues/mt5/trading.ts';
import { Engine, instrument, START, type AccountSetting } from '../doubles/engine.ts';
import { MAGIC, ScriptedMt5, type ScriptedOptions } from '../doubles/mt5-gateway.ts';

export const GOLD = 'EXNESS:XAUUSD';
export const GOLD_THERE = 'XAUUSDm';

/** A position that no order of ours has opened. */
export const STRANGER: Mt5Position = {
  ticket: 900,
  symbol: GOLD_THERE,
  side: 'SELL',
  volume: dec('0.5'),
  openPrice: dec(2399),
  sl: undefined,
  tp: undefined,
  profit: Decimal.ZERO,
  swap: Decimal.ZERO,
  magic: MAGIC,
  comment: '',
  openedAt: 1,
};

const THERE = new Map([
  [GOLD, GOLD_THERE],
  ['EXNESS:EURUSD', 'EURUSDm'],
]);
const HERE = new Map([...THERE].map(([ours, theirs]) => [theirs, ours]));

const INSTRUMENTS = [
  instrument(GOLD, { contractSize: 100, tickSize: '0.001', volumeMin: '0.01', volumeStep: '0.01' }),
  instrument('EXNESS:EURUSD', { contractSize: 100_000, tickSize: '0.00001', volumeMin: '0.01', volumeStep: '0.01' }),
];

export interface SceneOptions extends ScriptedOptions {
  readonly policies?: Partial<ReconcilePolicies>;
}

const SPREAD = 0.25;
/** What a moment brings is worked off in so many steps of the event loop. */
const STEPS = 12;

export class TradingScene {
  readonly clock = new VirtualClock(START);
  readonly broker: ScriptedMt5;
  engine: Engine;
  trading!: Mt5Trading;
  account!: Mt5Account;
  /** Differences as they were told; those that are over with `settled` in front. */
  readonly differences: string[] = [];
  readonly reads: boolean[] = [];
  /** Faults of the account as they were told. */
  readonly faults: string[] = [];
  /** Can a turn be written? */
  durable = true;
  /** Is there a rate for every symbol? */
  priced = true;
  /** How long that takes. */
  syncMs = 0;
  #options: SceneOptions;

  private constructor(options: SceneOptions) {
    this.#options = options;
    this.broker = new ScriptedMt5(this.clock, options);
    const openAccount = (setting: AccountSetting): Mt5Account => this.#open(setting);
    this.engine = new Engine({ clock: this.clock, instruments: INSTRUMENTS, venue: 'exness', openAccount });
    onTestFinished(() => this.trading.close());
  }

  /** Quotes are there, the gateway is verified and reconciled: orders pass. */
  static async ready(options: SceneOptions = {}): Promise<TradingScene> {
    const scene = new TradingScene(options);
    await scene.quote(2400);
    await scene.connect();
    return scene;
  }

  async connect(): Promise<void> {
    const info = await this.broker.account();
    if (!info.known) throw new Error(info.reason);
    const prepared = await this.trading.prepare(info.value, [...THERE.keys()]);
    if (!prepared.known) throw new Error(prepared.reason);
    await this.trading.reconcile();
    this.trading.settled();
    this.trading.begin();
    await this.settle();
  }

  /** The broker sees it first, then the strategy. */
  async quote(bid: number, ask = Math.round((bid + SPREAD) * 1000) / 1000): Promise<void> {
    await this.pass(1);
    const ts = this.clock.now();
    this.broker.terminal.quote({ symbol: GOLD_THERE, ts, bid, ask });
    this.engine.quote(bid, ask, { symbol: GOLD, ts });
    await this.settle();
  }

  /** Time goes on, and everything that it brings is worked off as it comes. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.clock.nextDue() <= until) {
      this.clock.runNext();
      await this.#steps();
    }
    this.clock.setNow(until);
  }

  /** Everything that this moment brings. */
  async settle(): Promise<void> {
    await this.#steps();
    await this.pass(0);
  }

  /** Another life of the daemon: its state is what was kept, the account at the broker goes on. */
  async restart(policies?: Partial<ReconcilePolicies>): Promise<void> {
    this.trading.close();
    if (policies !== undefined) this.#options = { ...this.#options, policies };
    this.engine = this.engine.restarted();
    await this.settle();
  }

  /** Asks for an order in gold. */
  place(...[side, qty, options = {}]: Parameters<Engine['place']>): string {
    return this.engine.place(side, qty, { symbol: GOLD, ...options });
  }

  async placed(...asked: Parameters<Engine['place']>): Promise<string> {
    const id = this.place(...asked);
    await this.settle();
    return id;
  }

  async close(): Promise<void> {
    this.engine.close(GOLD);
    await this.settle();
  }

  /** The book's signed quantity in gold. */
  get qty(): number {
    return this.engine.qty(GOLD);
  }

  /** What was sent, of that kind, without the kind. */
  sent(verb: string): string[] {
    return this.broker.writes.flatMap((text) => (text.startsWith(`${verb} `) ? [text.slice(verb.length + 1)] : []));
  }

  /** Tickets of the positions there, oldest first. */
  get tickets(): number[] {
    return this.broker.terminal.positions.all().map(({ ticket }) => ticket);
  }

  tagOf(orderId: string): string {
    return tagOf('exness', 's', orderId);
  }

  /** The first position's stop is moved at the terminal. @param sl 0: it is taken away */
  moveStop(sl: number): void {
    this.broker.terminal.setStopsByHand(this.tickets[0]!, { sl: sl === 0 ? Decimal.ZERO : dec(sl) });
  }

  /** Levels of the position with that place in {@link tickets}, `none` where there is none. */
  levels(at = 0): string {
    const { sl, tp } = this.broker.terminal.positions.all()[at]!;
    return [sl, tp].map((value) => (value.isZero() ? 'none' : value.toString())).join(' ');
  }

  #open({ clock, quote, rate, report }: AccountSetting): Mt5Account {
    this.trading = new Mt5Trading({
      venue: 'exness',
      magic: MAGIC,
      clock,
      client: this.broker,
      pollMs: 1000,
      brokerSymbol: (symbol) => THERE.get(symbol) ?? symbol,
      ourSymbol: (name) => HERE.get(name),
      instruments: new Map(INSTRUMENTS.map((terms) => [terms.symbol, terms])),
      quote,
      policies: { ...DEFAULT_POLICIES, ...this.#options.policies },
      listener: {
        read: (ok) => void this.reads.push(ok),
        fault: (_strategy, reason) => void this.faults.push(reason),
        difference: ({ kind, ours, theirs, done }, settled) =>
          void this.differences.push(`${settled ? 'settled ' : ''}${kind}: ${ours} / ${theirs}, ${done}`),
      },
    });
    return (this.account = this.trading.openAccount({
      strategy: 's',
      report,
      stored: () => this.#stored(),
      priced: (symbol) => this.priced && rate(symbol) !== undefined,
      trades: (symbol) => THERE.has(symbol),
    }));
  }

  async #stored(): Promise<boolean> {
    const { durable } = this;
    if (this.syncMs > 0) await new Promise<void>((resolve) => this.clock.at(this.clock.now() + this.syncMs, resolve));
    return durable;
  }

  async #steps(): Promise<void> {
    for (let step = 0; step < STEPS; step++) await new Promise((resolve) => setImmediate(resolve));
  }
}
