/** A real daemon and a real gateway simulator, either of which can be killed; everything is read over HTTP. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountMode } from '../../../src/venues/mt5-sim/types.ts';
import { expect } from 'vitest';
import { readOwnerToken } from '../../../src/http/owner-token.ts';
import { poll, scratchDir } from '../../doubles/daemon.ts';
import { QktProcess } from '../../doubles/qkt-process.ts';
import { call } from '../../http/support.ts';
import { randomStrategy } from './random-strategy.ts';
import { MAGIC, VENUE } from './life.ts';
import { shortfalls, type BrokerTruth, type Told, type ToldFill, type ToldOrder } from './verdict.ts';

type Members = Readonly<Record<string, unknown>>;

/** A campaign shares its machine with others. */
const PATIENCE_MS = 60_000;

const CONFIG = (url: string, ports: string): string => `
venues:
  ${VENUE}:
    type: mt5
    gatewayUrl: ${url}
    pollMs: 200
    reconcile: { position: ignore, protectionMissing: ignore }
instruments:
  XAUUSD: { contractSize: 100, tickSize: 0.001, volumeMin: 0.01, volumeStep: 0.01, session: 24x7 }
  EURUSD: { contractSize: 100000, tickSize: 0.00001, volumeMin: 0.01, volumeStep: 0.01, session: 24x7 }
http: { controlPort: 0, portPool: ${ports} }
`;

export class RealScene {
  readonly #dir = scratchDir();
  readonly #flag = join(this.#dir, 'trade');
  readonly #names: readonly string[];
  readonly #sent: string[] = [];
  #gateway: QktProcess | undefined;
  #gatewayPort = 0;
  #sentRead = 0;
  #daemon: QktProcess | undefined;
  #control = 0;
  #account: AccountMode = 'hedging';

  constructor(seed: number, names: readonly string[]) {
    this.#names = names;
    for (const [at, name] of names.entries())
      writeFileSync(join(this.#dir, `${name}.ts`), randomStrategy({ name, seed: seed + at, flag: this.#flag }));
  }

  async open(account: AccountMode): Promise<void> {
    this.#account = account;
    await this.startGateway();
    const first = 25_000 + (process.pid % 100) * 20;
    const config = CONFIG(`http://127.0.0.1:${this.#gatewayPort}`, `${first}-${first + 19}`);
    writeFileSync(join(this.#dir, 'qkt.config.yaml'), config);
    await this.startDaemon();
    const token = readOwnerToken(join(this.#dir, 'state'));
    for (const name of this.#names) {
      const body = { file: join(this.#dir, `${name}.ts`), name };
      const answer = await call(this.#control, '/daemon/strategies', { method: 'POST', token, body });
      expect(answer.status, answer.text).toBe(201);
    }
  }

  set isTrading(trades: boolean) {
    if (trades) writeFileSync(this.#flag, '');
    else rmSync(this.#flag, { force: true });
  }

  async startGateway(): Promise<void> {
    const state = ['--state', join(this.#dir, 'account.ndjson'), '--state-dir', join(this.#dir, 'gateway')];
    mkdirSync(join(this.#dir, 'gateway'), { recursive: true });
    const market = ['--feed', 'manual', '--symbols', 'XAUUSD,EURUSD', '--balance', '100000', '--commission', '3.5'];
    const port = ['--port', String(this.#gatewayPort), '--account', this.#account];
    this.#gateway = new QktProcess('mt5-sim', ...port, ...market, ...state);
    this.#gatewayPort = Number(await this.#gateway.says(/QKT_PORT=(\d+)/, PATIENCE_MS));
    this.#sentRead = 0;
  }

  async startDaemon(): Promise<void> {
    const config = join(this.#dir, 'qkt.config.yaml');
    this.#daemon = new QktProcess('daemon', 'start', '--config', config, '--state-dir', join(this.#dir, 'state'));
    this.#control = Number(await this.#daemon.says(/control port (\d+)/, PATIENCE_MS));
  }

  async killGateway(): Promise<void> {
    await this.#gateway?.kill('SIGKILL');
  }

  async killDaemon(): Promise<void> {
    await this.#daemon?.kill('SIGKILL');
  }

  /** Asks the simulator; undefined while it is dead. Posts when there is a body. */
  async ask(path: string, body?: Members): Promise<Members | undefined> {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#gatewayPort}${path}`, body === undefined ? {} : post);
      return (await answer.json()) as Members;
    } catch {
      return undefined;
    }
  }

  /** Notes the orders that have arrived since the last time; those of a gateway's last moment go with it. */
  async noteOrders(): Promise<void> {
    const log = await this.ask(`/sim/requests?since=${this.#sentRead}&route=POST%20/order`);
    if (log === undefined) return;
    this.#sentRead = log['total'] as number;
    for (const { body } of log['requests'] as readonly Members[]) if (typeof body === 'string') this.#sent.push(body);
  }

  get orders(): number {
    return this.#sent.length;
  }

  /** What does not agree now; it may be on its way. */
  async shortfalls(): Promise<readonly string[]> {
    await this.noteOrders();
    const broker = (await this.ask('/sim/state')) as unknown as BrokerTruth;
    const strategies = await Promise.all(this.#names.map((name) => this.#told(name)));
    const nameOf = (symbol: string): string => `${symbol}m`;
    const nets = this.#account === 'netting';
    return shortfalls({ venue: VENUE, magic: MAGIC, nets, nameOf, broker, strategies, sent: this.#sent, nearest: {} });
  }

  async #told(name: string): Promise<Told> {
    const path = `/daemon/strategies/${name}`;
    const status = (await call(this.#control, `${path}/status`)).json();
    const { text } = await call(this.#control, `${path}/export?what=events&format=ndjson`);
    const events = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Members]));
    return {
      name,
      positions: status['positions'] as Told['positions'],
      orders: status['orders'] as readonly ToldOrder[],
      fills: events.filter(({ type }) => type === 'fill') as unknown as readonly ToldFill[],
      statuses: events
        .filter(({ type }) => type === 'order')
        .map(({ orderId, status: to }) => ({ orderId: orderId as string, status: to as string })),
      realized: status['realized'] as number | null,
      unrealized: status['unrealized'] as number | null,
    };
  }

  /** Until book and broker agree. @param beat before each look @throws with what does not */
  async agreed(beat: () => Promise<void>, withinMs: number): Promise<void> {
    let found: readonly string[] = [];
    const look = async (): Promise<true | undefined> => {
      await beat();
      found = await this.shortfalls();
      return found.length === 0 ? true : undefined;
    };
    const agreed = poll('agreement', look, withinMs);
    await agreed.catch((cause: unknown) => {
      throw new Error(found.join('; '), { cause });
    });
  }

  async end(): Promise<void> {
    await Promise.all([this.killDaemon(), this.killGateway()]);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
