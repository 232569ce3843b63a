import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DiskLease } from '../../src/actors/disk-lease.ts';
import { DISK_LIMIT_MS } from '../../src/actors/leases.ts';
import { VirtualClock } from '../../src/clock.ts';
import { MACHINE_DISK, type Disk } from '../../src/store/disk.ts';
import { poll } from '../doubles/daemon.ts';

function scene(given: Partial<Disk> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'qkt-disk-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const clock = new VirtualClock(1_000_000);
  const disk = { ...MACHINE_DISK, ...given };
  const lease = new DiskLease(dir, clock, disk);
  const stop = lease.start();
  return { dir, clock, disk, lease, stop };
}

const until = (what: string, holds: () => boolean): Promise<true> => poll(what, () => (holds() ? true : undefined));

it('is renewed by a write that has reached the disk, and leaves no file behind', async () => {
  const written: Promise<void>[] = [];
  const write: Disk['write'] = (transaction) => {
    const writing = transaction();
    written.push(writing);
    return writing;
  };
  const { dir, clock, lease, stop } = scene({ write });
  await written[0];
  expect(readdirSync(dir)).toEqual([]);
  clock.setNow(clock.now() + DISK_LIMIT_MS + 1);
  expect(lease.view()).toMatchObject({ name: 'disk', limitMs: DISK_LIMIT_MS, ok: false });
  await until('the lease to hold again', () => {
    clock.advanceBy(2000);
    return lease.view().ok;
  });
  expect(lease.view().freeBytes).toBeGreaterThan(0);
  stop();
  await Promise.all(written);
  expect(readdirSync(dir)).toEqual([]);
});

it('is broken at once by a disk that has less room than the journal needs, and mended by room', async () => {
  let freeBytes = 100_000;
  const { clock, lease } = scene({ freeBytes: () => freeBytes });
  expect(lease.view()).toMatchObject({ ok: false, freeBytes: 100_000 });
  expect(lease.view().reason).toContain('100000 bytes are free');
  freeBytes = 10_000_000;
  await until('the lease to hold again', () => {
    clock.advanceBy(2000);
    return lease.view().ok;
  });
});

it('is broken by a write that the disk refuses, with the words of the system', async () => {
  let refuses = true;
  const write: Disk['write'] = (transaction) =>
    refuses ? Promise.reject(new Error('EROFS: read-only')) : transaction();
  const { clock, lease } = scene({ write });
  await until('the refusal', () => !lease.view().ok);
  expect(lease.view().reason).toBe('EROFS: read-only');
  refuses = false;
  await until('the lease to hold again', () => {
    clock.advanceBy(2000);
    return lease.view().ok;
  });
});

it('is broken by a disk that does not answer, which is asked no second time before it has', async () => {
  let asked = 0;
  let answer: () => void = () => {};
  const write: Disk['write'] = () => {
    asked += 1;
    return new Promise((resolve) => (answer = resolve));
  };
  const { clock, lease } = scene({ write });
  clock.advanceBy(DISK_LIMIT_MS);
  expect(lease.view().ok).toBe(true);
  clock.advanceBy(1);
  expect([lease.view().ok, asked]).toEqual([false, 1]);
  answer();
  await until('the lease to hold again', () => lease.view().ok);
});
