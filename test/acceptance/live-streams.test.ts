/** What a program sees of a strategy that trades: events with their chain of ids, waiting, following, logs, gateways, the end. */
import { expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { LineReader, open } from '../http/support.ts';
import { eventsOf, holder, Scene, strategySource, type Deployed } from './trading-scene.ts';

type Event = Record<string, unknown>;

/** Buys with a bracket, asks for what the venue refuses, and closes. */
const BUSY = strategySource(
  'busy',
  `if (ticks === 5) ctx.buy('eur', { qty: 10000, bracket: { stopLoss: { by: 0.005 } }, tag: 'in' });
   if (ticks === 7) ctx.buy('eur', { qty: '0.5' });
   if (ticks === 9) ctx.close('eur');`,
);

async function busy(): Promise<{ scene: Scene; strategy: Deployed }> {
  const scene = await Scene.open();
  const strategy = await scene.deploy('busy', BUSY);
  scene.daemon.openMarkets();
  await poll('both trades', async () => ((await strategy.status())['tradesTotal'] === 2 ? true : undefined));
  return { scene, strategy };
}

const eventLines = (text: string): Event[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Event]));

it('events chain signal, order and fill by their ids, in one sequence without a gap in what was journaled', async () => {
  const { strategy } = await busy();
  const events = await eventsOf(strategy, 'signal', 'order', 'fill', 'rejection', 'cancel', 'position');
  const ofType = (type: string): Event[] => events.filter((event) => event['type'] === type);

  const fills = ofType('fill');
  expect(fills).toHaveLength(2);
  for (const { orderId, signalId, fillId } of fills) {
    const signal = ofType('signal').find((event) => event['signalId'] === signalId)!;
    const order = ofType('order').find((event) => event['orderId'] === orderId)!;
    expect(order['signalId']).toBe(signalId);
    const seqs = [signal, order, fills.find((event) => event['fillId'] === fillId)!].map(({ seq }) => seq as number);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  }
  const entry = fills[0]!['orderId'];
  expect(ofType('order').find(({ role }) => role === 'stopLoss')).toMatchObject({ parentId: entry, price: 1.0952 });
  expect(ofType('cancel')).toMatchObject([{ status: 'cancelled' }]);
  const [rejection] = ofType('rejection');
  expect(rejection).toMatchObject({ status: 'rejected', code: 'VOLUME' });
  expect(ofType('signal').map(({ signalId }) => signalId)).toContain(rejection!['signalId']);
  expect(ofType('position').map(({ qty }) => qty)).toEqual([10000, 0]);

  const journal = events.map(({ journalSeq }) => journalSeq as number);
  expect(journal).toEqual(journal.map((_, index) => journal[0]! + index));
  const trades = (await strategy.status())['trades'] as Event[];
  expect(trades.map(({ id, orderId }) => [id, orderId])).toEqual(fills.map(({ fillId, orderId }) => [fillId, orderId]));
});

it('a long poll waits for what comes next, and ends empty when nothing does', async () => {
  const scene = await Scene.open();
  const strategy = await scene.deploy('busy', BUSY);
  const since = Number((await strategy.get('/events')).headers['qkt-next-since']);
  const waiting = strategy.get(`/events?since=${since}&types=fill&wait=20`);
  scene.daemon.openMarkets();
  const { status, text, headers } = await waiting;
  expect(status).toBe(200);
  const [fill] = eventLines(text);
  expect(fill).toMatchObject({ type: 'fill', strategy: 'busy', side: 'BUY', qty: 10000, price: 1.1002 });
  expect(Number(headers['qkt-next-since'])).toBeGreaterThanOrEqual(fill!['seq'] as number);
  const nothing = await strategy.get(`/events?since=${String(fill!['seq'])}&types=halt&wait=1`);
  expect([nothing.status, nothing.text]).toEqual([200, '']);
});

it('a follower sees every event from its cursor on, once and in order, and so does one of the whole daemon', async () => {
  const scene = await Scene.open();
  const strategy = await scene.deploy('busy', BUSY);
  const own = new LineReader(await open(strategy.port, '/events?follow=true&since=0'));
  const all = new LineReader(await open(scene.daemon.port, '/daemon/events?follow=true&since=0'));
  scene.daemon.openMarkets();
  const closed = ({ lines }: LineReader): boolean =>
    lines.some((line) => line.includes('"side":"SELL"') && line.includes('"fill"'));
  await Promise.all([own.until(closed), all.until(closed)]);
  const seen = eventLines(own.lines.join('\n'));
  const seqs = seen.map(({ seq }) => seq as number);
  expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index));
  expect(seen.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['lifecycle', 'tick', 'signal', 'order', 'fill', 'position', 'rejection', 'cancel']),
  );
  const fills = (lines: readonly string[]): unknown[] =>
    eventLines(lines.join('\n')).flatMap(({ type, fillId }) => (type === 'fill' ? [fillId] : []));
  expect(fills(all.lines)).toEqual(fills(own.lines));
  own.close();
  all.close();
});

it('server-sent events carry ids to resume from', async () => {
  const { strategy } = await busy();
  const last = (await eventsOf(strategy, 'fill')).at(-1)!['seq'] as number;
  const headers = { accept: 'text/event-stream', 'last-event-id': String(last - 1) };
  const reader = new LineReader(await open(strategy.port, '/events?types=fill', { headers }));
  await reader.until(({ lines }) => lines.some((line) => line.startsWith('data: ')));
  expect(reader.lines).toContain(`id: ${last}`);
  reader.close();
});

it('a follower of the log sees orders, fills and the last word of the strategy', async () => {
  const scene = await Scene.open();
  const talks = strategySource(
    'talks',
    `if (ticks === 5) ctx.buy('eur', { qty: 10000 });`,
    `onStop(ctx) { ctx.log('warn', 'bye', { n: 1 }); },`,
  );
  const strategy = await scene.deploy('talks', talks);
  const reader = new LineReader(await open(strategy.port, '/logs?follow=true'));
  scene.daemon.openMarkets();
  await reader.until(({ lines }) => lines.some((line) => /order filled .*side=BUY qty=10000 price=1\.1002/.test(line)));
  await strategy.post('/stop');
  await reader.until(({ lines }) => lines.some((line) => line.includes('WARN  strategy=talks bye log.n=1')));
  reader.close();
});

it('the gateway, the machine and readiness are there while it trades', async () => {
  const { scene, strategy } = await busy();
  expect(JSON.parse((await scene.daemon.get('/daemon/gateways')).text)).toMatchObject([
    { name: 'paper', type: 'paper', state: 'ready', failingLink: null },
  ]);
  expect((await strategy.get('/health/ready')).status).toBe(200);
  expect((await strategy.get('/machine')).json()).toMatchObject({
    machine: 'strategy',
    value: 'trading',
    allowed: ['HALT', 'STOP'],
  });
  expect((await strategy.get('/machine?format=mermaid')).text).toContain('stateDiagram-v2');
  expect(await strategy.status()).toMatchObject({
    gateway: { name: 'paper', state: 'ready' },
    data: { stale: [], droppedTicks: 0 },
  });
});

it('POST /daemon/shutdown ends all in order, open streams included', async () => {
  const scene = await Scene.open();
  const strategy = await scene.deploy('holder', holder('holder'));
  const reader = new LineReader(await open(strategy.port, '/events?follow=true&types=lifecycle'));
  scene.daemon.openMarkets();
  const answer = await scene.daemon.post('/daemon/shutdown');
  expect(answer.status).toBe(202);
  await scene.daemon.app.ended;
  await reader.end();
  expect(eventLines(reader.lines.join('\n')).map(({ to }) => to)).toContain('stopped');
  await expect(scene.daemon.get('/daemon/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
