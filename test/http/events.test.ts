import { unpack, UnpackrStream } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { ScriptedStrategy } from '../doubles/strategy-port.ts';
import { call, eventually, LineReader, open, serveControl, serveStrategy } from './support.ts';

interface Line {
  readonly seq: number;
  readonly type: string;
  readonly detail?: string;
  readonly [member: string]: unknown;
}
const parse = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

async function read(port: number, path: string): Promise<Line[]> {
  return parse((await call(port, path)).text);
}

describe('GET /events without a cursor', () => {
  it('answers at once with what the ring holds, oldest first, one event a line', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.events.tick(1.1);
    strategy.events.add(
      {
        type: 'fill',
        fillId: 'f1',
        orderId: 'o1',
        symbol: 'EURUSD',
        side: 'BUY',
        qty: dec(10_000),
        price: dec('1.0973'),
        commission: dec(0),
        realized: dec(0),
        reducing: false,
      },
      7,
    );
    const answer = await call(port, '/events');
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    expect(answer.headers['qkt-next-since']).toBe('2');
    expect(answer.text.split('\n')).toEqual([
      '{"seq":1,"ts":"2026-11-22T07:00:00.001Z","type":"tick","strategy":"ema-cross","symbol":"EURUSD","bid":1.1,"ask":1.1001}',
      '{"seq":2,"journalSeq":7,"ts":"2026-11-22T07:00:00.002Z","type":"fill","strategy":"ema-cross","fillId":"f1","orderId":"o1","symbol":"EURUSD","side":"BUY","qty":10000,"price":1.0973,"commission":0,"realized":0,"reducing":false}',
      '',
    ]);
  });

  it('answers at once with an empty body when there is nothing', async () => {
    const { port } = await serveStrategy();
    const answer = await call(port, '/events');
    expect([answer.status, answer.text, answer.headers['qkt-next-since']]).toEqual([200, '', '0']);
  });

  it('gives the last of a ring that has run over', async () => {
    const { port, strategy } = await serveStrategy({ strategy: new ScriptedStrategy('ema-cross', 3) });
    for (const detail of 'abcde') strategy.events.say(detail);
    expect((await read(port, '/events')).map(({ detail }) => detail)).toEqual(['c', 'd', 'e']);
  });
});

describe('GET /events with a cursor', () => {
  it('gives only what came after it', async () => {
    const { port, strategy } = await serveStrategy();
    for (const detail of 'abc') strategy.events.say(detail);
    expect((await read(port, '/events?since=2')).map(({ detail }) => detail)).toEqual(['c']);
  });

  it('filters by type and limits, and the next cursor goes on where the page ended', async () => {
    const { port, strategy } = await serveStrategy();
    for (let i = 0; i < 3; i++) {
      strategy.events.tick();
      strategy.events.say(`${i}`);
    }
    const first = await call(port, '/events?since=0&types=lifecycle,fill&limit=2');
    expect(parse(first.text).map(({ seq }) => seq)).toEqual([2, 4]);
    expect(first.headers['qkt-next-since']).toBe('4');
    const second = await call(port, '/events?since=4&types=lifecycle,fill&limit=2');
    expect(parse(second.text).map(({ seq }) => seq)).toEqual([6]);
  });

  it('older than the ring begins with the gap', async () => {
    const { port, strategy } = await serveStrategy({ strategy: new ScriptedStrategy('ema-cross', 3) });
    for (const detail of 'abcde') strategy.events.say(detail);
    const { text } = await call(port, '/events?since=0');
    expect(text.split('\n')[0]).toBe('{"type":"gap","from":1,"to":2}');
    expect(
      parse(text)
        .slice(1)
        .map(({ seq }) => seq),
    ).toEqual([3, 4, 5]);
  });

  it('waits for something new and answers with it', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.events.say('old');
    const answer = call(port, '/events?since=1');
    await eventually(() => strategy.events.changed$.observed);
    strategy.events.say('new');
    expect(parse((await answer).text).map(({ detail }) => detail)).toEqual(['new']);
    expect(strategy.events.changed$.observed).toBe(false);
  });

  it('goes on waiting while only what it filters out comes', async () => {
    const { port, strategy } = await serveStrategy();
    const answer = call(port, '/events?since=0&types=lifecycle');
    await eventually(() => strategy.events.changed$.observed);
    const reads = strategy.events.reads;
    strategy.events.tick();
    await eventually(() => strategy.events.reads > reads);
    strategy.events.say('new');
    expect(parse((await answer).text).map(({ seq }) => seq)).toEqual([2]);
  });

  it.each([
    ['', 25_000],
    ['&wait=60', 60_000],
    ['&wait=0.5', 500],
  ])(
    'with nothing new and "%s" ends empty after %i ms, with a cursor that passed what was filtered out',
    async (wait, ms) => {
      const clock = new VirtualClock();
      const { port, strategy } = await serveStrategy({ clock });
      let done = false;
      const answer = call(port, `/events?since=0&types=fill${wait}`).finally(() => (done = true));
      await eventually(() => strategy.events.changed$.observed);
      strategy.events.tick();
      clock.advanceBy(ms - 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(done).toBe(false);
      clock.advanceBy(1);
      const { status, text, headers } = await answer;
      expect([status, text, headers['qkt-next-since']]).toEqual([200, '', '1']);
    },
  );

  it('does not wait with wait=0', async () => {
    const { port } = await serveStrategy({ clock: new VirtualClock() });
    expect((await call(port, '/events?since=0&wait=0')).text).toBe('');
  });

  it('ahead of everything never goes back', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.events.say('a');
    expect((await call(port, '/events?since=900&wait=0')).headers['qkt-next-since']).toBe('900');
  });

  it('gives up its place when the reader goes away', async () => {
    const { port, strategy } = await serveStrategy();
    const answer = call(port, '/events?since=0').catch(() => undefined);
    await eventually(() => strategy.events.changed$.observed);
    const { default: http } = await import('node:http');
    const waiting = http.get({ host: '127.0.0.1', port, path: '/events?since=0', agent: false });
    waiting.on('error', () => undefined);
    await eventually(() => strategy.events.changed$.observers.length === 2);
    waiting.destroy();
    await eventually(() => strategy.events.changed$.observers.length === 1);
    strategy.events.say('x');
    await answer;
  });
});

describe('GET /events?follow=true', () => {
  it('gives what there is and then what comes, without an end', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.events.say('before');
    const response = await open(port, '/events?follow=true&since=0');
    expect(response.headers['content-type']).toBe('application/x-ndjson');
    expect(response.headers['cache-control']).toBe('no-store');
    const reader = new LineReader(response);
    await reader.until(({ lines }) => lines.length === 1);
    for (let i = 0; i < 600; i++) strategy.events.say(`${i}`);
    await reader.until(({ lines }) => lines.length === 601);
    expect(reader.lines.map((line) => (JSON.parse(line) as Line).seq)).toEqual(
      Array.from({ length: 601 }, (_, i) => i + 1),
    );
    reader.close();
    await eventually(() => !strategy.events.changed$.observed);
  });

  it('keeps an idle stream alive with a blank line every 15 s', async () => {
    const clock = new VirtualClock();
    const { port, strategy } = await serveStrategy({ clock });
    const reader = new LineReader(await open(port, '/events?follow=true'));
    await eventually(() => strategy.events.changed$.observed);
    clock.advanceBy(14_999);
    clock.advanceBy(1);
    await reader.until(({ lines }) => lines.length === 1);
    clock.advanceBy(15_000);
    await reader.until(({ lines }) => lines.length === 2);
    expect(reader.lines).toEqual(['', '']);
    reader.close();
  });

  it('ends after as many events as limit says', async () => {
    const { port, strategy } = await serveStrategy();
    const reader = new LineReader(await open(port, '/events?follow=true&limit=2&types=lifecycle'));
    await eventually(() => strategy.events.changed$.observed);
    for (const detail of 'abc') strategy.events.say(detail);
    await reader.end();
    expect(reader.lines.map((line) => (JSON.parse(line) as Line).detail)).toEqual(['a', 'b']);
  });

  it('answers HEAD with headers alone', async () => {
    const { port, strategy } = await serveStrategy();
    const answer = await call(port, '/events?follow=true', { method: 'HEAD' });
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, 'application/x-ndjson', '']);
    expect(strategy.events.changed$.observed).toBe(false);
  });

  it('tells the cursor of its first lines in a header', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.events.say('a');
    const response = await open(port, '/events?follow=true');
    expect(response.headers['qkt-next-since']).toBe('1');
    response.destroy();
  });
});

describe('server-sent events', () => {
  const sse = { accept: 'text/event-stream' };

  it('carry the sequence number as id', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.events.say('a');
    const response = await open(port, '/events', { headers: sse });
    expect(response.headers['content-type']).toBe('text/event-stream');
    const reader = new LineReader(response);
    await reader.until(({ lines }) => lines.length >= 3);
    expect(reader.lines[0]).toBe('id: 1');
    expect(reader.lines[1]).toMatch(/^data: \{"seq":1,.*"detail":"a"\}$/);
    expect(reader.lines[2]).toBe('');
    reader.close();
  });

  it('go on after Last-Event-ID, whatever since says', async () => {
    const { port, strategy } = await serveStrategy();
    for (const detail of 'abc') strategy.events.say(detail);
    const reader = new LineReader(await open(port, '/events?since=0', { headers: { ...sse, 'last-event-id': '2' } }));
    await reader.until(({ lines }) => lines.length >= 2);
    expect(reader.lines[0]).toBe('id: 3');
    reader.close();
  });

  it('cannot be msgpack', async () => {
    const { port } = await serveStrategy();
    const answer = await call(port, '/events?format=msgpack', { headers: sse });
    expect([answer.status, answer.json().field]).toEqual([400, 'format']);
  });

  it('refuse a Last-Event-ID that is no number', async () => {
    const { port } = await serveStrategy();
    const answer = await call(port, '/events', { headers: { ...sse, 'last-event-id': 'abc' } });
    expect([answer.status, answer.json().field]).toEqual([400, 'Last-Event-ID']);
  });

  it('tell a gap with the id of its end', async () => {
    const { port, strategy } = await serveStrategy({ strategy: new ScriptedStrategy('ema-cross', 2) });
    for (const detail of 'abcde') strategy.events.say(detail);
    const reader = new LineReader(await open(port, '/events', { headers: { ...sse, 'last-event-id': '1' } }));
    await reader.until(({ lines }) => lines.length >= 6);
    expect(reader.lines.slice(0, 4)).toEqual(['id: 3', 'data: {"type":"gap","from":2,"to":3}', '', 'id: 4']);
    reader.close();
  });

  it('keep an idle stream alive with a comment', async () => {
    const clock = new VirtualClock();
    const { port, strategy } = await serveStrategy({ clock });
    const reader = new LineReader(await open(port, '/events', { headers: sse }));
    await eventually(() => strategy.events.changed$.observed);
    clock.advanceBy(15_000);
    await reader.until(({ lines }) => lines.length >= 2);
    expect(reader.lines).toEqual([':', '']);
    reader.close();
  });
});

describe('filters', () => {
  it('let through what is on the symbols that are asked for', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.events.tick();
    strategy.events.say('no symbol');
    expect((await read(port, '/events?symbol=GBPUSD,EURUSD')).map(({ seq }) => seq)).toEqual([1]);
    expect(await read(port, '/events?symbol=GBPUSD')).toEqual([]);
  });

  it('name a type that is none, with those that come close', async () => {
    const { port } = await serveStrategy();
    const answer = await call(port, '/events?types=fill,ordre');
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ field: 'types', candidates: ['order'] });
    expect(answer.json().detail).toContain('"ordre"');
  });
});

it('a page tells its first gap first, a stream in its place', async () => {
  const { port, strategy } = await serveStrategy();
  const event = strategy.events.say('a');
  const gap = { type: 'gap', from: 2, to: 9 } as const;
  strategy.events.read = () => ({ from: 0, items: [event, gap], next: 9, more: false });
  expect((await read(port, '/events?since=0')).map(({ type }) => type)).toEqual(['gap', 'lifecycle']);
  const reader = new LineReader(await open(port, '/events?since=0&follow=true&limit=1'));
  await reader.end();
  expect(parse(reader.lines.join('\n')).map(({ type }) => type)).toEqual(['lifecycle', 'gap']);
});

it('a stream of msgpack is one value after the other, nil while there is nothing', async () => {
  const clock = new VirtualClock();
  const { port, strategy } = await serveStrategy({ clock });
  const headers = { accept: 'application/msgpack' };
  const response = await open(port, '/events?follow=true&since=0', { headers });
  expect(response.headers['content-type']).toBe('application/msgpack');
  const values: unknown[] = [];
  response.pipe(new UnpackrStream({ mapsAsObjects: true })).on('data', (value: unknown) => values.push(value));
  await eventually(() => strategy.events.changed$.observed);
  for (const detail of 'ab') strategy.events.say(detail);
  await eventually(() => values.length === 2);
  clock.advanceBy(15_000);
  await eventually(() => values.length === 3);
  strategy.events.say('c');
  await eventually(() => values.length === 4);
  expect(values[2]).toBeTypeOf('symbol');
  expect(values.toSpliced(2, 1)).toEqual(await read(port, '/events?since=0'));
  response.destroy();
});

it('events as msgpack are the same objects in one array, a gap first', async () => {
  const { port, strategy } = await serveStrategy({ strategy: new ScriptedStrategy('ema-cross', 2) });
  for (const detail of 'abc') strategy.events.say(detail);
  const packed = await call(port, '/events?since=0&format=msgpack');
  expect(packed.headers['content-type']).toBe('application/msgpack');
  expect(unpack(packed.body)).toEqual(await read(port, '/events?since=0'));
});

it('/daemon/events follows the same rules, and so does a strategy of the daemon', async () => {
  const { port, daemon } = await serveControl();
  daemon.events.say('daemon');
  daemon.strategies.get('ema-cross')!.events.say('strategy');
  expect((await read(port, '/daemon/events?since=0'))[0]!.detail).toBe('daemon');
  expect((await read(port, '/daemon/strategies/ema-cross/events?since=0'))[0]!.detail).toBe('strategy');
  const refused = await call(port, '/daemon/events?since=oops');
  expect([refused.status, refused.json().field]).toEqual([400, 'since']);
});
