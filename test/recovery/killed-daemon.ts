/** A real daemon that is killed and started again, as a stranger sees it: through HTTP alone. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { readOwnerToken } from '../../src/http/owner-token.ts';
import { strategySource } from '../acceptance/trading-scene.ts';
import { poll, scratchDir } from '../doubles/daemon.ts';
import { QktProcess } from '../doubles/qkt-process.ts';
import { call, type Answer } from '../http/support.ts';

export type Row = Record<string, unknown>;

/** In and out all the time, with a bracket. */
const BUSY = strategySource(
  'busy',
  `if (ticks % 20 !== 0) return;
      if (ctx.position('eur').qty !== 0) ctx.close('eur');
      else ctx.buy('eur', { qty: 10000, bracket: { stopLoss: { by: 0.0004 }, takeProfit: { by: 0.0004 } } });`,
);
/** Buys once; two layers of its stack wait where the market never goes. */
const STACKER = strategySource(
  'stacker',
  `if (ticks !== params.at || ctx.position('eur').qty !== 0) return;
      const stack = { layers: 3, spacing: 0.01, direction: 'with', within: '1h' } as const;
      ctx.buy('eur', { qty: 10000, bracket: { stopLoss: { by: 0.05 } }, stack });`,
);

/** An hour of EURUSD that swings, ten quotes a second. */
function swings(): string {
  const rows = ['timestamp,symbol,bid,ask'];
  for (let i = 0; i < 36_000; i++) {
    const bid = 1.1 + 0.001 * Math.sin(i / 50);
    rows.push(`${1_700_000_000_000 + i * 100},EURUSD,${bid.toFixed(5)},${(bid + 0.0001).toFixed(5)}`);
  }
  return rows.join('\n');
}

/** A campaign of hours shares its machine with others. */
const PATIENCE_MS = 60_000;

export class KilledDaemon {
  readonly stateDir: string;
  readonly #dir = scratchDir();
  readonly #args: readonly string[];
  #process: QktProcess | undefined;
  #control = 0;

  constructor() {
    this.stateDir = join(this.#dir, 'state');
    onTestFinished(() => rmSync(this.#dir, { recursive: true, force: true }));
    for (const [name, text] of Object.entries({ 'quotes.csv': swings(), 'busy.ts': BUSY, 'stacker.ts': STACKER }))
      writeFileSync(join(this.#dir, name), text);
    const config = join(this.#dir, 'qkt.config.yaml');
    const first = 29_000 + (process.pid % 100) * 20;
    writeFileSync(
      config,
      'venues:\n  paper: { type: paper, feed: replay, file: quotes.csv, speed: 60 }\n' +
        `http: { controlPort: 0, portPool: ${first}-${first + 19} }\n`,
    );
    this.#args = ['daemon', 'start', '--config', config, '--state-dir', this.stateDir];
  }

  /** Starts it without waiting for anything. */
  launch(): void {
    this.#process = new QktProcess(...this.#args);
  }

  /** Waits until it says that it runs. */
  async running(): Promise<void> {
    this.#control = Number(await this.#process!.says(/control port (\d+)/, PATIENCE_MS));
  }

  async kill(): Promise<void> {
    await this.#process?.kill('SIGKILL');
  }

  get(path: string): Promise<Answer> {
    return call(this.#control, path);
  }

  async post(path: string, body: object): Promise<Row> {
    const answer = await call(this.#control, path, { method: 'POST', token: readOwnerToken(this.stateDir), body });
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.json();
  }

  async deploy(name: string): Promise<void> {
    await this.post('/daemon/strategies', { file: join(this.#dir, `${name}.ts`), name });
  }

  async ports(): Promise<readonly (readonly [string, number])[]> {
    const rows = JSON.parse((await this.get('/daemon/list')).text) as Row[];
    return rows
      .map(({ name, port }) => [name as string, port as number] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  async status(name: string): Promise<Row> {
    return (await this.get(`/daemon/strategies/${name}/status`)).json();
  }

  /** The status once the strategy runs again, halted or not. */
  up(name: string): Promise<Row> {
    return poll(
      `${name} to be up`,
      async () => {
        const status = await this.status(name);
        return ['trading', 'halted'].includes(status['state'] as string) ? status : undefined;
      },
      PATIENCE_MS,
    );
  }

  /** What its journal says: all events of money, oldest first. */
  async journal(name: string): Promise<readonly Row[]> {
    const { text } = await this.get(`/daemon/strategies/${name}/export?what=events&format=ndjson`);
    return lines(text);
  }

  async events(name: string, query: string): Promise<readonly Row[]> {
    return lines((await this.get(`/daemon/strategies/${name}/events?${query}`)).text);
  }
}

const lines = (text: string): readonly Row[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Row]));
