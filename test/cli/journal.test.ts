import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import { toProblem, type QktError } from '../../src/errors.ts';
import { openJournal } from '../../src/store/journal.ts';
import { call, serveControl } from '../http/support.ts';
import { MemoryJournal } from '../doubles/memory-journal.ts';
import { qkt, temporaryDir } from './support.ts';

async function served() {
  const journal = new MemoryJournal();
  const control = await serveControl({ journal });
  const run = (...args: string[]) => qkt([...args, '--state-dir', control.stateDir]);
  return { ...control, journal, run };
}

describe('qkt journal', () => {
  it('tells who did what, when and why', async () => {
    const { run, port, journal } = await served();
    const { stdout } = await run('journal');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/\s{2,}/));
    expect(rows[0]).toEqual(['N', 'TIME', 'BY', 'COMMAND', 'TARGET', 'OUTCOME', 'REASON']);
    expect(rows[1]).toEqual(['1', '2026-11-22T07:01:00.000Z', 'owner', 'halt', 'ema-cross', 'done', 'news at 14:30']);
    expect(rows[3]![4]).toBe('-');
    await run('journal', 'ema-cross', '--limit', '5');
    expect(journal.queries.at(-1)).toEqual({ strategy: 'ema-cross', limit: 5 });
    expect((await run('journal', '--json')).stdout).toBe(`${(await call(port, '/daemon/journal')).text}\n`);
  });

  it('verify exits 1 when the chain is broken, and says where', async () => {
    const { run, journal } = await served();
    expect(await run('journal', 'verify')).toMatchObject({ code: 0, stdout: 'the chain holds: 4 records\n' });
    journal.check = { ok: false, records: 1, firstBad: 2 };
    const { code, stdout } = await run('journal', 'verify');
    expect([code, stdout]).toEqual([
      1,
      'the chain is BROKEN: record 2 was changed, is missing or is out of place; 1 record before it holds\n',
    ]);
    expect(JSON.parse((await run('journal', 'verify', '--json')).stdout)).toEqual(journal.check);
  });
});

describe('qkt export', () => {
  it('writes what is kept to stdout, as CSV, or as NDJSON with --json', async () => {
    const { run, journal } = await served();
    expect((await run('export', 'ema-cross')).stdout).toBe('id,qty\na,1.10000000000000000001\n');
    await run('export', 'ema-cross', '--json', '--what', 'events');
    expect(journal.exports).toEqual([
      ['ema-cross', 'csv', 'trades'],
      ['ema-cross', 'ndjson', 'events'],
    ]);
  });

  it('with --out leaves nothing half there', async () => {
    const { run, journal } = await served();
    const dir = temporaryDir();
    const out = join(dir, 'trades.csv');
    expect((await run('export', 'ema-cross', '--out', out)).stdout).toBe(
      `trades of ema-cross are in ${out}: 32 bytes\n`,
    );
    expect(readFileSync(out, 'utf8')).toBe('id,qty\na,1.10000000000000000001\n');
    expect((await run('export', 'ema-cross', '--out', join(dir, 'no', 'where'))).code).toBe(1);
    journal.pieces = function* () {
      yield 'id,qty\n';
      throw new Error('unreadable');
    };
    const { code, stderr } = await run('export', 'ema-cross', '--out', out);
    expect([code, stderr]).toEqual([3, expect.stringContaining('it is not complete')]);
    expect(readdirSync(dir)).toEqual(['trades.csv']);
    expect(readFileSync(out, 'utf8')).toContain('a,1.1');
  });

  it('names the strategies that come close', async () => {
    const { run } = await served();
    const { code, stderr } = await run('export', 'ema-cros');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Did you mean: ema-cross')]);
  });
});

describe('qkt backup', () => {
  it('says where the state is and how large', async () => {
    const { run, journal } = await served();
    const file = join(temporaryDir(), 'qkt-1');
    expect((await run('backup', file)).stdout).toBe(`the state is in ${file}: 123456 bytes\n`);
    expect(journal.backups).toEqual([file]);
  });
});

describe('qkt restore', () => {
  it('brings a backup into an empty state directory, and refuses one that holds a journal', async () => {
    const dir = temporaryDir();
    const file = join(dir, 'backup');
    const journal = await openJournal(join(dir, 'one'), { clock: new WallClock(), reserveBytes: 4096 });
    await journal.deploy('ema-cross', { file: 'a.ts' }).synced;
    await journal.backup(file);
    const twice: unknown = await journal.backup(file).catch((error: unknown) => error);
    expect(toProblem(twice as QktError)).toMatchObject({
      detail: `${file} exists already`,
      hint: 'Give a file that does not exist.',
    });
    await journal.close();
    const other = join(dir, 'other');
    const { code, stdout } = await qkt(['restore', file, '--state-dir', other]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`the state of ${file} is in ${other}`)]);
    const restored = await openJournal(other, { clock: new WallClock(), reserveBytes: 4096 });
    expect(restored.deployed('ema-cross')).toEqual({ file: 'a.ts' });
    await restored.close();
    const again = await qkt(['restore', file, '--state-dir', other]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('journal exists')]);
  });

  it('refuses what is no backup, and leaves no journal behind', async () => {
    const dir = temporaryDir();
    const file = join(dir, 'backup');
    writeFileSync(file, 'no backup');
    const stateDir = join(dir, 'state');
    const { code, stderr } = await qkt(['restore', file, '--state-dir', stateDir]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be restored')]);
    expect(existsSync(join(stateDir, 'journal'))).toBe(false);
    expect((await qkt(['restore', join(dir, 'none'), '--state-dir', stateDir])).code).toBe(1);
  });
});
