import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DaemonJournal } from '../../src/actors/daemon-journal.ts';
import { Acts } from '../../src/app/acts.ts';
import type { Parts } from '../../src/app/parts.ts';
import { VirtualClock } from '../../src/clock.ts';
import { QktError } from '../../src/errors.ts';
import { MACHINE_DISK } from '../../src/store/disk.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { wholeOf } from '../store/journal-fixture.ts';

const REMOVE = { command: 'remove', target: 'gold', by: 'ops', reason: 'over' };

/** Acts over a journal on a real disk, whose writes wait while they are held, or find no room. */
async function scene() {
  const dir = mkdtempSync(join(tmpdir(), 'qkt-acts-'));
  const clock = new VirtualClock(1000);
  const disk = { held: undefined as Promise<void> | undefined, full: false };
  const journal = await DaemonJournal.open(dir, clock, new EventRings({ strategy: 'daemon', clock }), {
    freeBytes: (path) => (disk.full ? 0 : MACHINE_DISK.freeBytes(path)),
    write: async (transaction) => {
      await disk.held;
      await transaction();
    },
  });
  onTestFinished(async () => {
    await journal.close().catch(() => undefined);
    rmSync(dir, { recursive: true, force: true });
  });
  const told: string[] = [];
  const tell = (line: string): void => void told.push(line);
  const log = { info: tell, warn: tell, error: tell };
  const acts = new Acts({ journal, log } as unknown as Parts);
  const kept = (): readonly string[] =>
    wholeOf(journal.queries.read({ limit: 10 })).map(({ by, command, outcome }) => `${by} ${command} ${outcome}`);
  return { clock, disk, acts, kept, told };
}

/** Whether a promise has settled once everything has run that waits for nothing outside. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

/** Writes wait until the returned function is called. */
function hold(disk: { held: Promise<void> | undefined }): () => void {
  let release = (): void => {};
  disk.held = new Promise((resolve) => (release = resolve));
  return release;
}

describe('an act of a person', () => {
  it('is answered once it is on disk, so that no end of the process takes away who did it', async () => {
    const { acts, disk, kept } = await scene();
    const release = hold(disk);
    const answer = acts.told(REMOVE, () => Promise.resolve('removed'));
    expect(await isSettled(answer)).toBe(false);
    release();
    expect(await answer).toBe('removed');
    expect(kept()).toEqual(['ops remove done']);
  });

  it('that is refused is on disk with its refusal before that is answered', async () => {
    const { acts, disk, kept } = await scene();
    const release = hold(disk);
    const answer = acts.told(REMOVE, () => Promise.reject(new QktError('QKT_E_NOT_FLAT', 'gold still holds EURUSD 1')));
    expect(await isSettled(answer)).toBe(false);
    release();
    await expect(answer).rejects.toMatchObject({ code: 'QKT_E_NOT_FLAT' });
    expect(kept()).toEqual(['ops remove QKT_E_NOT_FLAT']);
  });

  it('is answered at once on a full disk, which is said, and kept as soon as there is room', async () => {
    const { acts, clock, disk, kept, told } = await scene();
    disk.full = true;
    expect(await acts.told({ ...REMOVE, command: 'kill' }, () => Promise.resolve('flat'))).toBe('flat');
    expect(await acts.told({ ...REMOVE, command: 'halt' }, () => Promise.resolve('halted'))).toBe('halted');
    expect(told).toContain('kill is not in the journal yet');
    expect(kept()).toEqual([]);
    disk.full = false;
    clock.advanceBy(1000);
    await expect.poll(kept).toEqual(['ops kill done', 'ops halt done']);
  });

  it('is answered after 5 s where the disk does not answer, and the next one at once', async () => {
    const { acts, clock, disk, told } = await scene();
    const release = hold(disk);
    const answer = acts.told({ ...REMOVE, command: 'stop' }, () => Promise.resolve('stopped'));
    expect(await isSettled(answer)).toBe(false);
    clock.advanceBy(5000);
    expect(await answer).toBe('stopped');
    expect(told).toContain('stop is not in the journal yet');
    expect(await acts.told({ ...REMOVE, command: 'halt' }, () => Promise.resolve('halted'))).toBe('halted');
    release();
  });
});
