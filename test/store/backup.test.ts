import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restoreBackup } from '../../src/store/backup.ts';
import type { Journal } from '../../src/store/journal.ts';
import { events, Journals, wholeOf } from './journal-fixture.ts';

const journals = new Journals();

async function full(): Promise<{ dir: string; journal: Journal; file: string }> {
  const dir = journals.directory();
  const journal = await journals.open(dir);
  void journal.commit('ema', { events: events(1, 2000), state: { equity: '10000.01' }, meta: { run: 2 } });
  void journal.reserveSeq('ema', 100_000);
  void journal.deploy('ema', { port: 7001 });
  void journal.putDaemonState('book', { peak: '1' });
  void journal.appendOperator({ ts: 1, by: 'ops', command: 'halt', target: 'ema', outcome: 'done' });
  mkdirSync(join(dir, 'strategies'));
  writeFileSync(join(dir, 'strategies', 'ema-1a2b.mjs'), 'export default 1;');
  await journal.flush();
  return { dir, journal, file: join(journals.directory(), 'qkt.backup') };
}

function contents(journal: Journal): unknown {
  return {
    loaded: journal.strategies().map((name) => journal.load(name)),
    events: [...journal.events('ema')],
    rows: journal.deployedNames().map((name) => journal.deployed(name)),
    book: journal.daemonState('book'),
    acts: wholeOf(journal.operatorLog({ limit: 100 })),
    chain: wholeOf(journal.verifyChain()),
  };
}

/** The backup with its parts changed, packed again. */
function repacked(file: string, change: (manifest: Record<string, unknown>, rest: Buffer) => Buffer): string {
  const plain = gunzipSync(readFileSync(file));
  const end = plain.indexOf(10);
  const manifest = JSON.parse(plain.toString('utf8', 0, end)) as Record<string, unknown>;
  const rest = change(manifest, plain.subarray(end + 1));
  const out = `${file}.changed`;
  writeFileSync(out, gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(manifest)}\n`), rest])));
  return out;
}

describe('a backup', () => {
  it('brings the whole state to another directory, where it goes on', async () => {
    const { journal, file } = await full();
    await journal.backup(file, { include: ['strategies', 'not-there'] });
    const there = join(journals.directory(), 'state');
    await restoreBackup(file, there);
    expect(readFileSync(join(there, 'strategies', 'ema-1a2b.mjs'), 'utf8')).toBe('export default 1;');
    expect(readdirSync(there).toSorted()).toEqual(['journal', 'strategies']);
    const restored = await journals.open(there);
    expect(contents(restored)).toEqual(contents(journal));
    await restored.commit('ema', { events: events(2001, 2001) }).synced;
    await journals.close(restored);
    expect((await journals.open(there)).load('ema')?.lastJournalSeq).toBe(2001);
  });

  it('is a state of one moment while commits go on', async () => {
    const { journal, file } = await full();
    let n = 2000;
    const busy = new AbortController();
    const writing = (async () => {
      while (!busy.signal.aborted) await journal.commit('ema', { events: events(++n, n), state: { n } }).synced;
    })();
    await journal.backup(file);
    const during = n;
    busy.abort();
    await writing;
    const there = journals.directory();
    await restoreBackup(file, there);
    const restored = await journals.open(there);
    const { lastJournalSeq, state } = restored.load('ema')!;
    expect(lastJournalSeq).toBeGreaterThanOrEqual(2000);
    expect(lastJournalSeq).toBeLessThanOrEqual(during);
    if (lastJournalSeq > 2000) expect(state).toEqual({ n: lastJournalSeq });
    expect([...restored.events('ema')]).toEqual(events(1, lastJournalSeq));
  });

  it('is private, and leaves nothing else beside it', async () => {
    const { journal, file } = await full();
    await journal.backup(file);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readdirSync(dirname(file))).toEqual(['qkt.backup']);
  });

  it('never replaces a file, and says so when it cannot be written', async () => {
    const { journal, file } = await full();
    writeFileSync(file, 'precious');
    await expect(journal.backup(file)).rejects.toMatchObject({ code: 'QKT_E_FILE' });
    expect(readFileSync(file, 'utf8')).toBe('precious');
    const nowhere = join(dirname(file), 'missing', 'qkt.backup');
    await expect(journal.backup(nowhere)).rejects.toMatchObject({ code: 'QKT_E_FILE' });
  });

  it('is not brought into a directory that holds a journal', async () => {
    const { dir, journal, file } = await full();
    await journal.backup(file);
    await expect(restoreBackup(file, dir)).rejects.toMatchObject({ code: 'QKT_E_STATE_NOT_EMPTY' });
    expect(journal.load('ema')?.lastJournalSeq).toBe(2000);
  });

  it('of a newer version is refused', async () => {
    const { journal, file } = await full();
    await journal.backup(file);
    for (const member of ['version', 'format']) {
      const newer = repacked(file, (manifest, rest) => {
        manifest[member] = 99;
        return rest;
      });
      await expect(restoreBackup(newer, journals.directory())).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_NEWER' });
    }
  });

  it('that would write outside the state directory is refused', async () => {
    const { journal, file } = await full();
    await journal.backup(file, { include: ['strategies'] });
    for (const path of ['../evil', '/etc/evil', 'strategies/../../evil', 'a//b', '.', 'strategies/.hidden']) {
      const evil = repacked(file, (manifest, rest) => {
        (manifest['files'] as { path: string }[])[1]!.path = path;
        return rest;
      });
      const there = journals.directory();
      await expect(restoreBackup(evil, there)).rejects.toMatchObject({ code: 'QKT_E_BACKUP' });
      expect(readdirSync(there)).toEqual([]);
    }
  });

  it('that is cut, changed, followed by more or something else is refused, and nothing is left of it', async () => {
    const { journal, file } = await full();
    await journal.backup(file);
    const shortened = readFileSync(repacked(file, (_, rest) => rest.subarray(1)));
    const lengthened = readFileSync(repacked(file, (_, rest) => Buffer.concat([rest, Buffer.from('more')])));
    const refused = async (bytes: Buffer): Promise<void> => {
      const there = journals.directory();
      writeFileSync(file, bytes);
      await expect(restoreBackup(file, there)).rejects.toMatchObject({ code: 'QKT_E_BACKUP' });
      expect(readdirSync(there)).toEqual([]);
    };
    await refused(Buffer.alloc(0));
    await refused(Buffer.from('{"qkt":"backup"}\n'));
    await refused(gzipSync('{"qkt":"something else"}\n'));
    await refused(gzipSync('no line'));
    await refused(shortened);
    await refused(lengthened);
  });

  it('that was cut or changed anywhere is refused, or brings exactly what was backed up', async () => {
    const { journal, file } = await full();
    await journal.backup(file);
    const sound = readFileSync(file);
    const expected = contents(journal);
    const damage = fc.oneof(
      fc.record({ cut: fc.nat(sound.length - 1) }),
      fc.record({ at: fc.nat(sound.length - 1), by: fc.integer({ min: 1, max: 255 }) }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (what) => {
        const there = journals.directory();
        const bytes = Buffer.from(sound);
        if ('at' in what) bytes[what.at]! ^= what.by;
        writeFileSync(file, bytes);
        if ('cut' in what) truncateSync(file, what.cut);
        try {
          await restoreBackup(file, there);
        } catch (error) {
          expect(error).toMatchObject({ code: 'QKT_E_BACKUP' });
          expect(readdirSync(there)).toEqual([]);
          return;
        }
        const restored = await journals.open(there);
        expect(contents(restored)).toEqual(expected);
        await journals.close(restored);
      }),
      { numRuns: 40 },
    );
  });

  it('that is not there is refused by name', async () => {
    await expect(restoreBackup('/nowhere/qkt.backup', journals.directory())).rejects.toMatchObject({
      code: 'QKT_E_FILE',
    });
  });
});
