/** Figures are exact in every answer: read ten thousand times while several strategies trade on a fast replay. */
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { Big } from 'big.js';
import { unpack } from 'msgpackr';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { createPrng } from '../../src/domain/prng.ts';
import { defaultStartPrice, syntheticTicks } from '../../src/venues/synthetic.ts';
import { TestDaemon } from '../doubles/daemon.ts';
import { exactJson } from './exact-json.ts';

const READS = 10_000;
const AT_ONCE = 8;
const NAMES = ['euro', 'yen', 'gold', 'coin'] as const;
const SYMBOLS = { euro: 'EURUSD', yen: 'USDJPY', gold: 'XAUUSD', coin: 'BTCUSD' } as const;
const QTYS = { euro: '12347', yen: '777', gold: '3.37', coin: '0.123' } as const;

/** Opens, turns round and closes every few ticks, with a bracket, so that figures change all the time. */
const restless = (name: keyof typeof SYMBOLS): string => `
import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: '${name}',
  streams: { s: { symbol: '${SYMBOLS[name]}' } },
  create() {
    let ticks = 0;
    return {
      onTick(tick, ctx) {
        ticks += 1;
        const by = (tick.ask * 0.0001).toPrecision(2);
        if (ticks % 7 === 0) ctx.buy('s', { qty: '${QTYS[name]}', bracket: { stopLoss: { by }, takeProfit: { by } } });
        if (ticks % 11 === 0) ctx.sell('s', { qty: '${QTYS[name]}' });
        if (ticks % 23 === 0) ctx.close('s');
      },
    };
  },
});
`;

/** Some hours of all four symbols: more than the reads take. */
async function quotes(): Promise<string> {
  const { config } = await loadConfig({ env: {}, cwd: '/' });
  const symbols = Object.values(SYMBOLS).map((symbol) => ({
    instrument: config.instruments.get(symbol)!,
    startPrice: defaultStartPrice(symbol),
  }));
  const rows = ['timestamp,symbol,bid,ask'];
  for (const { ts, symbol, bid, ask } of syntheticTicks({ seed: 3, symbols, start: Date.UTC(2026, 0, 5) })) {
    rows.push(`${ts},${symbol},${bid},${ask}`);
    if (rows.length > 400_000) break;
  }
  return rows.join('\n');
}

let daemon: TestDaemon;
const ports: number[] = [];
beforeAll(async () => {
  const fees = { slippagePoints: 1, rejectionRate: 0.05, partialFillRate: 0.3, commissionPerLot: '0.000037' };
  const files = Object.fromEntries(NAMES.map((name) => [`${name}.ts`, restless(name)]));
  daemon = await TestDaemon.boot({
    config: {
      account: { startingBalance: '10000.01' },
      venues: { paper: { type: 'paper', feed: 'replay', file: 'quotes.csv', speed: 300, ...fees } },
    },
    files: { ...files, 'quotes.csv': await quotes() },
  });
  for (const name of NAMES) ports.push(await daemon.deployed(join(daemon.dir, `${name}.ts`)));
  daemon.openMarkets();
});
afterAll(() => daemon.close());

const agent = new Agent({ keepAlive: true });
afterAll(() => agent.destroy());

function read(port: number, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)));
    });
    outgoing
      .on('error', (error: NodeJS.ErrnoException) => {
        // The server has closed the connection, which had been idle for its five seconds, as this was on its way.
        if (outgoing.reusedSocket && error.code === 'ECONNRESET') resolve(read(port, path));
        else reject(error);
      })
      .end();
  });
}

/** Figures as they were sent: in either format a string of digits. */
interface Status {
  readonly startingBalance: string;
  readonly balance: string;
  readonly equity: string;
  readonly realized: string;
  readonly unrealized: string;
  readonly seq: string | number;
  readonly tradesTotal: string | number;
  readonly positions: readonly { readonly unrealized: string }[];
  readonly evaluations: {
    readonly total: string | number;
    readonly noSignal: string | number;
    readonly signals: string | number;
    readonly orders: string | number;
    readonly blocked: Readonly<Record<string, string | number>>;
  };
}

const sum = (values: readonly (string | number)[]): Big =>
  values.reduce<Big>((total, value) => total.plus(value), new Big(0));

/** What is wrong with an answer, in words; empty when nothing is. */
function faultsOf(status: Status): readonly string[] {
  const { startingBalance, balance, equity, realized, unrealized, positions, evaluations } = status;
  const { total, noSignal, signals, orders, blocked } = evaluations;
  const rules: Readonly<Record<string, boolean>> = {
    'balance = startingBalance + realized': sum([startingBalance, realized]).eq(balance),
    'equity = balance + unrealized': sum([balance, unrealized]).eq(equity),
    'unrealized = Σ of the positions': sum(positions.map((position) => position.unrealized)).eq(unrealized),
    'total = noSignal + signals': sum([noSignal, signals]).eq(total),
    'signals = orders + Σ blocked': sum([orders, ...Object.values(blocked)]).eq(signals),
    'figures are digits': [balance, equity, realized, unrealized].every((figure) => typeof figure === 'string'),
  };
  return Object.keys(rules).filter((rule) => rules[rule] === false);
}

/** A number that is written with an exponent, or that a binary float has been at. */
const TAINTED = /[:,[]-?\d+(?:\.\d{13,}|(?:\.\d+)?[eE])/;

it('in ten thousand random answers the sums hold exactly, no figure has a float tail, and seq never goes back', async () => {
  const random = createPrng('reads');
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]!;
  const seqs = NAMES.map(() => 0);
  const seen = NAMES.map(() => new Set<string>());
  const trades = NAMES.map(() => 0);
  let left = READS;

  async function reader(): Promise<void> {
    while (left-- > 0) {
      const which = Math.floor(random.next() * NAMES.length);
      const format = pick(['json', 'json', 'msgpack']);
      const [port, path] = pick([
        [ports[which]!, '/status'],
        [daemon.port, `/daemon/strategies/${NAMES[which]}/status`],
      ] as const);
      const before = seqs[which]!;
      const body = await read(port, `${path}?format=${format}`);
      const text = body.toString('utf8');
      const status = (format === 'json' ? exactJson(text) : unpack(body)) as Status;
      expect(faultsOf(status), text).toEqual([]);
      if (format === 'json') expect(text).not.toMatch(TAINTED);
      const seq = Number(status.seq);
      expect(seq).toBeGreaterThanOrEqual(before);
      seqs[which] = Math.max(seqs[which]!, seq);
      seen[which]!.add(status.equity);
      trades[which] = Number(status.tradesTotal);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, reader));

  expect(daemon.app.progress()).toBeLessThan(1);
  for (const equities of seen) expect(equities.size).toBeGreaterThan(20);
  for (const count of trades) expect(count).toBeGreaterThan(100);
}, 60_000);
