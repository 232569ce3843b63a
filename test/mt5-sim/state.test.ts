import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { createMt5Simulator, type Mt5SimulatorOptions } from '../../src/mt5-sim/simulator.ts';
import { QktProcess } from '../doubles/qkt-process.ts';
import { EURO, GOLD, Sim, START, type Json } from './support.ts';

function stateFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'qkt-mt5-state-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'account.ndjson');
}

async function opened(path: string, options: Mt5SimulatorOptions = {}, clock = new VirtualClock(START)): Promise<Sim> {
  const simulator = await createMt5Simulator({ clock, feed: 'manual', stateFile: path, ...options });
  const sim = new Sim(simulator, clock, await simulator.listen(0));
  onTestFinished(() => simulator.close());
  return sim;
}

/** Posts when there is a body. */
async function ask(url: string, path: string, body?: object): Promise<Json> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await (await fetch(url + path, body === undefined ? {} : post)).json()) as Json;
}

/** Everything of an account that a client can see, but for the time of day. */
async function truth(sim: Sim): Promise<unknown> {
  const { account, quotes, positions, orders, deals, history_orders } = (await sim.get('/sim/state')).json;
  return { account, quotes, positions, orders, deals, history_orders };
}

async function traded(sim: Sim): Promise<void> {
  sim.gold(2400.1);
  sim.simulator.quote(EURO, 1.1, 1.10008);
  await sim.placed({ sl: 2390, tp: 2450, comment: 'q-one', magic: 7 });
  const closed = await sim.placed({ volume: 0.2 });
  await sim.post('/close_position', { position: { ticket: closed } });
  await sim.order({ type: 'BUY_LIMIT', price: 2395, symbol: GOLD });
  const gone = await sim.placed({ type: 'SELL_LIMIT', price: 2420 });
  await sim.send('DELETE', `/orders/${gone}`);
  sim.gold(2401);
}

describe('a simulator with a state file', () => {
  it.each(['hedging', 'netting'] as const)('comes back with the %s account as it was', async (account) => {
    const path = stateFile();
    const first = await opened(path, { account });
    await traded(first);
    const before = await truth(first);
    await first.simulator.close();
    const second = await opened(path, { account, balance: 99 }, first.clock);
    expect(await truth(second)).toEqual(before);
    // Twice, because the file is written anew when it is read.
    await second.simulator.close();
    const third = await opened(path, { account }, first.clock);
    expect(await truth(third)).toEqual(before);
    const tickets = (await third.deals()).map(({ ticket }) => ticket);
    await third.placed();
    expect((await third.deals()).at(-1)!.ticket).toBe(Math.max(...tickets) + 1);
    const orders = (await third.get('/sim/state')).json['history_orders'] as readonly { readonly ticket: number }[];
    expect(new Set(orders.map(({ ticket }) => ticket)).size).toBe(orders.length);
  });

  it('leaves out a last line that was cut short, and goes on behind it', async () => {
    const path = stateFile();
    const first = await opened(path);
    await traded(first);
    const before = await truth(first);
    await first.simulator.close();
    appendFileSync(path, '{"at":1,"changes":[{"kind":"closed","tick');
    const second = await opened(path, {}, first.clock);
    expect(await truth(second)).toEqual(before);
    await second.placed();
    await second.simulator.close();
    expect((await (await opened(path, {}, first.clock)).positions()).length).toBe(2);
  });

  it.each([
    [{ account: 'netting' }, /is of mode hedging, not netting/],
    [{ login: 5 }, /is of login 4410021, not 5/],
    [{ symbols: ['EURUSD'] }, /holds XAUUSDm/],
  ] as const)('refuses %j where the account is another', async (options, message) => {
    const path = stateFile();
    const first = await opened(path);
    await traded(first);
    await first.simulator.close();
    const kept = readFileSync(path, 'utf8');
    await expect(opened(path, options)).rejects.toThrow(message);
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe(kept.split('\n')[0]);
    expect((await (await opened(path, {}, first.clock)).positions()).length).toBeGreaterThan(0);
  });

  it('refuses a file that is none of its own, and one that is in use', async () => {
    const path = stateFile();
    writeFileSync(path, 'positions,orders\n');
    await expect(opened(path)).rejects.toMatchObject({ code: 'QKT_E_USAGE' });
    expect(readFileSync(path, 'utf8')).toBe('positions,orders\n');
    rmSync(path);
    await opened(path);
    await expect(opened(path)).rejects.toMatchObject({ code: 'QKT_E_LOCKED' });
  });

  it('lets quotes of the time in between have their effect, each at its own time', async () => {
    const path = stateFile();
    const options = { feed: 'synthetic', seed: 4, symbols: ['XAUUSD'] } as const;
    const first = await opened(path, options);
    const { bid } = first.simulator.terminal.quoteOf(GOLD)!;
    await first.placed({ sl: bid - 0.3 });
    await first.simulator.close();
    const clock = new VirtualClock(START + 600_000);
    const second = await opened(path, options, clock);
    expect(await second.positions()).toEqual([]);
    const close = (await second.deals()).at(-1)!;
    expect(close).toMatchObject({ entry: 1, reason: 4 });
    expect(close['time_msc']).toBeGreaterThan(START);
    expect(close['time_msc']).toBeLessThan(START + 600_000);
    // The prices are those that a simulator which was never away would have.
    const other = await opened(stateFile(), options);
    other.clock.advanceTo(clock.now());
    expect(second.simulator.terminal.quoteOf(GOLD)).toEqual(other.simulator.terminal.quoteOf(GOLD));
  });

  it('has on disk whatever it has answered when it is killed', async () => {
    const path = stateFile();
    const flags = ['--port', '0', '--state', path, '--feed', 'manual', '--state-dir', `${path}.d`];
    const start = async (): Promise<[QktProcess, string]> => {
      const process = new QktProcess('mt5-sim', ...flags);
      return [process, `http://127.0.0.1:${await process.says(/QKT_PORT=(\d+)/)}`];
    };
    const [first, url] = await start();
    await ask(url, '/sim/quote', { symbol: GOLD, bid: 2400.1, ask: 2400.35 });
    const { result } = await ask(url, '/order', { symbol: GOLD, type: 'BUY', volume: 0.1, sl: 2390 });
    await first.kill('SIGKILL');
    const [second, again] = await start();
    const { positions } = await ask(again, '/sim/state');
    expect(positions).toMatchObject([{ ticket: result.order, sl: 2390, price_current: 2400.1 }]);
    expect(await second.kill('SIGTERM')).toBe(0);
  });
});

describe('the simulated broker', () => {
  it('closes what has lost most once the margin level is at that of the stop-out', async () => {
    const sim = await opened(stateFile(), { balance: 1000, stopOutLevel: 50 });
    sim.gold(2400);
    const one = await sim.placed({ volume: 0.1 });
    await sim.placed({ volume: 0.2 });
    sim.gold(2389);
    expect((await sim.positions()).length).toBe(2);
    sim.gold(2378);
    expect(await sim.positions()).toMatchObject([{ ticket: one }]);
    expect((await sim.deals()).at(-1)).toMatchObject({ reason: 6, entry: 1, volume: 0.2 });
    expect((await sim.get('/account')).json['margin_so_so']).toBe(50);
  });

  it('refuses orders for symbols that are not in its whitelist', async () => {
    const sim = await opened(stateFile(), { whitelist: ['EURUSD'] });
    sim.gold(2400);
    sim.simulator.quote(EURO, 1.1, 1.10008);
    expect(await sim.order({})).toMatchObject({ status: 400, json: { error_type: 'validation_error' } });
    expect(await sim.order({ symbol: EURO })).toMatchObject({ status: 200 });
  });
});

describe('a request without a socket', () => {
  it('is answered as one over a socket, logged, and cut where that would be cut', async () => {
    const sim = await opened(stateFile());
    sim.gold(2400);
    const body = JSON.stringify({ symbol: GOLD, type: 'BUY', volume: 0.1 });
    const headers = { 'content-type': 'application/json', 'x-request-id': 'r-9', 'idempotency-key': 'k' };
    const answer = await sim.simulator.inject({ method: 'POST', url: '/order', headers, body });
    expect([answer.status, answer.headers['x-request-id']]).toEqual([200, 'r-9']);
    expect(JSON.parse(answer.body)).toMatchObject({ ok: true, request_id: 'r-9', state: 'executed' });
    expect((await sim.get('/sim/requests')).json.requests).toMatchObject([{ idempotency_key: 'k', status: 200, body }]);
    sim.fault('reset-executed', { route: 'GET /account' });
    await expect(sim.simulator.inject({ method: 'GET', url: '/account' })).rejects.toThrow();
  });
});
