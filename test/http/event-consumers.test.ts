import { describe, expect, it } from 'vitest';
import { NamedConsumers, type KeptConsumers } from '../../src/actors/event-consumers.ts';
import { VirtualClock } from '../../src/clock.ts';
import { POSITIONS, SEQUENCE } from '../../src/domain/cursors.ts';
import { call, serveControl, serveStrategy, type Answer } from './support.ts';

const seqs = ({ text }: Answer): number[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { seq: number }).seq]));
const ack = (port: number, token: string, name: string, seq: unknown): Promise<Answer> =>
  call(port, `/events/consumers/${name}/ack`, { method: 'POST', token, body: { seq } });

describe('a named consumer', () => {
  it('gets what it has not acknowledged again, and what it has never more', async () => {
    const { port, token, strategy } = await serveStrategy();
    for (const detail of 'abc') strategy.events.say(detail);
    const get = (): Promise<Answer> => call(port, '/events?consumer=vector&wait=0');
    expect(seqs(await get())).toEqual([1, 2, 3]);
    expect(seqs(await get())).toEqual([1, 2, 3]);
    const answer = await ack(port, token, 'vector', 2);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ consumer: 'vector', seq: 2 });
    expect(seqs(await get())).toEqual([3]);
    expect((await get()).headers['qkt-next-since']).toBe('3');
    expect(seqs(await call(port, '/events?consumer=other&wait=0'))).toEqual([1, 2, 3]);
  });

  it('never goes back, and cannot acknowledge what has not happened', async () => {
    const { port, token, strategy } = await serveStrategy();
    for (const detail of 'abc') strategy.events.say(detail);
    await ack(port, token, 'vector', 3);
    expect((await ack(port, token, 'vector', 1)).json()).toMatchObject({ seq: 3 });
    const ahead = await ack(port, token, 'vector', 4);
    expect([ahead.status, ahead.json().field]).toEqual([400, 'seq']);
  });

  it('is one of 64; there is no place for another one until one is removed', async () => {
    const { port, token, strategy } = await serveStrategy();
    strategy.events.say('a');
    for (let i = 0; i < 64; i++) expect((await ack(port, token, `c${i}`, 1)).status).toBe(200);
    const refused = await ack(port, token, 'one-more', 1);
    expect([refused.status, refused.json().code]).toEqual([409, 'QKT_E_TOO_MANY_CONSUMERS']);
    expect((await ack(port, token, 'c5', 1)).status).toBe(200);
    const list = JSON.parse((await call(port, '/events/consumers')).text) as { consumer: string; seq: number }[];
    expect(list).toHaveLength(64);
    expect(list[0]).toMatchObject({ consumer: 'c0', seq: 1 });
    const remove = (): Promise<Answer> => call(port, '/events/consumers/c7', { method: 'DELETE', token });
    expect((await remove()).json()).toEqual({ consumer: 'c7', removed: true });
    expect((await remove()).status).toBe(404);
    expect((await ack(port, token, 'one-more', 1)).status).toBe(200);
  });

  it('is refused with another name than that of a consumer, with a cursor, and without a token', async () => {
    const { port, token } = await serveStrategy();
    for (const [path, field] of [
      ['/events?consumer=a/b', 'consumer'],
      [`/events?consumer=${'x'.repeat(65)}`, 'consumer'],
      ['/events?consumer=a&since=3', 'since'],
    ] as const) {
      const answer = await call(port, path);
      expect([answer.status, answer.json().field]).toEqual([400, field]);
    }
    expect((await ack(port, token, 'a', 'x')).json()).toMatchObject({ status: 400, field: 'seq' });
    const open = await call(port, '/events/consumers/a/ack', { method: 'POST', body: { seq: 0 } });
    expect(open.status).toBe(401);
  });

  it('of the daemon acknowledges with a cursor that has places', async () => {
    const { port, token, daemon } = await serveControl();
    daemon.events.say('a');
    daemon.events.say('b');
    const path = '/daemon/events/consumers/loki/ack';
    const answer = await call(port, path, { method: 'POST', token, body: { seq: 'ema-cross:1' } });
    expect(answer.json()).toMatchObject({ consumer: 'loki', seq: 'ema-cross:1' });
    const rest = await call(port, '/daemon/events?consumer=loki&wait=0');
    expect([seqs(rest), rest.headers['qkt-next-since']]).toEqual([[2], 'ema-cross:2']);
    const bad = await call(port, path, { method: 'POST', token, body: { seq: 'nonsense' } });
    expect([bad.status, bad.json().field]).toEqual([400, 'seq']);
  });

  it('is there again after a restart, and an acknowledgement that is not on disk is told as such', async () => {
    let kept: KeptConsumers | undefined;
    let disk = Promise.resolve();
    const store = { recall: () => kept, keep: (now: KeptConsumers) => disk.then(() => void (kept = now)) };
    const clock = new VirtualClock(Date.UTC(2026, 10, 22));
    await new NamedConsumers(SEQUENCE, store, clock).acknowledge('vector', 7);
    expect(new NamedConsumers(SEQUENCE, store, clock).list()).toEqual([
      { consumer: 'vector', seq: 7, at: '2026-11-22T00:00:00.000Z' },
    ]);
    await new NamedConsumers(POSITIONS, store, clock).remove('vector');
    await new NamedConsumers(POSITIONS, store, clock).acknowledge('loki', new Map([['a', 3]]));
    expect(new NamedConsumers(POSITIONS, store, clock).get('loki')).toEqual(new Map([['a', 3]]));
    disk = Promise.reject(new Error('disk'));
    disk.catch(() => undefined);
    await expect(new NamedConsumers(POSITIONS, store, clock).acknowledge('loki', new Map())).rejects.toThrow('disk');
  });

  it('is where it was when an acknowledgement or its removal could not be kept', async () => {
    let kept: KeptConsumers | undefined;
    const writes: ((isFull: boolean) => void)[] = [];
    const store = {
      recall: () => kept,
      keep: (now: KeptConsumers) =>
        new Promise<void>((resolve, reject) => {
          writes.push((isFull) => (isFull ? reject(new Error('disk')) : resolve(void (kept = now))));
        }),
    };
    const consumers = new NamedConsumers(SEQUENCE, store, new VirtualClock());
    const failing = async (change: Promise<unknown>): Promise<number | undefined> => {
      writes.shift()!(true);
      await expect(change).rejects.toThrow('disk');
      return consumers.get('vector');
    };
    expect(await failing(consumers.acknowledge('vector', 3))).toBeUndefined();
    expect(consumers.list()).toEqual([]);
    const first = consumers.acknowledge('vector', 4);
    writes.shift()!(false);
    await first;
    expect(await failing(consumers.acknowledge('vector', 7))).toBe(4);
    expect(await failing(consumers.remove('vector'))).toBe(4);
    // A later word about it holds, until it fails itself.
    const [earlier, later] = [consumers.acknowledge('vector', 8), consumers.acknowledge('vector', 9)];
    later.catch(() => undefined);
    expect(await failing(earlier)).toBe(9);
    expect(await failing(later)).toBe(4);
  });
});
