import { describe, expect, it } from 'vitest';
import { MemoryJournal } from '../doubles/memory-journal.ts';
import { call, eventually, LineReader, open, serveControl } from './support.ts';

async function served() {
  const journal = new MemoryJournal();
  return { journal, ...(await serveControl({ journal })) };
}

describe('GET /daemon/journal', () => {
  it('tells the newest acts, oldest first, a hundred unless said', async () => {
    const { port, journal } = await served();
    const answer = await call(port, '/daemon/journal');
    expect(JSON.parse(answer.text)).toEqual(journal.records);
    await call(port, '/daemon/journal?strategy=ema-cross&after=2&limit=7');
    expect(journal.queries).toEqual([{ limit: 100 }, { strategy: 'ema-cross', after: 2, limit: 7 }]);
  });

  it.each(['limit=0', 'limit=1001', 'after=-1', 'stratgy=a'])('with %s is a 400 that names it', async (query) => {
    const { port } = await served();
    const answer = await call(port, `/daemon/journal?${query}`);
    expect([answer.status, answer.json().field]).toEqual([400, query.split('=')[0]]);
  });

  it('refuses a name that it knows nothing of, and takes that of a strategy that is gone', async () => {
    const { port } = await served();
    const unknown = await call(port, '/daemon/journal?strategy=ema-cros');
    expect([unknown.status, unknown.json()]).toMatchObject([
      404,
      { code: 'QKT_E_UNKNOWN_STRATEGY', detail: 'no strategy is named ema-cros' },
    ]);
    expect((await call(port, '/daemon/journal?strategy=other')).status).toBe(200);
  });

  it('says whether the chain holds', async () => {
    const { port, journal } = await served();
    expect((await call(port, '/daemon/journal/verify')).json()).toEqual({ ok: true, records: 4 });
    journal.check = { ok: false, records: 1, firstBad: 2 };
    const broken = await call(port, '/daemon/journal/verify');
    expect([broken.status, broken.json()]).toEqual([200, { ok: false, records: 1, firstBad: 2 }]);
  });

  it('is not there on a daemon without a journal', async () => {
    const { port } = await serveControl();
    expect((await call(port, '/daemon/journal')).status).toBe(404);
  });
});

describe('GET /daemon/strategies/<name>/export', () => {
  const path = '/daemon/strategies/ema-cross/export';

  it('gives trades as CSV unless asked for another', async () => {
    const { port, journal } = await served();
    const answer = await call(port, path);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(answer.text).toBe('id,qty\na,1.10000000000000000001\n');
    const events = await call(port, `${path}?format=ndjson&what=events`);
    expect(events.headers['content-type']).toBe('application/x-ndjson');
    expect(journal.exports).toEqual([
      ['ema-cross', 'csv', 'trades'],
      ['ema-cross', 'ndjson', 'events'],
    ]);
  });

  it('is empty when nothing is kept yet, and has no body for HEAD', async () => {
    const { port, journal } = await served();
    expect((await call(port, path, { method: 'HEAD' })).body).toHaveLength(0);
    expect(journal.released).toBe(1);
    journal.pieces = function* () {};
    expect(await call(port, path)).toMatchObject({ status: 200, text: '' });
  });

  it('names the strategies that come close to one that nothing is kept under', async () => {
    const { port } = await served();
    const answer = await call(port, '/daemon/strategies/ema-cros/export');
    expect(answer.json()).toMatchObject({ status: 404, code: 'QKT_E_UNKNOWN_STRATEGY', candidates: ['ema-cross'] });
  });

  it.each(['..%2f..%2fetc', 'daemon'])('does not ask the journal for %s, which is no name', async (name) => {
    const { port, journal } = await served();
    expect((await call(port, `/daemon/strategies/${name}/export`)).status).toBe(400);
    expect(journal.exports).toEqual([]);
  });

  it('pulls no more than a slow reader takes, and lets go when the reader has gone', async () => {
    const { port, journal } = await served();
    let pulled = 0;
    journal.pieces = function* () {
      for (;;) {
        pulled += 1;
        yield `${'x'.repeat(65_535)}\n`;
      }
    };
    const response = await open(port, path);
    response.pause();
    await eventually(() => pulled > 4);
    let before: number;
    do {
      before = pulled;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } while (pulled > before);
    expect(pulled).toBeLessThan(1000);
    response.destroy();
    await eventually(() => journal.released === 1);
  });

  it('breaks off when the daemon stops, and lets others have their turns until then', async () => {
    const { port, journal, close } = await served();
    journal.pieces = function* () {
      for (;;) yield '';
    };
    const reader = new LineReader(await open(port, path));
    await close();
    await reader.end();
    expect(reader.response.complete).toBe(false);
    expect(journal.released).toBe(1);
  });

  it('breaks off when it fails in the middle, so that a part is not taken for the whole', async () => {
    const { port, journal, failures } = await served();
    journal.pieces = function* () {
      yield 'id\n';
      throw new Error('unreadable');
    };
    const reader = new LineReader(await open(port, path));
    await reader.end();
    expect(reader.response.complete).toBe(false);
    expect(failures).toHaveLength(1);
  });
});

describe('POST /daemon/backup', () => {
  it('is 200 with the file and its length', async () => {
    const { port, token, journal } = await served();
    const body = { file: '/backups/qkt-1' };
    const answer = await call(port, '/daemon/backup', { method: 'POST', token, body });
    expect([answer.status, answer.json()]).toEqual([200, { file: '/backups/qkt-1', bytes: 123_456 }]);
    expect(journal.backups).toEqual(['/backups/qkt-1']);
  });

  it('needs an absolute path and the scope admin', async () => {
    const { port, token, tokens, journal } = await served();
    const backup = (file: string, by: string) =>
      call(port, '/daemon/backup', { method: 'POST', token: by, body: { file } });
    const relative = await backup('qkt-1', token);
    expect([relative.status, relative.json().field]).toEqual([400, 'file']);
    expect((await backup('/backups/qkt-1', tokens.add('night-shift', 'halt'))).status).toBe(403);
    expect(journal.backups).toEqual([]);
  });
});
