/**
 * A random trading session on an MT5 gateway: strategies that trade in every way, quotes that wander, faults that come
 * and go, people who act, and crashes of the daemon and of the gateway. Its seed repeats it.
 */
import { VirtualClock } from '../../../src/clock.ts';
import { createPrng, type Prng } from '../../../src/domain/prng.ts';
import type { Mt5SimulatorOptions } from '../../../src/mt5-sim/simulator.ts';
import { Broker } from './broker.ts';
import { Chaos } from './chaos.ts';
import { StrategyDisk } from './disk.ts';
import { Life, MAGIC, VENUE, type Hosted } from './life.ts';
import { INSTRUMENTS, nameOf, Prices, TRADED } from './prices.ts';
import { Strike, type Moment } from './strike.ts';
import { toldBy } from './told.ts';
import type { Traded } from './trader.ts';
import { ours, shortfalls, type BrokerTruth, type Case } from './verdict.ts';

const START = Date.UTC(2026, 0, 6, 9);
const LONGEST_STEP_MS = 1500;
const LONGEST_AWAY_MS = 15_000;
const LEAST_REST_MS = 5000;
const LOOK_MS = 10_000;
/** Looks every 30 s, back-offs of 30 s, and time for a few of both. */
const LONGEST_REST_MS = 180_000;
const STOP_MS = 30_000;
/** Of timers that are due at the same moment, one after the other. */
const MOST_ROUNDS = 1000;

/** How often it happened: a session in which nothing does shows nothing. */
export interface Seen {
  fills: number;
  orders: number;
  unknown: number;
  faults: number;
  daemonCrashes: number;
  gatewayCrashes: number;
  acts: number;
  halts: number;
}
export const NOTHING_SEEN: Readonly<Seen> = {
  fills: 0,
  orders: 0,
  unknown: 0,
  faults: 0,
  daemonCrashes: 0,
  gatewayCrashes: 0,
  acts: 0,
  halts: 0,
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Session {
  readonly seen: Seen = { ...NOTHING_SEEN };
  readonly #prng: Prng;
  readonly #clock = new VirtualClock(START);
  readonly #broker: Broker;
  readonly #chaos: Chaos;
  readonly #strategies: ReadonlyMap<string, Hosted>;
  readonly #prices: Prices;
  #life: Life | undefined;
  readonly #strike = new Strike();
  readonly #freezes: boolean;
  readonly #nearest: Case['nearest'];
  readonly #nets: boolean;
  #isTrading = true;

  constructor(seed: number) {
    this.#prng = createPrng(`mt5:${seed}`);
    this.#prices = new Prices(this.#prng);
    const options = this.#drawBroker();
    const { stopsLevel = 0, freezeLevel = 0 } = options.terms ?? {};
    this.#freezes = freezeLevel > 0;
    const points = Math.max(stopsLevel, freezeLevel);
    this.#nearest = Object.fromEntries(TRADED.map(({ symbol, digits }) => [nameOf(symbol), points / 10 ** digits]));
    this.#broker = new Broker(this.#clock, this.#prng, this.#strike, options);
    this.#chaos = new Chaos(this.#prng, options.account!);
    this.#nets = options.account === 'netting';
    this.#strategies = this.#drawStrategies(this.#nets);
  }

  /** Trades for that long, comes to rest, and says what does not agree then; empty: everything does. */
  async run(tradingMs: number): Promise<readonly string[]> {
    await this.#broker.start();
    this.#prices.quote(this.#broker.simulator);
    this.#launch();
    await this.#pass(5000);
    const end = this.#clock.now() + tradingMs;
    while (this.#clock.now() < end) await this.#step();
    this.#isTrading = false;
    this.#strike.forget();
    this.#broker.simulator.faults.turnOff();
    const open = await this.#rested();
    if (open.length > 0) return open;
    if (this.#below(2) === 0) {
      this.#prices.jump(this.#below(2) === 0);
      const after = await this.#rested();
      if (after.length > 0) return after.map((text) => `after prices have jumped: ${text}`);
    }
    await this.#closeAll();
    // What is frozen, so near to the market, cannot be taken back.
    const closed = await this.#rested(this.#freezes ? undefined : isFlat);
    return closed.map((text) => `after all was closed: ${text}`);
  }

  async end(): Promise<void> {
    this.#life?.kill();
    await this.#broker.remove();
  }

  #drawBroker(): Mt5SimulatorOptions {
    const pick = <T>(...from: readonly T[]): T => this.#pick(from);
    return {
      account: pick('hedging', 'hedging', 'netting'),
      version: pick('0.3.12', '0.3.15', '0.3.17'),
      balance: 100_000,
      symbols: TRADED.map(({ symbol }) => symbol),
      commissionPerLot: pick(0, 3.5),
      feePerLot: pick(0, 0.3),
      terms: { stopsLevel: pick(0, 0, 50), freezeLevel: pick(0, 0, 20) },
    };
  }

  /** On a netting account no two may trade the same symbol. */
  #drawStrategies(isNetting: boolean): ReadonlyMap<string, Hosted> {
    const names = ['alpha', 'beta', 'gamma'].slice(0, 1 + this.#below(isNetting ? TRADED.length : 3));
    const traded = (at: number): readonly Traded[] => (isNetting ? [TRADED[at]!] : TRADED);
    return new Map(names.map((name, at) => [name, { disk: new StrategyDisk(), traded: traded(at) }]));
  }

  #launch(): void {
    this.#life = new Life({
      clock: this.#clock,
      broker: this.#broker,
      strategies: this.#strategies,
      instruments: INSTRUMENTS,
      prng: this.#prng,
      strike: this.#strike,
      active: () => this.#isTrading,
    });
    void this.#life.start();
  }

  async #step(): Promise<void> {
    this.#prices.move();
    this.#prices.quote(this.#broker.alive);
    const draw = this.#below(100);
    if (draw < 10) this.#goWrong();
    else if (draw < 13) this.#broker.alive?.faults.turnOff();
    else if (draw < 17) this.#act();
    else if (draw < 20) this.#operate();
    else if (draw < 23) this.#crashDaemon();
    else if (draw < 25) this.#crashGateway();
    else if (draw < 26) this.#broker.alive?.gateway.restart();
    await this.#pass(100 + this.#below(LONGEST_STEP_MS));
    await this.#bringBack();
  }

  #goWrong(): void {
    if (this.#broker.alive === undefined) return;
    this.#broker.alive.faults.turnOn(this.#chaos.fault());
    this.seen.faults += 1;
  }

  #act(): void {
    if (this.#broker.alive === undefined) return;
    this.#chaos.act(this.#broker.alive);
    this.seen.acts += 1;
  }

  /** What a person does to a strategy. */
  #operate(): void {
    const runtimes = [...(this.#life?.runtimes.values() ?? [])];
    const runtime = runtimes[this.#below(runtimes.length)];
    if (runtime === undefined) return;
    const { actor, halts } = runtime;
    const draw = this.#below(4);
    const by = 'tester';
    if (draw === 0) {
      this.seen.halts += 1;
      void halts.halt({ rule: 'manual', scope: 'strategy', reason: 'a look at it', by });
    } else if (actor.state() === 'halted') {
      halts.resume({ by, reason: 'looked at it', rebase: 'none' }).catch(() => undefined);
    } else if (actor.state() === 'trading' && draw === 1) {
      actor.send({ type: 'STOP', by, flatten: this.#below(2) === 0, timeoutMs: STOP_MS });
    } else if (actor.state() === 'stopped') actor.send({ type: 'START', by });
  }

  /** At once, or in the middle of something. */
  #crashDaemon(): void {
    const kill = (): void => {
      if (this.#life === undefined) return;
      this.#life.kill();
      this.#life = undefined;
      this.seen.daemonCrashes += 1;
    };
    const moment = this.#pick<Moment | undefined>([undefined, 'commit', 'synced', 'arrived', 'executed']);
    if (moment === undefined) kill();
    else this.#strike.at(moment, kill);
  }

  #crashGateway(): void {
    const kill = (): void => {
      if (this.#broker.alive === undefined) return;
      void this.#broker.kill();
      this.seen.gatewayCrashes += 1;
    };
    const moment = this.#pick<Moment | undefined>([undefined, 'arrived', 'executed']);
    if (moment === undefined) kill();
    else this.#strike.at(moment, kill);
  }

  /** What has crashed is started again, some time later. */
  async #bringBack(): Promise<void> {
    while (this.#life === undefined || this.#broker.alive === undefined) {
      await this.#pass(this.#below(LONGEST_AWAY_MS));
      if (this.#broker.alive === undefined) await this.#broker.start();
      if (this.#life === undefined) this.#launch();
    }
  }

  /** Nothing is asked for any more, nothing is wrong, prices stand still: until everything agrees, or has had its time. */
  async #rested(further: (scene: Case) => readonly string[] = () => []): Promise<readonly string[]> {
    for (let rested = LEAST_REST_MS; ; rested += LOOK_MS) {
      await this.#stand(rested === LEAST_REST_MS ? LEAST_REST_MS : LOOK_MS);
      const scene = await this.#look();
      const found = [...shortfalls(scene), ...further(scene), ...this.#ofGateway()];
      if (found.length === 0 || rested >= LONGEST_REST_MS) return found;
    }
  }

  async #stand(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1000) {
      this.#prices.quote(this.#broker.simulator);
      await this.#pass(1000);
    }
  }

  /** Every strategy runs, and is stopped with all that it holds. */
  async #closeAll(): Promise<void> {
    const actors = [...this.#life!.runtimes.values()].map(({ actor }) => actor);
    for (const actor of actors) if (actor.state() === 'stopped') actor.send({ type: 'START', by: 'tester' });
    await this.#stand(LEAST_REST_MS);
    for (const actor of actors) actor.send({ type: 'STOP', by: 'tester', flatten: true, timeoutMs: STOP_MS });
  }

  async #look(): Promise<Case> {
    const { body } = await this.#broker.simulator.inject({ method: 'GET', url: '/sim/state' });
    const broker = JSON.parse(body) as BrokerTruth;
    const strategies = [...this.#life!.runtimes].map(([name, runtime]) =>
      toldBy(name, runtime, this.#strategies.get(name)!.disk),
    );
    const sent = this.#broker.orders();
    this.seen.orders = sent.length;
    this.seen.fills = strategies.reduce((all, { fills }) => all + fills.length, 0);
    this.seen.unknown = strategies.reduce(
      (all, { statuses }) => all + statuses.filter(({ status }) => status === 'unknown').length,
      0,
    );
    return { venue: VENUE, magic: MAGIC, nets: this.#nets, nameOf, broker, strategies, sent, nearest: this.#nearest };
  }

  #ofGateway(): readonly string[] {
    const { state, cause, differences } = this.#life!.venue.gateway.view();
    // A stop that somebody has taken away stays a difference, and is watched here.
    const unexplained = differences.filter(({ kind }) => kind === 'position');
    return [
      ...(state === 'ready' ? [] : [`the gateway is ${state}: ${cause}`]),
      ...unexplained.map(
        ({ kind, strategy, ours, theirs }) => `${kind} of ${strategy}: ours ${ours}, theirs ${theirs}`,
      ),
    ];
  }

  /** Lets time pass, and everything come to its end that does so at each moment. */
  async #pass(ms: number): Promise<void> {
    const end = this.#clock.now() + ms;
    await nextTurn();
    for (let due = this.#clock.nextDue(), rounds = 0; due <= end; due = this.#clock.nextDue()) {
      rounds = due > this.#clock.now() ? 0 : rounds + 1;
      if (rounds > MOST_ROUNDS) throw new Error('time does not go on: something is due now, again and again');
      this.#clock.advanceTo(due);
      await nextTurn();
    }
    this.#clock.setNow(end);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!;
  }

  #below(n: number): number {
    return Math.floor(this.#prng.next() * n);
  }
}

/** Nothing of ours is left. */
function isFlat(scene: Case): readonly string[] {
  const { positions, orders } = ours(scene);
  return [...positions, ...orders].map(({ ticket, symbol }) => `${ticket} in ${symbol} is still there`);
}
