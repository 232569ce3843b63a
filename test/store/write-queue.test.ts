import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, filter } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { DiskReserve } from '../../src/store/disk-reserve.ts';
import type { JournalState } from '../../src/store/journal-types.ts';
import { WriteFailure, type Op } from '../../src/store/lmdb-store.ts';
import { WriteQueue } from '../../src/store/write-queue.ts';

/** A store whose disk does what the test says. */
class Disk {
  /** Rows in the order in which they became safe, one list a transaction. */
  readonly transactions: string[][] = [];
  fail: number | undefined;
  hold: Promise<void> | undefined;

  async write(ops: Iterable<Op>): Promise<void> {
    const rows = [...ops].map(({ key, value }) => `${key.toString()}=${value?.toString() ?? '-'}`);
    await this.hold;
    if (this.fail !== undefined) throw new WriteFailure('Input/output error', this.fail);
    this.transactions.push(rows);
  }
}

const EIO = 5;
const ENOSPC = 28;
let dir: string;
let disk: Disk;
let clock: VirtualClock;
let reserve: DiskReserve;
let queue: WriteQueue;
let states: JournalState[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'qkt-queue-'));
  disk = new Disk();
  clock = new VirtualClock(1000);
  reserve = new DiskReserve(join(dir, 'reserve'), 4096);
  await reserve.take();
  queue = new WriteQueue({ store: disk, reserve, clock, probeFile: join(dir, 'probe') });
  states = [];
  queue.state$.subscribe((state) => states.push(state));
});
afterEach(async () => {
  disk.fail = undefined;
  await queue.close().catch(() => {});
  rmSync(dir, { recursive: true, force: true });
});

const row = (key: string, value = '1'): Op => ({ table: 'events', key: Buffer.from(key), value: Buffer.from(value) });
const reach = (status: 'ok' | 'failed'): Promise<JournalState> =>
  firstValueFrom(queue.state$.pipe(filter((state) => state.status === status)));

describe('a queue whose disk refuses a write', () => {
  it('rejects it, says so once, and keeps it', async () => {
    disk.fail = EIO;
    const commit = queue.add([row('a')], false);
    await expect(commit.written).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_FAILED' });
    await expect(commit.synced).rejects.toMatchObject({ extras: { members: { cause: 'io' } } });
    expect(states.map(({ status }) => status)).toEqual(['ok', 'failed']);
    expect(queue.state).toMatchObject({ cause: 'io', detail: 'Input/output error', reserve: 'held', since: 1000 });
    expect(queue.state.keptBytes).toBeGreaterThan(0);
    expect(queue.waiting('events', Buffer.from('a'))?.toString()).toBe('1');
  });

  it('rejects what comes after without trying, and writes all in order once the disk takes it', async () => {
    disk.fail = EIO;
    await expect(queue.add([row('a')], false).synced).rejects.toThrow();
    await expect(queue.add([row('b')], false).synced).rejects.toThrow();
    await expect(queue.add([row('c')], false).synced).rejects.toThrow();
    disk.fail = undefined;
    clock.advanceBy(1000);
    await reach('ok');
    expect(disk.transactions.flat()).toEqual(['a=1', 'b=1', 'c=1']);
    expect(queue.state).toMatchObject({ status: 'ok', keptBytes: 0 });
    await queue.add([row('d')], false).synced;
    expect(existsSync(join(dir, 'probe'))).toBe(false);
  });

  it('goes on trying every second as long as it takes', async () => {
    disk.fail = EIO;
    await expect(queue.add([row('a')], false).synced).rejects.toThrow();
    for (let i = 0; i < 5; i++) {
      clock.advanceBy(1000);
      await new Promise((resolve) => setImmediate(resolve));
      expect(queue.state.status).toBe('failed');
    }
    disk.fail = undefined;
    clock.advanceBy(1000);
    await reach('ok');
    expect(states.map(({ status }) => status)).toEqual(['ok', 'failed', 'ok']);
  });

  it('tries an urgent one at once, with all that waits before it', async () => {
    disk.fail = EIO;
    await expect(queue.add([row('a')], false).synced).rejects.toThrow();
    const refused = queue.add([row('b')], true);
    await expect(refused.synced).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_FAILED' });
    disk.fail = undefined;
    await queue.add([row('c')], true).synced;
    expect(disk.transactions.flat()).toEqual(['a=1', 'b=1', 'c=1']);
    await reach('ok');
  });

  it('keeps only the last of each row, and refuses more than it can keep', async () => {
    disk.fail = EIO;
    await expect(queue.add([row('state')], false).synced).rejects.toThrow();
    const mebibyte = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 20; i++)
      await expect(queue.add([row('state', mebibyte)], false).synced).rejects.toThrow(/cannot be written/);
    expect(queue.state.keptBytes).toBeLessThan(1.1 * 1024 * 1024);
    const fill = (): void => {
      for (let i = 0; i < 20; i++) void queue.add([row(`event${i}`, mebibyte)], false);
    };
    expect(fill).toThrow(/wait to be written/);
    expect(queue.state.keptBytes).toBeLessThan(5 * 1024 * 1024);
  });
});

describe('a queue whose disk is full', () => {
  it('lets the reserve go for an urgent write and for no other', async () => {
    disk.fail = ENOSPC;
    await expect(queue.add([row('a')], false).synced).rejects.toThrow();
    expect([queue.state.cause, queue.state.reserve, reserve.held]).toEqual(['full', 'held', true]);
    disk.fail = undefined;
    const urgent = queue.add([row('halt')], true);
    await urgent.synced;
    expect(disk.transactions.flat()).toEqual(['a=1', 'halt=1']);
    expect(states.map(({ reserve: space }) => space)).toContain('released');
  });

  it('lets the reserve go for an urgent write that is the first to fail, which then succeeds', async () => {
    disk.fail = ENOSPC;
    queue.state$.pipe(filter(({ reserve: space }) => space === 'released')).subscribe(() => (disk.fail = undefined));
    await queue.add([row('halt')], true).synced;
    expect(disk.transactions).toEqual([['halt=1']]);
    await reach('ok');
    expect(reserve.held).toBe(true);
  });

  it('rejects an urgent write when the reserve did not help', async () => {
    disk.fail = ENOSPC;
    await expect(queue.add([row('halt')], true).synced).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_FAILED' });
    expect(queue.state).toMatchObject({ status: 'failed', cause: 'full', reserve: 'released' });
    disk.fail = undefined;
    clock.advanceBy(1000);
    expect(await reach('ok')).toMatchObject({ reserve: 'held' });
    expect(disk.transactions.flat()).toEqual(['halt=1']);
  });
});

describe('a queue whose disk does not answer', () => {
  it('says so after 5 s, takes nothing as safe, and is in order again when the answer comes', async () => {
    let answer = (): void => {};
    disk.hold = new Promise((resolve) => (answer = resolve));
    const commit = queue.add([row('a')], false);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advanceBy(4999);
    expect(queue.state.status).toBe('ok');
    clock.advanceBy(1);
    await expect(commit.synced).rejects.toMatchObject({ extras: { members: { cause: 'stalled' } } });
    await expect(queue.add([row('b')], true).synced).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_FAILED' });
    answer();
    await reach('ok');
    expect(disk.transactions.flat()).toEqual(['a=1', 'b=1']);
  });

  it('can be closed all the same, and says what that means', async () => {
    disk.hold = new Promise(() => {});
    void queue.add([row('a')], false);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advanceBy(5000);
    await expect(queue.close()).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_FAILED' });
  });
});

describe('a closed queue', () => {
  it('has written what waited, and takes nothing more', async () => {
    void queue.add([row('a')], false);
    await queue.close();
    expect(disk.transactions.flat()).toEqual(['a=1']);
    expect(() => queue.add([row('b')], false)).toThrow(/closed/);
    await queue.close();
  });
});
