/** Every event of a real run against the schema that the daemon publishes, and the ids that chain them. */
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../src/domain/events.ts';
import type { EVENT_SCHEMA } from '../../src/http/event-schemas.ts';
import { Scene, strategySource } from '../acceptance/trading-scene.ts';
import { poll } from '../doubles/daemon.ts';
import { call, serveControl, serveStrategy } from '../http/support.ts';

/** In and out with a bracket, then into a stack; and an order that the venue refuses. */
const BUSY = strategySource(
  'busy',
  `if (ticks === 5) ctx.buy('eur', { qty: 10000, bracket: { stopLoss: { by: 0.005 } }, tag: 'in' });
      if (ticks === 7) ctx.buy('eur', { qty: '0.5' });
      if (ticks === 9) ctx.close('eur');
      const stack = { layers: 2, spacing: 0.01, direction: 'with', within: '1h' } as const;
      if (ticks === 11) ctx.buy('eur', { qty: 10000, stack });`,
);

type Line = Record<string, unknown>;
const linesOf = (text: string): Line[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));

describe('/events/schema', () => {
  it.each(['/events/schema', '/daemon/events/schema', '/daemon/strategies/ema-cross/events/schema'])(
    'is at %s, with a version, for every type',
    async (path) => {
      const { port } = path.startsWith('/daemon') ? await serveControl() : await serveStrategy();
      const answer = await call(port, path);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/schema+json; charset=utf-8']);
      const schema = answer.json() as unknown as typeof EVENT_SCHEMA;
      expect(schema.$id).toMatch(/^urn:qkt:events:\d+$/);
      expect(schema.oneOf.map((one) => (one as { title?: string }).title)).toEqual([...EVENT_TYPES]);
      new Ajv({ allErrors: true }).compile(schema);
    },
  );

  it('holds for every event of a run, of the strategy and of the daemon, and refuses what is no event', async () => {
    const scene = await Scene.open();
    const strategy = await scene.deploy('busy', BUSY);
    scene.daemon.openMarkets();
    await poll('the run to end', async () => {
      const { text } = await strategy.get('/events?types=fill');
      return linesOf(text).length >= 3 ? true : undefined;
    });
    for (const command of ['halt', 'resume'])
      await scene.daemon.post(`/daemon/strategies/busy/${command}`, { reason: 'a look at it' });
    const valid = new Ajv({ allErrors: true }).compile((await strategy.get('/events/schema')).json());
    const own = linesOf((await strategy.get('/events?since=0')).text);
    const all = linesOf((await scene.daemon.get('/daemon/events?since=0')).text);
    for (const event of [...own, ...all]) expect(valid(event) ? [] : [event, valid.errors]).toEqual([]);
    expect(own.map(({ type }) => type)).toEqual(
      expect.arrayContaining('tick signal order fill position cancel rejection halt resume lifecycle'.split(' ')),
    );
    const fill = own.find(({ type }) => type === 'fill')!;
    expect(valid({ ...fill, price: '1.1' })).toBe(false);
    expect(valid({ ...fill, more: 1 })).toBe(false);
    expect(valid({ ...fill, seq: 0 })).toBe(false);
  });

  it('chains signal, order, fill and position by their ids', async () => {
    const scene = await Scene.open();
    const strategy = await scene.deploy('busy', BUSY);
    scene.daemon.openMarkets();
    const events = await poll('fills', async () => {
      const lines = linesOf((await strategy.get('/events?since=0')).text);
      return lines.filter(({ type }) => type === 'position').length >= 2 ? lines : undefined;
    });
    const ids = (type: string, member: string): Set<unknown> =>
      new Set(events.filter((event) => event['type'] === type).map((event) => event[member]));
    for (const position of events.filter(({ type }) => type === 'position')) {
      const fill = events.find(({ type, fillId }) => type === 'fill' && fillId === position['fillId'])!;
      expect(ids('order', 'orderId')).toContain(fill['orderId']);
      expect(ids('signal', 'signalId')).toContain(fill['signalId']);
    }
  });
});
