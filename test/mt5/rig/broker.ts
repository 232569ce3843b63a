/** The gateway, its terminal and the broker behind it, in process: it can be killed, and comes back with what its file holds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VirtualClock } from '../../../src/clock.ts';
import type { Prng } from '../../../src/domain/prng.ts';
import type { WireAnswer } from '../../../src/mt5-sim/exchange.ts';
import { createMt5Simulator, type Mt5Simulator, type Mt5SimulatorOptions } from '../../../src/mt5-sim/simulator.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../../src/venues/mt5/transport.ts';
import type { Strike } from './strike.ts';

const LONGEST_WAY_MS = 25;

/** Never settles: whoever waited for it is dead, or waits until it gives up. */
const never = <T>(): Promise<T> => new Promise(() => undefined);

export class Broker {
  readonly #clock: VirtualClock;
  readonly #prng: Prng;
  readonly #strike: Strike;
  readonly #options: Mt5SimulatorOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), 'qkt-mt5-broker-'));
  #simulator: Mt5Simulator | undefined;
  /** Ends what is under way when the gateway dies. */
  readonly #underWay = new Set<() => void>();
  readonly #orders: string[] = [];
  /** How much of the living simulator's log has been read. */
  #read = 0;

  /** @param prng draws how long requests and answers are under way @param strike hears of writes */
  constructor(clock: VirtualClock, prng: Prng, strike: Strike, options: Mt5SimulatorOptions) {
    this.#clock = clock;
    this.#prng = prng;
    this.#strike = strike;
    this.#options = { ...options, clock, feed: 'manual', stateFile: join(this.#directory, 'account.ndjson') };
  }

  /** Undefined while it is dead. */
  get alive(): Mt5Simulator | undefined {
    return this.#simulator;
  }

  /** @throws when it is dead */
  get simulator(): Mt5Simulator {
    if (this.#simulator === undefined) throw new Error('the simulator is dead');
    return this.#simulator;
  }

  async start(): Promise<void> {
    this.#simulator = await createMt5Simulator(this.#options);
  }

  /** As by SIGKILL: connections break, nothing is answered any more. */
  async kill(): Promise<void> {
    const dying = this.simulator;
    this.#simulator = undefined;
    this.#readLog(dying);
    this.#read = 0;
    for (const cut of this.#underWay) cut();
    this.#underWay.clear();
    await dying.close();
  }

  /** Bodies of every `POST /order` that has reached the gateway, whichever life of it. */
  orders(): readonly string[] {
    if (this.#simulator !== undefined) this.#readLog(this.#simulator);
    return this.#orders;
  }

  #readLog({ gateway: { log } }: Mt5Simulator): void {
    const requests = log.since(this.#read);
    this.#read = log.total;
    for (const { route, body } of requests) if (route === 'POST /order' && body !== null) this.#orders.push(body);
  }

  /** Connections of one client. `isAlive` says whether the client still is: nothing reaches a dead one, or comes from it. */
  transport(isAlive: () => boolean): Transport {
    return {
      send: (request) => (isAlive() ? this.#send(request, isAlive) : never()),
      close: () => Promise.resolve(),
    };
  }

  async remove(): Promise<void> {
    await this.#simulator?.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #travel(): Promise<void> {
    const ms = Math.floor(this.#prng.next() * LONGEST_WAY_MS);
    return new Promise((resolve) => this.#clock.at(this.#clock.now() + ms, resolve));
  }

  async #send({ method, path, headers, body, signal }: HttpRequest, isAlive: () => boolean): Promise<HttpAnswer> {
    const simulator = this.#simulator;
    if (simulator === undefined) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    let cut: () => void = () => undefined;
    const broken = new Promise<never>((_, reject) => {
      cut = () => reject(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    });
    this.#underWay.add(cut);
    signal.addEventListener('abort', cut, { once: true });
    const asked = async (): Promise<WireAnswer> => {
      await this.#travel();
      if (method !== 'GET') this.#strike.reached('arrived');
      // It may have died before this arrived.
      if (this.#simulator !== simulator) return never();
      const answer = await simulator.inject({ method, url: path, headers, ...(body !== undefined && { body }) });
      if (method !== 'GET') this.#strike.reached('executed');
      await this.#travel();
      return answer;
    };
    const answer = await Promise.race([asked(), broken]).finally(() => this.#underWay.delete(cut));
    this.orders();
    return isAlive() ? { status: answer.status, headers: answer.headers, text: answer.body } : never();
  }
}
