/** On a small tmpfs of its own: needs the right to mount one, and is skipped without it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { openJournal, type Journal } from '../../src/store/journal.ts';
import { events, Journals, wholeOf } from './journal-fixture.ts';

const journals = new Journals();
const MIB = 1024 * 1024;
const RESERVE = 2 * MIB;
const canMount = tryToMount();

function tryToMount(): boolean {
  const at = mkdtempSync(join(tmpdir(), 'qkt-mount-'));
  try {
    mount(at);
    unmount(at);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
}
function mount(at: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', at], { stdio: 'ignore' });
}
function unmount(at: string): void {
  execFileSync('umount', ['-l', at], { stdio: 'ignore' });
}

describe.skipIf(!canMount)('a journal on a full disk (skipped where no tmpfs can be mounted)', () => {
  let disk: string;
  let dir: string;
  let clock: VirtualClock;
  let journal: Journal;

  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), 'qkt-disk-'));
    mount(disk);
    dir = join(disk, 'state');
    clock = new VirtualClock(0);
    journal = await opened();
    await journal.commit('ema', { events: events(1, 100), state: { halted: false } }).synced;
  });
  afterEach(async () => {
    await journal.close().catch(() => {});
    unmount(disk);
    rmSync(disk, { recursive: true, force: true });
  });

  const opened = (): Promise<Journal> => openJournal(dir, { clock, reserveBytes: RESERVE });
  const free = (): number => statfsSync(disk).bavail * statfsSync(disk).bsize;
  const fill = (left = 0): void => writeFileSync(join(disk, `filler${free()}`), Buffer.alloc(free() - left));
  const empty = (): void => {
    for (const name of readdirSync(disk)) if (name.startsWith('filler')) rmSync(join(disk, name));
  };
  const reach = (status: 'ok' | 'failed'): Promise<unknown> =>
    firstValueFrom(journal.state$.pipe(filter((state) => state.status === status)));

  /** Commits until the disk refuses. @returns the number of the last event that was promised to be safe, and of the last one at all. */
  async function commitUntilRefused(): Promise<{ safe: number; last: number }> {
    for (let n = 101; ; n += 100) {
      const commit = journal.commit('ema', { events: events(n, n + 99), state: { last: n + 99 } });
      const safe = await commit.synced.then(
        () => true,
        () => false,
      );
      if (!safe) return { safe: n - 1, last: n + 99 };
    }
  }

  it('says so, takes a halt on its reserve, and recovers in order when there is room', async () => {
    fill();
    const { last } = await commitUntilRefused();
    expect(journal.state).toMatchObject({ status: 'failed', cause: 'full', reserve: 'held' });
    const more = journal.commit('ema', { events: events(last + 1, last + 1) });
    await expect(more.synced).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_FAILED' });

    const halt = events(last + 2, last + 2, 'halt');
    await journal.commit('ema', { events: halt, state: { halted: true } }, { urgent: true }).synced;
    expect(journal.state).toMatchObject({ status: 'failed', reserve: 'released' });

    const crashed = await journals.open(await journals.crashed(dir));
    expect(crashed.load('ema')).toMatchObject({ state: { halted: true }, lastJournalSeq: last + 2 });
    expect([...crashed.events('ema')]).toEqual([...events(1, last + 1), ...halt]);

    void journal.commit('ema', { events: events(last + 3, last + 3) });
    clock.advanceBy(10_000);
    expect(journal.state.status).toBe('failed');
    empty();
    clock.advanceBy(1000);
    await reach('ok');
    expect(journal.state).toMatchObject({ reserve: 'held', keptBytes: 0 });
    expect([...journal.events('ema')].map(({ journalSeq }) => journalSeq)).toEqual(
      Array.from({ length: last + 3 }, (_, i) => i + 1),
    );
    await journal.commit('ema', { events: events(last + 4, last + 4) }).synced;
  });

  it('has all that was promised to be safe after a crash, and nothing by halves', async () => {
    fill(300 * 1024);
    const { safe, last } = await commitUntilRefused();
    for (let n = last + 1; n < last + 50; n++) void journal.commit('ema', { events: events(n, n), state: { last: n } });
    const crashed = await journals.open(await journals.crashed(dir));
    expect(crashed.load('ema')).toMatchObject({ state: { last: safe }, lastJournalSeq: safe });
    expect([...crashed.events('ema')]).toEqual(events(1, safe));
    expect(wholeOf(crashed.verifyChain()).ok).toBe(true);
  });

  it('cannot take even a halt when the reserve is used up, and says that', async () => {
    fill();
    const { last } = await commitUntilRefused();
    await journal.commit('ema', { events: events(last + 1, last + 1, 'halt') }, { urgent: true }).synced;
    fill();
    let refused = false;
    for (let n = last + 2; !refused && n < last + 2000; n++) {
      const note = 'x'.repeat(20_000);
      const big = events(n, n, 'halt').map((event) => ({ ...event, note }));
      refused = await journal.commit('ema', { events: big }, { urgent: true }).synced.then(
        () => false,
        () => true,
      );
    }
    expect(refused).toBe(true);
    empty();
    clock.advanceBy(1000);
    await reach('ok');
    journal.verifyStore();
  });

  it('is opened on its reserve, and is not in order until there is room again', async () => {
    await journal.close();
    fill();
    journal = await opened();
    expect(journal.state).toMatchObject({ status: 'failed', cause: 'full', reserve: 'released' });
    expect(journal.load('ema')).toMatchObject({ lastJournalSeq: 100 });
    await journal.commit('ema', { events: events(101, 101, 'halt') }, { urgent: true }).synced;
    empty();
    clock.advanceBy(1000);
    await reach('ok');
  });

  it('is refused with the reason when there is no room to open it at all', async () => {
    await journal.close();
    fill();
    rmSync(join(dir, 'journal', 'reserve'));
    fill();
    await expect(opened()).rejects.toMatchObject({
      code: 'QKT_E_DISK_FULL',
      message: expect.stringMatching(/full/) as string,
    });
    empty();
    journal = await opened();
    expect(journal.load('ema')).toMatchObject({ lastJournalSeq: 100 });
  });

  it('is refused with the reason when the directory is read-only', async () => {
    await journal.close();
    execFileSync('mount', ['-o', 'remount,ro', disk], { stdio: 'ignore' });
    await expect(opened()).rejects.toMatchObject({ code: 'QKT_E_STATE_DIR' });
    execFileSync('mount', ['-o', 'remount,rw', disk], { stdio: 'ignore' });
    journal = await opened();
    expect(journal.load('ema')).toMatchObject({ lastJournalSeq: 100 });
  });
});
