import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { data, events, Journals, temporary, wholeOf } from './journal-fixture.ts';

const KILLS = 20;
const journals = new Journals();
const modules = new URL('../../node_modules', import.meta.url).pathname;
let scratch: string;
let writer: string;

beforeAll(async () => {
  scratch = await temporary('qkt-writer-');
  // CommonJS, because only that finds native modules through NODE_PATH from outside the repository.
  writer = join(scratch, 'writer.cjs');
  await build({
    entryPoints: [new URL('journal-writer.ts', import.meta.url).pathname],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: writer,
    external: ['lmdb'],
  });
});
afterAll(() => rm(scratch, { recursive: true }));

/** Lets a writer run until it has said so many lines, and kills it. @returns the last of each kind that it said. */
async function killedAfter(stateDir: string, lines: number, seed: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, [writer, stateDir, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_PATH: modules },
  });
  const said = new Map<string, number>();
  let count = 0;
  for await (const line of createInterface(child.stdout)) {
    const [name, last] = line.split(' ') as [string, string | undefined];
    if (last !== undefined) said.set(name, Number(last));
    if (++count === lines) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return said;
}

describe('a daemon killed with SIGKILL', () => {
  it(`has lost nothing that was synced and nothing by halves, ${KILLS} times over`, { timeout: 120_000 }, async () => {
    const dir = journals.directory();
    for (let kill = 0; kill < KILLS; kill++) {
      const said = await killedAfter(dir, 1 + ((kill * 37) % 150), 1000 + kill);
      const journal = await journals.open(dir, { maxEvents: 2000 });
      journal.verifyStore();
      for (const name of ['a', 'b', 'c']) {
        const record = journal.load(name);
        expect(record?.lastJournalSeq ?? 0, name).toBeGreaterThanOrEqual(said.get(name) ?? 0);
        if (record === undefined) continue;
        expect(record.state).toMatchObject({ last: record.lastJournalSeq });
        const numbers = [...journal.events(name)].map(({ journalSeq }) => journalSeq);
        expect(numbers).toEqual(
          Array.from({ length: record.lastJournalSeq - record.oldest + 1 }, (_, i) => record.oldest + i),
        );
      }
      expect(journal.load('a')?.lastJournalSeq).toBe(journal.load('b')?.lastJournalSeq);
      const chain = wholeOf(journal.verifyChain());
      expect(chain.ok).toBe(true);
      expect(chain.records).toBeGreaterThanOrEqual(said.get('operator') ?? 0);
      await journals.close(journal);
    }
  });
});

describe('a machine that lost its power', () => {
  /** Offsets of the three meta pages, of which the second says what is flushed. */
  const FLUSHED = 2048;
  const METAS = [0, FLUSHED, 4096];
  const META_BYTES = 168;
  const BOOT_ID = 160;

  /** What is on the disk after the power failed: another boot, and of `after` only what was flushed `before`. */
  function powerFailed(before: Buffer, after: Buffer): string {
    const bytes = Buffer.from(after);
    before.copy(bytes, FLUSHED, FLUSHED, FLUSHED + META_BYTES);
    for (const meta of METAS) bytes.writeBigInt64LE(12_345n, meta + BOOT_ID);
    const dir = journals.directory();
    mkdirSync(join(dir, 'journal'));
    writeFileSync(data(dir), bytes);
    return dir;
  }

  it('comes back as of the last flush, and goes on from there', async () => {
    const dir = journals.directory();
    const journal = await journals.open(dir);
    let before = readFileSync(data(dir));
    for (let n = 1; n <= 20; n++) {
      await journal.commit('ema', { events: events(n, n), state: { n } }).synced;
      const after = readFileSync(data(dir));
      for (const [flushed, last] of [
        [after, n],
        [before, n - 1],
      ] as const) {
        const failed = powerFailed(flushed, after);
        const again = await journals.open(failed);
        expect(again.load('ema')?.lastJournalSeq ?? 0).toBe(last);
        for (let next = last + 1; next <= last + 5; next++)
          await again.commit('ema', { events: events(next, next), state: { n: next } }).synced;
        again.verifyStore();
        await journals.close(again);
        const oncemore = await journals.open(failed);
        expect(oncemore.load('ema')).toMatchObject({ state: { n: last + 5 }, lastJournalSeq: last + 5 });
        await journals.close(oncemore);
      }
      before = after;
    }
  });
});

describe('a state that is dropped without closing', () => {
  it('comes back as of the last written transaction, at every step of a history', async () => {
    const dir = journals.directory();
    const journal = await journals.open(dir);
    for (let n = 1; n <= 40; n++) {
      await journal.commit('ema', { events: events(n, n), state: { n } }).written;
      const again = await journals.open(await journals.crashed(dir));
      expect(again.load('ema')).toMatchObject({ state: { n }, lastJournalSeq: n });
      await again.commit('ema', { events: events(n + 1, n + 1), state: { n: -1 } }).synced;
      await journals.close(again);
      void journal.commit('other', { events: [], state: n });
    }
  });
});
