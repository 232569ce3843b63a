import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Journal } from '../../src/store/journal.ts';
import type { OperatorEntry, OperatorRecord } from '../../src/store/journal-types.ts';
import { LmdbStore, type Op } from '../../src/store/lmdb-store.ts';
import { chain, EMPTY_CHAIN, verify } from '../../src/store/operator-log.ts';
import { encodeRecord, numberKey, textKey } from '../../src/store/record-codec.ts';
import { Journals, wholeOf } from './journal-fixture.ts';

const journals = new Journals();

const act = (n: number): OperatorEntry => ({
  ts: 1_767_225_600_000 + n,
  by: n % 2 === 0 ? 'ops' : 'alice',
  command: n % 3 === 0 ? 'resume' : 'halt',
  target: n % 2 === 0 ? 'ema' : 'daemon',
  reason: `because of ${n}`,
  args: { rebase: 'none', z: 1, a: [n, null, 'ü'] },
  outcome: 'done',
});

function chained(count: number): OperatorRecord[] {
  const records: OperatorRecord[] = [];
  for (let n = 1; n <= count; n++) records.push(chain(records.at(-1) ?? EMPTY_CHAIN, act(n)));
  return records;
}

async function withActs(count: number): Promise<{ dir: string; journal: Journal }> {
  const dir = journals.directory();
  const journal = await journals.open(dir);
  for (let n = 1; n <= count; n++) void journal.appendOperator(act(n));
  await journal.flush();
  return { dir, journal };
}

/** Changes the store behind the journal's back, checksums and all. */
async function tampered(count: number, ops: readonly Op[]): Promise<Journal> {
  const { dir, journal } = await withActs(count);
  await journals.close(journal);
  const store = new LmdbStore(join(dir, 'journal'));
  await store.write(ops);
  await store.close();
  return journals.open(dir);
}

function row(record: OperatorRecord, at: number = record.n): Op {
  const key = numberKey(at);
  return { table: 'operators', key, value: encodeRecord(key, record) };
}

describe('the operators’ chain', () => {
  it('is sound over restarts, and goes on where it ended', async () => {
    const { dir, journal } = await withActs(3);
    expect(wholeOf(journal.verifyChain())).toEqual({ ok: true, records: 3 });
    await journals.close(journal);
    const again = await journals.open(dir);
    const { record, synced } = again.appendOperator(act(4));
    await synced;
    expect(record).toEqual(chained(4)[3]);
    expect(wholeOf(again.verifyChain())).toEqual({ ok: true, records: 4 });
    expect(wholeOf(again.operatorLog({ limit: 10 }))).toEqual(chained(4));
  });

  it('is sound when nothing was ever done', async () => {
    const { journal } = await withActs(0);
    expect(wholeOf(journal.verifyChain())).toEqual({ ok: true, records: 0 });
  });

  it('leaves out what an act does not have', async () => {
    const { journal } = await withActs(0);
    const bare = { ts: 1, by: 'ops', command: 'halt', target: 'ema', outcome: 'done', reason: undefined };
    await journal.appendOperator(bare as unknown as OperatorEntry).synced;
    expect(Object.keys(wholeOf(journal.operatorLog({ limit: 1 }))[0]!)).not.toContain('reason');
    expect(wholeOf(journal.verifyChain()).ok).toBe(true);
  });

  it('shows the last acts, or those after a number, on one target or all', async () => {
    const { journal } = await withActs(10);
    const numbers = (query: Parameters<Journal['operatorLog']>[0]): number[] =>
      wholeOf(journal.operatorLog(query)).map(({ n }) => n);
    expect(numbers({ limit: 3 })).toEqual([8, 9, 10]);
    expect(numbers({ limit: 3, after: 2 })).toEqual([3, 4, 5]);
    expect(numbers({ limit: 2, strategy: 'ema' })).toEqual([8, 10]);
    expect(numbers({ limit: 9, after: 6, strategy: 'daemon' })).toEqual([7, 9]);
  });

  it.each<[string, number, () => Op[]]>([
    ['a record was changed', 4, () => [row({ ...chained(9)[3]!, by: 'mallory' })]],
    ['a record was changed and hashed anew', 5, () => [row(chain(chained(9)[2]!, { ...act(4), by: 'mallory' }))]],
    ['a record was taken out', 4, () => [{ table: 'operators', key: numberKey(4), value: null }]],
    ['two records changed places', 4, () => [row(chained(9)[4]!, 4), row(chained(9)[3]!, 5)]],
    ['the last record was taken out', 9, () => [{ table: 'operators', key: numberKey(9), value: null }]],
    ['a record was added', 10, () => [row(chain(chained(9)[8]!, act(10)))]],
    ['the head was forgotten', 1, () => [{ table: 'meta', key: textKey('chain'), value: null }]],
  ])('shows that %s', async (_, firstBad, ops) => {
    const journal = await tampered(9, ops());
    expect(wholeOf(journal.verifyChain())).toMatchObject({ ok: false, firstBad });
  });

  it('is followed a hundred acts at a time, also while others come', async () => {
    const { journal } = await withActs(250);
    const steps = journal.verifyChain();
    let done = steps.next();
    let n = 250;
    for (; done.done !== true && n < 400; done = steps.next()) await journal.appendOperator(act(++n)).synced;
    expect([n, done.value]).toEqual([252, { ok: true, records: 252 }]);
  });

  it('is read a hundred acts at a time, whether or not they are asked for', async () => {
    const { journal } = await withActs(250);
    for (const after of [undefined, 0]) {
      const steps = journal.operatorLog({ limit: 5, strategy: 'nobody', ...(after === 0 && { after }) });
      const results = [steps.next(), steps.next(), steps.next()];
      expect(results.map(({ done }) => done)).toEqual([false, false, true]);
    }
  });

  it('shows any single change to any member of any record', () => {
    const records = chained(6);
    const head = records.at(-1)!;
    const member = fc.constantFrom(...(Object.keys(records[0]!) as (keyof OperatorRecord)[]));
    fc.assert(
      fc.property(fc.nat(5), member, fc.jsonValue(), (i, name, value) => {
        fc.pre(JSON.stringify(records[i]![name]) !== JSON.stringify(value));
        const changed = records.map((record, at) => (at === i ? { ...record, [name]: value } : record));
        expect(wholeOf(verify(changed, () => head))).toMatchObject({ ok: false, firstBad: i + 1 });
      }),
    );
  });
});
