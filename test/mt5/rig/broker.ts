/** The gateway, its terminal and the broker behind it, in process: it can be killed, and comes back with what its file holds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VirtualClock } from '../../../src/clock.ts';
import { createMt5Simulator, type Mt5Simulator, type Mt5SimulatorOptions } from '../../../src/mt5-sim/simulator.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../../src/venues/mt5/transport.ts';

/** Never settles: whoever waited for it is dead, or waits until it gives up. */
const never = <T>(): Promise<T> => new Promise(() => undefined);

export class Broker {
  readonly #options: Mt5SimulatorOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), 'qkt-mt5-broker-'));
  #simulator: Mt5Simulator | undefined;
  /** Ends what is under way when the gateway dies. */
  readonly #underWay = new Set<() => void>();
  readonly #orders: string[] = [];
  /** How much of the living simulator's log has been read. */
  #read = 0;

  constructor(clock: VirtualClock, options: Mt5SimulatorOptions) {
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

  async #send({ method, path, headers, body, signal }: HttpRequest, isAlive: () => boolean): Promise<HttpAnswer> {
    const simulator = this.#simulator;
    if (simulator === undefined) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    let cut: () => void = () => undefined;
    const broken = new Promise<never>((_, reject) => {
      cut = () => reject(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    });
    this.#underWay.add(cut);
    signal.addEventListener('abort', cut, { once: true });
    const asked = simulator.inject({ method, url: path, headers, ...(body !== undefined && { body }) });
    const answer = await Promise.race([asked, broken]).finally(() => this.#underWay.delete(cut));
    this.orders();
    return isAlive() ? { status: answer.status, headers: answer.headers, text: answer.body } : never();
  }
}
