/** A daemon whose disk takes nothing more. Needs the right to mount a small file system, and is skipped without it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOURNAL_FORMAT } from '../../src/store/journal-files.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { LEAST_FREE } from '../../src/store/write-queue.ts';
import { encodeRecord, textKey } from '../../src/store/record-codec.ts';
import { qkt } from '../cli/support.ts';
import { poll, TestDaemon } from '../doubles/daemon.ts';
import { marketFile, strategySource } from '../acceptance/trading-scene.ts';

type Row = Record<string, unknown>;

/** Holds a position with its stop, keeps a limit order in the market, and goes on asking for entries. */
const ASKING = strategySource(
  'asking',
  `if (ticks === 5) ctx.buy('eur', { qty: 10000, bracket: { stopLoss: { by: 0.05 } } });
      if (ticks === 6) ctx.buy('eur', { qty: 1000, limit: 1.05 });
      if (ticks % 5 === 0) ctx.buy('eur', { qty: 1000 });`,
);
const CONFIG = {
  venues: { paper: { type: 'paper', feed: 'replay', file: 'quotes.csv', speed: 60 } },
} as const;
const canMount = ((): boolean => {
  const at = mkdtempSync(join(tmpdir(), 'qkt-mount-'));
  try {
    mount(at);
    run('umount', '-l', at);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
})();

function mount(at: string): void {
  run('mount', '-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', at);
}
function run(...[command, ...args]: [string, ...string[]]): void {
  execFileSync(command, args, { stdio: 'ignore' });
}

describe.skipIf(!canMount)('a daemon whose disk takes no writes (skipped where no tmpfs can be mounted)', () => {
  let disk: string;

  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'qkt-disk-'));
    mount(disk);
  });
  afterEach(() => {
    run('umount', '-l', disk);
    rmSync(disk, { recursive: true, force: true });
  });

  const boot = (): Promise<TestDaemon> =>
    TestDaemon.boot({ dir: disk, isolation: 'inline', config: CONFIG, files: { 'quotes.csv': marketFile() } });
  const free = (): number => statfsSync(disk).bavail * statfsSync(disk).bsize;
  const fill = (leave = 0): void => {
    try {
      writeFileSync(join(disk, `filler${readdirSync(disk).length}`), Buffer.alloc(Math.max(0, free() - leave)));
    } catch {
      // The daemon has taken some of it meanwhile: full is full.
    }
  };
  const empty = (): void => {
    for (const name of readdirSync(disk)) if (name.startsWith('filler')) rmSync(join(disk, name));
  };
  /** Nothing can be written through its path any more, whatever is still open. @returns what undoes it. */
  const readOnly = (): (() => void) => {
    run('mount', '--bind', disk, disk);
    run('mount', '-o', 'remount,ro,bind', disk);
    return () => run('umount', '-l', disk);
  };

  const statusOf = async (daemon: TestDaemon): Promise<Row> =>
    (await daemon.get('/daemon/strategies/asking/status')).json();
  const risk = async (daemon: TestDaemon): Promise<Row> => (await statusOf(daemon))['riskState'] as Row;

  /** A daemon with a position, its stop and a limit order. */
  async function trading(): Promise<TestDaemon> {
    const daemon = await boot();
    await daemon.deployed(daemon.write('asking.ts', ASKING), { name: 'asking' });
    daemon.openMarkets();
    await poll('some trades', async () => ((await statusOf(daemon))['tradesTotal'] as number) > 2 || undefined);
    return daemon;
  }

  /** Entries are refused, and the trades stand still. */
  async function closed(daemon: TestDaemon): Promise<void> {
    await poll(
      'the journal to fail',
      async () => ((await risk(daemon))['durable'] === false ? true : undefined),
      20_000,
    );
    const { tradesTotal } = await statusOf(daemon);
    const refused = await poll('a refusal', async () => {
      const { text } = await daemon.get('/daemon/strategies/asking/events?types=rejection');
      return text.split('\n').findLast((line) => line.includes('HALTED'));
    });
    expect(refused).toContain('the journal cannot be written');
    expect(await statusOf(daemon)).toMatchObject({ tradesTotal, riskState: { durable: false, halted: false } });
  }

  /** Fills the disk, in two steps: lmdb may end the process when the last byte goes in the middle of its transaction. */
  async function fillUnder(daemon: TestDaemon): Promise<void> {
    fill(LEAST_FREE / 2);
    await closed(daemon);
    fill();
  }

  /** It goes on, and a start after that knows all of it. */
  async function mended(daemon: TestDaemon): Promise<void> {
    await poll('the journal to be written again', async () => ((await risk(daemon))['durable'] ?? true) || undefined);
    const { tradesTotal } = await statusOf(daemon);
    await daemon.app.stop();
    const next = await boot();
    try {
      expect(await statusOf(next)).toMatchObject({ tradesTotal });
      const { text } = await next.get('/daemon/strategies/asking/export?what=events&format=ndjson');
      const numbers = text.trim().split('\n').map((line) => (JSON.parse(line) as Row)['journalSeq']); // prettier-ignore
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    } finally {
      await next.close();
    }
  }

  it('that is full closes entries, writes a halt on its reserve, cancels and flattens, and goes on when there is room', async () => {
    const daemon = await trading();
    await fillUnder(daemon);
    const halted = await daemon.post('/daemon/strategies/asking/halt', { reason: 'the disk is full' });
    expect(halted.json()).toMatchObject({ halted: true, durable: true });
    const status = await statusOf(daemon);
    expect((status['orders'] as Row[]).map(({ role }) => role)).not.toContain('entry');
    const stopped = await daemon.post('/daemon/strategies/asking/stop?flatten=true');
    expect(stopped.json()).toMatchObject({ flattened: true, openPositions: 0 });
    empty();
    await mended(daemon);
  });

  it('and has no reserve either tells a halt as not durable, and keeps it for when there is room', async () => {
    const daemon = await trading();
    await fillUnder(daemon);
    rmSync(join(disk, 'state', 'journal', 'reserve'));
    fill();
    const halted = await daemon.post('/daemon/strategies/asking/halt', { reason: 'the disk is full' });
    expect(halted.json()).toMatchObject({ halted: true, durable: false });
    expect(await risk(daemon)).toMatchObject({ halted: true, durable: false, causes: [{ durable: false }] });
    empty();
    await mended(daemon);
  });

  it('is refused at a start that has no room, and is started when there is', async () => {
    await (await trading()).app.stop();
    fill();
    await expect(boot()).rejects.toMatchObject({ code: 'QKT_E_DISK_FULL', message: expect.stringMatching(/no space/) as string }); // prettier-ignore
    empty();
    await (await boot()).close();
  });

  it('and is read-only from the start is refused, with nothing changed', async () => {
    await (await trading()).app.stop();
    const writable = readOnly();
    const refused = await qkt(['daemon', 'start', '--state-dir', join(disk, 'state')]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/cannot be used: .*read-only/);
    writable();
    await (await boot()).close();
  });
});

describe('a store that cannot be trusted', () => {
  const cut = (journal: string): void => truncateSync(join(journal, 'data.mdb'), 3 * 4096 + 100);
  const newer = async (journal: string): Promise<void> => {
    const store = new LmdbStore(journal);
    const key = textKey('format');
    await store.write([{ table: 'meta', key, value: encodeRecord(key, { version: JOURNAL_FORMAT + 1 }) }]);
    await store.close();
  };

  it.each([
    ['was cut short', cut, /cut short\nNothing was changed/],
    ['is of a newer format', newer, /reads up to \d+\nRun that version/],
  ] as const)('and %s keeps the daemon from starting, and is left as it is', async (_, spoil, said) => {
    const daemon = await TestDaemon.boot({
      isolation: 'inline',
      config: CONFIG,
      files: { 'quotes.csv': marketFile() },
    });
    const journal = join(daemon.dir, 'state', 'journal');
    try {
      await daemon.deployed(daemon.write('asking.ts', ASKING), { name: 'asking' });
      await daemon.app.stop();
      await spoil(journal);
      const before = readFileSync(join(journal, 'data.mdb'));
      const refused = await qkt(['daemon', 'start', '--state-dir', join(daemon.dir, 'state')]);
      expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(said) as string });
      expect(readFileSync(join(journal, 'data.mdb')).equals(before)).toBe(true);
    } finally {
      rmSync(daemon.dir, { recursive: true, force: true });
    }
  });
});
