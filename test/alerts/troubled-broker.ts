/** A gateway, its terminal and its broker in process, which a test lets die, and whose market moves while an order is on its way. */
import type { Clock } from '../../src/clock.ts';
import { createMt5Simulator, type Mt5Simulator } from '../../src/mt5-sim/simulator.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../src/venues/mt5/transport.ts';

const GOLD = 'XAUUSDm';
const SPREAD = 0.25;
/** What the broker refuses with: `REJECT`. */
const REJECT = 10_006;

export class TroubledBroker {
  /** Bid in force, told again with every quote. */
  price = 2400;
  /** Nothing listens there. */
  isDead = false;
  /** By how much the market moves before the next order is there. */
  slip = 0;
  readonly #simulator: Mt5Simulator;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #stop: () => void;

  private constructor(simulator: Mt5Simulator, clock: Clock, everyMs: number) {
    this.#simulator = simulator;
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#quote();
    this.#stop = clock.every(everyMs, () => this.#quote());
  }

  /** @param everyMs between two quotes */
  static async open(clock: Clock, everyMs: number): Promise<TroubledBroker> {
    const simulator = await createMt5Simulator({ clock, feed: 'manual', symbols: ['XAUUSD'], balance: 100_000 });
    return new TroubledBroker(simulator, clock, everyMs);
  }

  transport(): Transport {
    return { send: (request) => this.#answer(request), close: () => Promise.resolve() };
  }

  /** The price goes so many dollars up or down, in so many quotes. */
  move(dollars: number, quotes: number): void {
    let left = quotes;
    const stop = this.#clock.every(this.#everyMs, () => {
      this.price += dollars / quotes;
      if (--left === 0) stop();
    });
  }

  /** Refuses every order from now on, or none. */
  refuse(all: boolean): void {
    const { faults } = this.#simulator;
    if (all) faults.turnOn({ name: 'retcode', value: REJECT, route: 'POST /order' });
    else faults.turnOff('retcode');
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#simulator.close();
  }

  #quote(): void {
    const cents = (price: number): number => Number(price.toFixed(2));
    this.#simulator.quote(GOLD, cents(this.price), cents(this.price + SPREAD));
  }

  async #answer({ method, path, headers, body }: HttpRequest): Promise<HttpAnswer> {
    if (this.isDead) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    if (this.slip !== 0 && method === 'POST' && path.startsWith('/order')) {
      this.price += this.slip;
      this.slip = 0;
      this.#quote();
    }
    const answer = await this.#simulator.inject({ method, url: path, headers, ...(body !== undefined && { body }) });
    return { status: answer.status, headers: answer.headers, text: answer.body };
  }
}
