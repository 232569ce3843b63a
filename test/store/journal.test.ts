import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAEMON, type Journal } from '../../src/store/journal.ts';
import { JOURNAL_FORMAT } from '../../src/store/journal-files.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { encodeRecord, textKey } from '../../src/store/record-codec.ts';
import { events, Journals } from './journal-fixture.ts';

const journals = new Journals();

async function fresh(options = {}): Promise<{ dir: string; journal: Journal }> {
  const dir = journals.directory();
  return { dir, journal: await journals.open(dir, options) };
}

async function reopened(dir: string, journal: Journal, options = {}): Promise<Journal> {
  await journals.close(journal);
  return journals.open(dir, options);
}

describe('the journal of a strategy', () => {
  it('gives back state, facts and events as they were committed, before and after a restart', async () => {
    const { dir, journal } = await fresh();
    const state = { equity: '10234.56', positions: [{ symbol: 'EURUSD', qty: '-0.10' }], halts: [], note: null };
    await journal.commit('ema', { events: events(1, 3), state, meta: { run: 1 } }).synced;
    const expected = { state, meta: { run: 1 }, lastJournalSeq: 3, lastSeq: 9, oldest: 1, reservedSeq: 0 };
    expect(journal.load('ema')).toEqual(expected);
    expect([...journal.events('ema')]).toEqual(events(1, 3));
    const again = await reopened(dir, journal);
    expect(again.load('ema')).toEqual(expected);
    expect([...again.events('ema')]).toEqual(events(1, 3));
  });

  it('is unknown until something of it is committed', async () => {
    const { journal } = await fresh();
    expect(journal.load('ema')).toBeUndefined();
    expect(journal.strategies()).toEqual([]);
    expect([...journal.events('ema')]).toEqual([]);
    expect(journal.lastEvents('ema', 5)).toEqual([]);
  });

  it('keeps the state before when a commit brings none', async () => {
    const { dir, journal } = await fresh();
    void journal.commit('ema', { events: events(1, 1), state: { v: 1 }, meta: 'm' });
    void journal.commit('ema', { events: events(2, 2) });
    expect((await reopened(dir, journal)).load('ema')).toMatchObject({
      state: { v: 1 },
      meta: 'm',
      lastJournalSeq: 2,
    });
  });

  it('shows a state at once that is still on its way to the disk', async () => {
    const { journal } = await fresh();
    void journal.commit('ema', { events: [], state: { v: 1 } });
    expect(journal.load('ema')?.state).toEqual({ v: 1 });
    void journal.commit('ema', { events: [], state: { v: 2 } });
    expect(journal.load('ema')?.state).toEqual({ v: 2 });
  });

  it('takes the state as it is at the commit, whatever becomes of the object', async () => {
    const { journal } = await fresh();
    const state = { positions: ['EURUSD'] };
    const commit = journal.commit('ema', { events: [], state });
    state.positions.push('GBPUSD');
    await commit.synced;
    expect(journal.load('ema')?.state).toEqual({ positions: ['EURUSD'] });
  });

  it.each([
    ['a gap', events(3, 3)],
    ['a repeat', events(1, 1)],
    ['a gap within', [...events(2, 2), ...events(4, 4)]],
    ['a sequence number that goes back', events(2, 2).map((event) => ({ ...event, seq: 3 }))],
  ])('refuses %s and stores nothing of it', async (_, wrong) => {
    const { journal } = await fresh();
    await journal.commit('ema', { events: events(1, 1), state: 'before' }).synced;
    expect(() => journal.commit('ema', { events: wrong, state: 'after' })).toThrow(RangeError);
    await journal.flush();
    expect(journal.load('ema')).toMatchObject({ state: 'before', lastJournalSeq: 1 });
    expect([...journal.events('ema')]).toHaveLength(1);
    await journal.commit('ema', { events: events(2, 2) }).synced;
  });

  it('finds events after a number, up to a limit', async () => {
    const { journal } = await fresh();
    void journal.commit('ema-2', { events: events(1, 5) });
    await journal.commit('ema', { events: events(1, 100) }).synced;
    const found = [...journal.events('ema', { after: 10, limit: 3 })];
    expect(found.map(({ journalSeq }) => journalSeq)).toEqual([11, 12, 13]);
    expect(journal.lastEvents('ema', 3).map(({ journalSeq }) => journalSeq)).toEqual([98, 99, 100]);
    expect([...journal.events('ema', { limit: 0 })]).toEqual([]);
    expect([...journal.events('ema', { after: 100 })]).toEqual([]);
  });

  it('keeps strategies apart whose names begin alike', async () => {
    const { journal } = await fresh();
    const names = ['a', 'a-b', 'ab', 'a_'];
    for (const [i, name] of names.entries()) void journal.commit(name, { events: events(1, i + 1), state: name });
    await journal.flush();
    expect(journal.strategies()).toEqual(names.toSorted());
    for (const [i, name] of names.entries()) {
      expect(journal.load(name)?.state).toBe(name);
      expect([...journal.events(name)]).toHaveLength(i + 1);
    }
  });

  it('remembers how far sequence numbers were reserved, and never goes back', async () => {
    const { dir, journal } = await fresh();
    void journal.reserveSeq('ema', 5000);
    void journal.reserveSeq('ema', 2000);
    await journal.reserveSeq(DAEMON, 100).synced;
    const again = await reopened(dir, journal);
    expect([again.reservedSeq('ema'), again.reservedSeq(DAEMON), again.reservedSeq('other')]).toEqual([5000, 100, 0]);
    expect(again.strategies()).toEqual(['ema']);
  });

  it('bounds the events kept, says which is the oldest, and keeps the state', async () => {
    const { dir, journal } = await fresh({ maxEvents: 1000 });
    for (let n = 1; n <= 5000; n += 50) {
      void journal.commit('ema', { events: events(n, n + 49), state: { n } });
      if (n % 1000 === 1) await journal.flush();
      expect(n + 49 - journal.load('ema')!.oldest + 1).toBeLessThanOrEqual(1000 + 256);
    }
    const again = await reopened(dir, journal, { maxEvents: 1000 });
    const { oldest, state } = again.load('ema')!;
    const kept = [...again.events('ema')];
    expect(kept[0]?.journalSeq).toBe(oldest);
    expect(kept).toEqual(events(oldest, 5000));
    expect(kept.length).toBeGreaterThanOrEqual(1000);
    expect(state).toEqual({ n: 4951 });
  });

  it('does not let the file grow with the events that went through it', async () => {
    const { dir, journal } = await fresh({ maxEvents: 1000 });
    const file = join(dir, 'journal', 'data.mdb');
    let n = 1;
    const through = async (count: number): Promise<number> => {
      for (const end = n + count; n < end; n += 20) await journal.commit('ema', { events: events(n, n + 19) }).synced;
      return statSync(file).size;
    };
    const early = await through(5000);
    expect(await through(10_000)).toBeLessThan(early * 1.5);
  });

  it('reaches a lowered limit within a few commits', async () => {
    const { dir, journal } = await fresh();
    void journal.commit('ema', { events: events(1, 3000) });
    const again = await reopened(dir, journal, { maxEvents: 500 });
    for (let n = 3001; n <= 3010; n++) void again.commit('ema', { events: events(n, n) });
    await again.flush();
    expect([...again.events('ema')].length).toBeLessThanOrEqual(500 + 256);
  });
});

describe('commits of one event turn', () => {
  it('land in one transaction, those of the next turn in another', async () => {
    const { journal } = await fresh();
    const writes: number[] = [];
    journal.syncs$.subscribe(({ bytes }) => writes.push(bytes));
    void journal.commit('a', { events: events(1, 1) });
    await Promise.resolve();
    void journal.commit('b', { events: events(1, 1) });
    void journal.putDaemonState('book', { halted: true });
    await journal.flush();
    expect(writes).toHaveLength(1);
    await journal.commit('a', { events: events(2, 2) }).synced;
    expect(writes).toHaveLength(2);
  });

  it('are safe in the order in which they were made', async () => {
    const { journal } = await fresh();
    const order: number[] = [];
    const waits = [];
    for (let n = 1; n <= 200; n++) {
      waits.push(journal.commit('ema', { events: events(n, n) }).synced.then(() => order.push(n)));
      if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(waits);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it('give back what a plain map would, over random histories and reopenings', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ do: fc.constant('commit'), name, count: fc.nat(4), state: fc.anything() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('deploy'), name, row: fc.jsonValue() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('undeploy'), name }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('turn') }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen') }) },
    );
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null) ?? 'null');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const dir = journals.directory();
        let journal = await journals.open(dir);
        const last = new Map<string, number>();
        const states = new Map<string, unknown>();
        const rows = new Map<string, unknown>();
        for (const s of steps) {
          if (s.do === 'reopen') journal = await reopened(dir, journal);
          else if (s.do === 'turn') await new Promise((resolve) => setImmediate(resolve));
          else if (s.do === 'deploy' && 'row' in s) {
            void journal.deploy(s.name, plain(s.row));
            rows.set(s.name, plain(s.row));
          } else if (s.do === 'undeploy' && 'name' in s) {
            void journal.undeploy(s.name);
            rows.delete(s.name);
          } else if ('count' in s) {
            const from = (last.get(s.name) ?? 0) + 1;
            void journal.commit(s.name, { events: events(from, from + s.count - 1), state: plain(s.state) });
            last.set(s.name, from + s.count - 1);
            states.set(s.name, plain(s.state));
          }
        }
        journal = await reopened(dir, journal);
        for (const [strategy, n] of last) {
          expect(journal.load(strategy)).toMatchObject({ lastJournalSeq: n, state: states.get(strategy) });
          expect([...journal.events(strategy)]).toEqual(events(1, n));
        }
        expect(journal.deployedNames()).toEqual([...rows.keys()].toSorted());
        for (const [strategy, row] of rows) expect(journal.deployed(strategy)).toEqual(row);
        await journals.close(journal);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the registry and the state of the daemon', () => {
  it('hold rows until they are taken out; the journal of an undeployed strategy stays', async () => {
    const { dir, journal } = await fresh();
    void journal.deploy('ema', { file: '/s/ema.ts', port: 7001 });
    void journal.deploy('gone', { port: 7002 });
    void journal.deploy('ema', { file: '/s/ema.ts', port: 7003 });
    void journal.commit('gone', { events: events(1, 2), state: 1 });
    void journal.undeploy('gone');
    void journal.putDaemonState('book', { peak: '100' });
    const again = await reopened(dir, journal);
    expect(again.deployedNames()).toEqual(['ema']);
    expect(again.deployed('ema')).toEqual({ file: '/s/ema.ts', port: 7003 });
    expect(again.deployed('gone')).toBeUndefined();
    expect(again.load('gone')?.lastJournalSeq).toBe(2);
    expect(again.daemonState('book')).toEqual({ peak: '100' });
    expect(again.daemonState('other')).toBeUndefined();
  });
});

describe('opening', () => {
  it('keeps everything private', async () => {
    const { dir } = await fresh();
    for (const name of ['data.mdb', 'lock.mdb', 'reserve'])
      expect(statSync(join(dir, 'journal', name)).mode & 0o077, name).toBe(0);
    expect(statSync(join(dir, 'journal')).mode & 0o077).toBe(0);
  });

  it('refuses a journal of a newer format and leaves it as it is', async () => {
    const { dir, journal } = await fresh();
    void journal.commit('ema', { events: events(1, 3) });
    await journals.close(journal);
    const store = new LmdbStore(join(dir, 'journal'));
    const key = textKey('format');
    await store.write([{ table: 'meta', key, value: encodeRecord(key, { version: JOURNAL_FORMAT + 1 }) }]);
    await store.close();
    const file = join(dir, 'journal', 'data.mdb');
    const before = readFileSync(file);
    await expect(journals.open(dir)).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_NEWER' });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('refuses a directory that cannot be used, and says why', async () => {
    const dir = journals.directory();
    writeFileSync(join(dir, 'file'), '');
    await expect(journals.open(join(dir, 'file'))).rejects.toMatchObject({ code: 'QKT_E_STATE_DIR' });
  });
});

describe('a journal whose file is taken away while it is open', () => {
  const removals: Record<string, (directory: string) => void> = {
    'its file is removed': (directory) => rmSync(join(directory, 'data.mdb')),
    'another file is put in its place': (directory) => {
      writeFileSync(join(directory, 'other'), readFileSync(join(directory, 'data.mdb')));
      renameSync(join(directory, 'other'), join(directory, 'data.mdb'));
    },
    'its directory is removed': (directory) => rmSync(directory, { recursive: true }),
    'its directory is made anew': (directory) => {
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
    },
  };

  it.each(Object.entries(removals))('promises nothing any more when %s', async (_, remove) => {
    const { dir, journal } = await fresh();
    await journal.commit('a', { events: events(1, 1) }).synced;
    remove(join(dir, 'journal'));
    await expect(journal.commit('a', { events: events(2, 2) }, { urgent: true }).synced).rejects.toMatchObject({
      code: 'QKT_E_JOURNAL_FAILED',
    });
    expect(journal.state).toMatchObject({ status: 'failed', cause: 'io', detail: 'its file was removed or replaced' });
  });

  it('goes on when it is brought back, with all that was kept', async () => {
    const { dir, journal } = await fresh();
    await journal.commit('a', { events: events(1, 1) }).synced;
    const file = join(dir, 'journal', 'data.mdb');
    renameSync(file, join(dir, 'elsewhere'));
    await expect(journal.commit('a', { events: events(2, 2) }).synced).rejects.toThrow(/removed or replaced/);
    renameSync(join(dir, 'elsewhere'), file);
    await expect.poll(() => journal.state.status, { timeout: 10_000 }).toBe('ok');
    const again = await reopened(dir, journal);
    expect(again.load('a')).toMatchObject({ lastJournalSeq: 2 });
  });
});
