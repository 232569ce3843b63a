import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/journal-files.ts';

const reserve = { held: false, release: () => {} } as unknown as Parameters<typeof openStore>[1];
const disk = { freeBytes: () => 2 ** 30 } as unknown as Parameters<typeof openStore>[2];

describe('a journal whose lock file LMDB cannot open', () => {
  let stateDir: string;
  let lock: string;

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'qkt-lock-'));
    lock = join(stateDir, 'journal', 'lock.mdb');
    await (await openStore(stateDir, reserve, disk)).close();
    rmSync(lock, { force: true });
  });
  afterEach(() => {
    chmodSync(join(stateDir, 'journal'), 0o700);
    rmSync(stateDir, { recursive: true, force: true });
  });

  const opening = (): Promise<unknown> =>
    openStore(stateDir, reserve, disk).then(
      () => expect.unreachable('it should have been refused'),
      (error: unknown) => error,
    );

  it.each([
    ['a directory is in its place', () => mkdirSync(lock)],
    ['a link leads to nowhere', () => symlinkSync('/nowhere/lock.mdb', lock)],
  ])('is refused when %s', async (_what, damage) => {
    damage();
    expect(await opening()).toMatchObject({
      code: 'QKT_E_STATE_DIR',
      message: expect.stringContaining('lock.mdb') as string,
    });
  });

  // The rights of files do not bind root.
  it.skipIf(process.getuid?.() === 0)(
    'is refused when its directory cannot be written (skipped for root, who may write everywhere)',
    async () => {
      chmodSync(join(stateDir, 'journal'), 0o500);
      expect(await opening()).toMatchObject({ code: 'QKT_E_STATE_DIR' });
    },
  );

  it('is opened when there is none', async () => {
    await (await openStore(stateDir, reserve, disk)).close();
  });
});
