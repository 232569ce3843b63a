import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { asQktError, QktError } from '../../src/errors.ts';
import type { Journal } from '../../src/store/journal.ts';
import { TABLES } from '../../src/store/lmdb-store.ts';
import { data, events, Journals, wholeOf } from './journal-fixture.ts';

const SEED = Number(process.env['QKT_SEED'] ?? 103);
/** Files with changed bytes; fewer are cut or have lost pages. */
const DAMAGES = Number(process.env['QKT_DAMAGES'] ?? 100);
/** Where they are in the header of a page. */
const HEADER = { transaction: 8, flags: 18 };
const PATIENCE_MS = 30_000 + DAMAGES * 100;

const journals = new Journals();
let sound: Buffer;

/** A store with all that a store can hold: freed pages, records larger than a page, several strategies. */
beforeAll(async () => {
  const dir = journals.directory();
  const journal = await journals.open(dir, { maxEvents: 500 });
  for (let n = 1; n <= 1500; n += 25) {
    const state = { n, positions: Array.from({ length: 200 }, (_, i) => ({ symbol: `S${i}`, qty: `${n}.5` })) };
    await journal.commit('ema', { events: events(n, n + 24), state }).synced;
    if (n % 250 === 1) {
      void journal.appendOperator({ ts: n, by: 'ops', command: 'halt', target: 'ema', outcome: 'done' });
      void journal.deploy(`s${n}`, { port: n });
    }
  }
  await journal.commit('other', { events: events(1, 40), state: 'flat', meta: { run: 3 } }).synced;
  await journals.close(journal);
  sound = readFileSync(data(dir));
});

function stored(bytes: Buffer): string {
  const dir = journals.directory();
  mkdirSync(join(dir, 'journal'), { mode: 0o700 });
  writeFileSync(data(dir), bytes);
  return dir;
}

/** All that can be read from a journal. */
function contents(journal: Journal): unknown {
  return {
    names: journal.strategies(),
    loaded: journal.strategies().map((name) => journal.load(name)),
    events: journal.strategies().map((name) => [...journal.events(name)]),
    rows: journal.deployedNames().map((name) => journal.deployed(name)),
    acts: wholeOf(journal.operatorLog({ limit: 100 })),
    chain: wholeOf(journal.verifyChain()),
  };
}

async function whole(): Promise<unknown> {
  return contents(await journals.open(stored(sound)));
}

/** A damaged store is refused as such, or the damage was where nothing is; it never shows anything else. */
async function neverWrong(bytes: Buffer, expected: unknown): Promise<'refused' | 'sound'> {
  const dir = stored(bytes);
  try {
    return await judge(dir, bytes, expected);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function judge(dir: string, bytes: Buffer, expected: unknown): Promise<'refused' | 'sound'> {
  let journal: Journal;
  try {
    journal = await journals.open(dir);
  } catch (error) {
    expect(asQktError(error)).toMatchObject({ code: 'QKT_E_JOURNAL_DAMAGED' });
    expect(asQktError(error).row.hint).toContain('qkt restore <file>');
    expect(readFileSync(data(dir)).equals(bytes)).toBe(true);
    return 'refused';
  }
  expect(contents(journal)).toEqual(expected);
  const { lastJournalSeq } = journal.load('ema')!;
  for (let n = lastJournalSeq + 1; n <= lastJournalSeq + 400; n += 40)
    await journal.commit('ema', { events: events(n, n + 39), state: { n } }).synced;
  expect(journal.lastEvents('ema', 400)).toEqual(events(lastJournalSeq + 1, lastJournalSeq + 400));
  journal.verifyStore();
  await journals.close(journal);
  return 'sound';
}

describe('a damaged journal', () => {
  it('is refused when its data file is gone, empty or something else', async () => {
    const missing = stored(sound);
    rmSync(data(missing));
    for (const dir of [missing, stored(Buffer.alloc(0)), stored(Buffer.from('not a journal'.repeat(1000)))])
      await expect(journals.open(dir)).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_DAMAGED' });
  });

  it(
    'is refused, or whole, when the file was cut anywhere',
    async () => {
      const expected = await whole();
      await fc.assert(
        fc.asyncProperty(fc.nat(sound.length - 1), async (length) => {
          await neverWrong(sound.subarray(0, length), expected);
        }),
        { numRuns: Math.ceil(DAMAGES * 0.4), seed: SEED },
      );
    },
    PATIENCE_MS,
  );

  it(
    'is refused, or whole, when bytes of it were changed anywhere',
    async () => {
      const expected = await whole();
      const flip = fc.record({ at: fc.nat(sound.length - 1), by: fc.integer({ min: 1, max: 255 }) });
      const outcomes = { refused: 0, sound: 0 };
      await fc.assert(
        fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 3 }), async (flips) => {
          const bytes = Buffer.from(sound);
          for (const { at, by } of flips) bytes[at]! ^= by;
          outcomes[await neverWrong(bytes, expected)]++;
        }),
        { numRuns: DAMAGES, seed: SEED },
      );
      expect(outcomes.refused).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  it(
    'is refused, or whole, when a bit has changed in what says of a page what it is',
    async () => {
      const expected = await whole();
      const outcomes = { refused: 0, sound: 0 };
      const flip = async (page: number, at: number, bits: number): Promise<void> => {
        const bytes = Buffer.from(sound);
        bytes[page * 4096 + at]! ^= bits;
        outcomes[await neverWrong(bytes, expected)]++;
      };
      const pages = Array.from({ length: sound.length / 4096 - 2 }, (_, n) => n + 2);
      for (const page of pages) {
        await flip(page, HEADER.transaction + 4, 0xad);
        await flip(page, HEADER.flags, 0x40);
        await flip(page, HEADER.flags + 1, 0x80);
      }
      expect(outcomes.refused).toBeGreaterThan(pages.length);
    },
    PATIENCE_MS,
  );

  it('is refused, or whole, when a bit of the name of a table has changed', async () => {
    const expected = await whole();
    const outcomes = { refused: 0, sound: 0 };
    for (const name of TABLES)
      for (let at = sound.indexOf(`${name}\0`); at >= 0; at = sound.indexOf(`${name}\0`, at + 1)) {
        const bytes = Buffer.from(sound);
        bytes[at + 1]! ^= 1;
        outcomes[await neverWrong(bytes, expected)]++;
      }
    expect(outcomes.refused).toBeGreaterThanOrEqual(TABLES.length);
  });

  it(
    'is refused, or whole, when pages of it were lost or swapped',
    async () => {
      const expected = await whole();
      const page = fc.nat(sound.length / 4096 - 1);
      await fc.assert(
        fc.asyncProperty(page, page, fc.boolean(), async (a, b, lost) => {
          const bytes = Buffer.from(sound);
          const pageA = Buffer.from(bytes.subarray(a * 4096, (a + 1) * 4096));
          bytes.copyWithin(a * 4096, b * 4096, (b + 1) * 4096);
          if (lost) bytes.fill(0, b * 4096, (b + 1) * 4096);
          else pageA.copy(bytes, b * 4096);
          await neverWrong(bytes, expected);
        }),
        { numRuns: Math.ceil(DAMAGES * 0.7), seed: SEED },
      );
    },
    PATIENCE_MS,
  );

  it('is found in a large store at its ends when opening, and anywhere else by a check of the whole or on reading', async () => {
    const dir = journals.directory();
    const journal = await journals.open(dir);
    const noted = (from: number, to: number) =>
      events(from, to).map((event) => ({ ...event, note: `note ${event.journalSeq} `.padEnd(1800, '.') }));
    for (let n = 1; n <= 10_000; n += 500) await journal.commit('ema', { events: noted(n, n + 499) }).synced;
    await journals.close(journal);
    const large = readFileSync(data(dir));
    const damagedAt = (n: number): string => {
      const bytes = Buffer.from(large);
      bytes[bytes.lastIndexOf(`note ${n} `)]! ^= 1;
      return stored(bytes);
    };
    for (const end of [1, 10_000])
      await expect(journals.open(damagedAt(end))).rejects.toMatchObject({ code: 'QKT_E_JOURNAL_DAMAGED' });
    let opened = 0;
    for (let n = 5000; n < 5006; n++) {
      const again = await journals.open(damagedAt(n)).catch((error: unknown) => asQktError(error));
      if (again instanceof QktError) continue;
      opened++;
      expect(() => again.verifyStore()).toThrow(/cannot be read/);
      expect(() => [...again.events('ema')]).toThrow(/cannot be read/);
      expect(again.lastEvents('ema', 10)).toEqual(noted(9991, 10_000));
    }
    expect(opened).toBeGreaterThan(0);
  });
});
