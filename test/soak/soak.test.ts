/**
 * A long run of a daemon in which everything comes and goes: ticks by the million, deploys, halts,
 * resumes, stops, removals, and readers of every stream. `QKT_TICKS` makes it as long as wanted.
 */
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { poll, TestDaemon } from '../doubles/daemon.ts';
import { FedMarket } from './fed-market.ts';
import { handles, liveBytes, slope } from './footprint.ts';

const TICKS = Number(process.env['QKT_TICKS'] ?? 1_000_000);
const SEED = Number(process.env['QKT_SEED'] ?? 1);
const ROUNDS = 25;
/**
 * Rounds in which rings and other bounded memory fill up, and code is compiled. The engine goes on compiling for
 * a hundred rounds, less and less: a tenth of a megabyte a round at first, a hundredth in the end.
 */
const WARM_UP = 12;
/** Fed twice in every round. */
const FED = Math.ceil(TICKS / ROUNDS / 2);

/** Enters and leaves with its averages: some orders in every round. */
const RESIDENT = `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'resident',
  streams: { eur: { symbol: 'EURUSD', bars: '1m' } },
  timers: { look: { every: '15m' } },
  create({ indicators }) {
    const fast = indicators.ema(3), slow = indicators.ema(8);
    return {
      onTimer(name, ctx) { ctx.log('info', 'looked', { equity: ctx.account.equity }); },
      onBar(bar, ctx) {
        const f = fast.update(bar.close), s = slow.update(bar.close);
        if (f === undefined || s === undefined) return;
        const held = ctx.position('eur').qty;
        if (f > s && held === 0) ctx.buy('eur', { qty: 1000, bracket: { stopLoss: { by: 0.002 } } });
        if (f < s && held > 0) ctx.close('eur');
      },
    };
  },
});
`;

interface Reader {
  readonly cancel: () => void;
  readonly ended: Promise<void>;
}

/** Reads a stream that has no end until it is told to go. */
async function follow(port: number, path: string, accept: string): Promise<Reader> {
  const abort = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept }, signal: abort.signal });
  expect(answer.status).toBe(200);
  const body = answer.body!.getReader();
  const ended = (async () => {
    while (!(await body.read()).done);
  })().catch(() => {});
  return { cancel: () => abort.abort(), ended };
}

/** To its end: a body that nobody reads keeps its connection. */
async function read(answer: Response): Promise<Response> {
  await answer.arrayBuffer();
  return answer;
}

class Soak {
  readonly daemon: TestDaemon;
  readonly market: FedMarket;
  readonly file: string;
  readonly resident: number;

  private constructor(daemon: TestDaemon, market: FedMarket, file: string, resident: number) {
    this.daemon = daemon;
    this.market = market;
    this.file = file;
    this.resident = resident;
  }

  static async open(): Promise<Soak> {
    const { config } = await loadConfig({ env: {}, cwd: tmpdir(), flags: {} });
    const market = new FedMarket(config.instruments.get('EURUSD')!, SEED);
    const daemon = await TestDaemon.boot({
      config: { venues: { paper: { type: 'paper', feed: 'replay', file: 'fed', speed: 'max' } } },
      openReplay: () => Promise.resolve(market.source),
    });
    const file = daemon.write('resident.ts', RESIDENT);
    const resident = await daemon.deployed(file);
    daemon.openMarkets();
    return new Soak(daemon, market, file, resident);
  }

  /** Everything comes, and everything but the resident goes again. */
  async round(number: number): Promise<void> {
    const name = `guest-${number}`;
    const port = await this.daemon.deployed(this.file, { name });
    const readers = await this.#readers(port);
    await this.market.feed(FED);
    await this.#command(this.resident, 'halt', { reason: 'soak' });
    await this.#command(port, 'halt', { reason: 'soak' });
    await this.#command(this.resident, 'resume', { reason: 'soak' });
    await this.daemon.deployed(this.file, { name, replace: true });
    await this.market.feed(FED);
    for (const path of ['/status', '/health', '/why', '/events?since=0', '/logs?lines=100'])
      expect([path, (await this.#fetch(this.resident, path).then(read)).ok]).toEqual([path, true]);
    await this.#command(port, 'stop?flatten=true');
    for (const { cancel } of readers) cancel();
    await Promise.all(readers.map(({ ended }) => ended));
    expect((await this.daemon.remove(name)).status).toBe(200);
  }

  async end(): Promise<void> {
    this.market.end();
    await this.daemon.close();
  }

  #readers(port: number): Promise<readonly Reader[]> {
    return Promise.all([
      follow(port, '/events?follow=true', 'application/x-ndjson'),
      follow(this.resident, '/events?follow=true', 'application/x-ndjson'),
      follow(this.resident, '/events', 'text/event-stream'),
      follow(this.resident, '/logs?follow=true', 'text/plain'),
      follow(this.daemon.port, '/daemon/events?follow=true', 'application/x-ndjson'),
    ]);
  }

  async #command(port: number, command: string, body: object = {}): Promise<void> {
    const answer = await this.#fetch(port, `/${command}`, { method: 'POST', body: JSON.stringify(body) });
    expect([command, answer.status, await answer.text()].slice(0, 2)).toEqual([command, 200]);
  }

  /** Over connections of its own: none is kept open by the test. */
  #fetch(port: number, path: string, init: Omit<RequestInit, 'headers'> = {}): Promise<Response> {
    const authorization = `Bearer ${this.daemon.token}`;
    const headers = { connection: 'close', 'content-type': 'application/json', authorization };
    return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  }
}

describe('a daemon in which everything comes and goes', () => {
  it(
    `holds no more memory, handles, timers or listeners after ${TICKS} ticks than before`,
    { timeout: 120_000 + TICKS / 10 },
    async () => {
      const warnings: string[] = [];
      const warned = (warning: Error): void => void warnings.push(warning.message);
      process.on('warning', warned);
      const soak = await Soak.open();
      try {
        const bytes: number[] = [];
        let before: Readonly<Record<string, number>> = {};
        for (let number = 0; number < ROUNDS; number++) {
          await soak.round(number);
          if (number === WARM_UP) before = handles();
          if (number >= WARM_UP) bytes.push(liveBytes());
        }
        await poll(
          'handles, timers and listeners as before',
          () => (grown(before, handles()).length === 0 ? true : undefined),
          20_000,
        ).catch(() => expect(grown(before, handles())).toEqual([]));
        const megabytes = bytes.map((each) => each / 2 ** 20);
        expect(
          slope(megabytes),
          `megabytes by round: ${megabytes.map((each) => each.toFixed(1)).join(' ')}`,
        ).toBeLessThan(0.25);
        expect(warnings).toEqual([]);
      } finally {
        process.off('warning', warned);
        await soak.end();
      }
    },
  );
});

/** What there is more of than before. A timer more is one that happens to run; an idle connection of the client's too. */
function grown(before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(now).flatMap(([kind, count]) =>
    count > (before[kind] ?? 0) + 2 ? [`${kind}: ${before[kind] ?? 0} → ${count}`] : [],
  );
}
