import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { OneTimeLinks } from '../../src/http/one-time-links.ts';
import { call, LineReader, open, serveControl } from './support.ts';

type Line = Readonly<Record<string, unknown>>;
const parsed = ({ lines }: LineReader): readonly Line[] =>
  lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
const of = (reader: LineReader, type: string): readonly Line[] =>
  parsed(reader).filter((line) => line['type'] === type);

describe('/daemon/live', () => {
  it('tells all rows first, then only those that have changed, and where to go on', async () => {
    const { port, daemon } = await serveControl();
    const reader = new LineReader(await open(port, '/daemon/live'));
    await reader.until((one) => of(one, 'overview').length >= 2);
    const [first, second] = of(reader, 'overview');
    expect(first).toMatchObject({
      names: ['ema-cross'],
      rows: [{ name: 'ema-cross', state: 'trading', health: 'ok' }],
    });
    expect(first!['next']).toMatch(/^(0|[\w:,-]+)$/);
    expect(second!['rows']).toEqual([]);
    expect(second).not.toHaveProperty('names');
    const strategy = daemon.strategies.get('ema-cross')!;
    strategy.statusView = { ...strategy.statusView, equity: dec('9000.1') };
    await reader.until((one) => of(one, 'overview').some(({ rows }) => JSON.stringify(rows).includes('9000.1')));
    reader.close();
  });

  it('tells what happens from now on, and from a cursor what was missed', async () => {
    const { port, daemon } = await serveControl();
    daemon.events.say('before');
    const reader = new LineReader(await open(port, '/daemon/live'));
    await reader.until((one) => of(one, 'overview').length > 0);
    daemon.events.say('after');
    await reader.until((one) => of(one, 'lifecycle').length > 0);
    expect(of(reader, 'lifecycle').map(({ detail }) => detail)).toEqual(['after']);
    reader.close();
    const again = new LineReader(await open(port, '/daemon/live?since=0'));
    await again.until((one) => of(one, 'lifecycle').length >= 2);
    again.close();
  });

  it('tells the latest events first where a number of them is asked for, none of them twice, and none to a cursor', async () => {
    const { port, daemon } = await serveControl();
    for (const detail of ['one', 'two', 'three']) daemon.events.say(detail);
    const details = (reader: LineReader): readonly unknown[] => of(reader, 'lifecycle').map(({ detail }) => detail);
    const reader = new LineReader(await open(port, '/daemon/live?recent=2'));
    await reader.until((one) => of(one, 'lifecycle').length >= 2);
    daemon.events.say('four');
    await reader.until((one) => of(one, 'overview').length >= 3);
    expect(details(reader)).toEqual(['two', 'three', 'four']);
    reader.close();
    const { next } = of(reader, 'overview').at(-1) as { next: string };
    const again = new LineReader(await open(port, `/daemon/live?recent=2&since=${next}`));
    await again.until((one) => of(one, 'overview').length >= 2);
    expect(details(again)).toEqual([]);
    again.close();
    expect((await call(port, '/daemon/live?recent=5000')).json()).toMatchObject({ status: 400, field: 'recent' });
  });

  it('tells one strategy in full, with its log', async () => {
    const { port, daemon } = await serveControl();
    daemon.strategies.get('ema-cross')!.logs.lines.push('a line');
    const reader = new LineReader(await open(port, '/daemon/live?strategy=ema-cross'));
    await reader.until((one) => of(one, 'strategy').length > 0 && of(one, 'log').length > 0);
    expect(of(reader, 'strategy')[0]).toMatchObject({
      status: { strategy: 'ema-cross' },
      health: { ok: true },
      machine: { machine: 'strategy' },
    });
    expect(of(reader, 'log')).toEqual([{ type: 'log', line: 'a line' }]);
    reader.close();
  });

  it('ends, and takes nothing with it, when what it tells cannot be made', async () => {
    const { port, daemon, failures } = await serveControl();
    const reader = new LineReader(await open(port, '/daemon/live?strategy=ema-cross'));
    await reader.until((one) => of(one, 'strategy').length > 0);
    daemon.strategies.get('ema-cross')!.status = () => {
      throw new Error('no figures');
    };
    await reader.end();
    expect(failures).toMatchObject([{ path: '/daemon/live?strategy=ema-cross' }]);
    expect((await call(port, '/daemon/health')).status).toBe(200);
  });

  it('tells nothing more of a strategy that was removed', async () => {
    const { port, daemon } = await serveControl();
    const reader = new LineReader(await open(port, '/daemon/live?strategy=ema-cross'));
    await reader.until((one) => of(one, 'strategy').length > 0);
    daemon.strategies.clear();
    await reader.until((one) => JSON.stringify(of(one, 'overview').at(-1)?.['names']) === '[]');
    reader.close();
  });

  it('refuses a strategy that is not deployed, with the names that come close, and a cursor that is none', async () => {
    const { port } = await serveControl();
    const unknown = await call(port, '/daemon/live?strategy=ema-cros');
    expect([unknown.status, unknown.json()['candidates']]).toEqual([404, ['ema-cross']]);
    expect((await call(port, '/daemon/live?since=oops')).json()).toMatchObject({ status: 400, field: 'since' });
    expect((await call(port, '/daemon/live?stratgy=x')).status).toBe(400);
  });
});

describe('equity and past', () => {
  it('have their columns of the same length, and refuse a span or a moment that is none', async () => {
    const { port } = await serveControl();
    const base = '/daemon/strategies/ema-cross';
    const curve = (await call(port, `${base}/equity?span=1d`)).json() as Record<string, unknown[]>;
    expect(curve).toMatchObject({ span: '1d', stepMs: 60_000, equity: [9997.6] });
    expect(new Set(['ts', 'equity', 'balance', 'drawdown'].map((name) => curve[name]!.length))).toEqual(new Set([1]));
    expect((await call(port, `${base}/equity?span=2d`)).status).toBe(400);
    expect((await call(port, `${base}/past?at=yesterday`)).json()).toMatchObject({ status: 400, field: 'at' });
    expect((await call(port, '/daemon/equity?points=2')).json()).toEqual({ 'ema-cross': [null, 9997.6] });
  });
});

describe('a one-time link', () => {
  it('is worth nothing after two minutes, or once it was used', () => {
    const clock = new VirtualClock(1000);
    const links = new OneTimeLinks(clock);
    const { code } = links.make('halt');
    const late = links.make('admin').code;
    expect(links.redeem(code)).toBe('halt');
    expect(links.redeem(code)).toBeUndefined();
    clock.advanceBy(120_000);
    expect(links.redeem(late)).toBeUndefined();
  });

  it('keeps the newest sixteen', () => {
    const links = new OneTimeLinks(new VirtualClock(1000));
    const codes = Array.from({ length: 20 }, () => links.make('read').code);
    expect(codes.filter((code) => links.redeem(code) === 'read')).toHaveLength(16);
  });

  it('gives no more than its maker may, and a session that runs out', async () => {
    const { port, tokens } = await serveControl();
    const token = tokens.add('night-shift', 'halt');
    const made = (await call(port, '/daemon/dashboard/links', { method: 'POST', token, body: {} })).json();
    expect(made['scope']).toBe('halt');
    const path = '/daemon/dashboard/sessions';
    const enter = () => call(port, path, { method: 'POST', token: made['code'] as string, body: {} });
    const session = await enter();
    expect([session.status, session.json()['scope']]).toEqual([201, 'halt']);
    expect((await enter()).status).toBe(401);
    expect((await call(port, path, { method: 'POST', body: {} })).status).toBe(401);
    expect((await call(port, '/daemon/dashboard/links', { method: 'POST', body: {} })).status).toBe(401);
    expect(tokens.verify(`Bearer ${session.json()['token'] as string}`)).toMatchObject({ scope: 'halt' });
    expect(tokens.list().map(({ name }) => name)).toContain(session.json()['name']);
  });
});
