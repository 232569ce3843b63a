import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QktError } from '../../src/errors.ts';
import { exportEvents, type ExportRequest } from '../../src/store/export.ts';
import type { JournalEvent } from '../../src/store/journal-types.ts';
import { events, Journals } from './journal-fixture.ts';

const journals = new Journals();

const textOf = (pieces: Iterable<string>): string => [...pieces].join('');

const fill = (journalSeq: number, members: object = {}): JournalEvent => ({
  journalSeq,
  seq: journalSeq * 2,
  ts: 1_767_225_600_000 + journalSeq,
  type: 'fill',
  strategy: 'ema',
  fillId: `f${journalSeq}`,
  orderId: `o${journalSeq}`,
  symbol: 'EURUSD',
  side: 'sell',
  qty: '0.10',
  price: '1.09730000000000000001',
  commission: '-0.35',
  realized: '-12345678901234567890.12345678',
  reducing: true,
  ...members,
});

async function exported(stored: readonly JournalEvent[], request: ExportRequest): Promise<string> {
  const journal = await journals.open(journals.directory());
  await journal.commit('ema', { events: stored }).synced;
  return textOf(exportEvents(journal, 'ema', request));
}

const halt: JournalEvent = {
  journalSeq: 2,
  seq: 9,
  ts: 1_767_225_600_002,
  type: 'halt',
  strategy: 'ema',
  rule: 'maxDrawdown',
  scope: 'strategy',
  reason: '=HYPERLINK("http://x")',
  by: null,
  inputs: { limit: '0.1' },
};

describe('an export', () => {
  it('gives trades as CSV with every digit', async () => {
    const out = await exported([fill(1), halt, fill(3, { seq: 12 })], { what: 'trades', format: 'csv' });
    const [first, second] = parse(out, { columns: true });
    expect(out.split('\n')[0]).toBe(
      'ts,seq,journalSeq,fillId,orderId,signalId,symbol,side,qty,price,commission,realized,reducing',
    );
    expect(first).toMatchObject({
      ts: '2026-01-01T00:00:00.001Z',
      qty: '0.10',
      price: '1.09730000000000000001',
      commission: '-0.35',
      realized: '-12345678901234567890.12345678',
      reducing: 'true',
      signalId: '',
    });
    expect(second).toMatchObject({ fillId: 'f3' });
  });

  it('gives events as NDJSON lines like those of /events', async () => {
    const out = await exported([fill(1), halt], { what: 'events', format: 'ndjson' });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toContain('"realized":-12345678901234567890.12345678');
    expect(lines[0]).toMatch(
      /^\{"seq":2,"journalSeq":1,"ts":"2026-01-01T00:00:00.001Z","type":"fill","strategy":"ema",/,
    );
    expect(JSON.parse(lines[1]!)).toMatchObject({ type: 'halt', reason: halt.reason, by: null });
  });

  it('gives events as CSV that no spreadsheet runs, and loses no member', async () => {
    const out = await exported([fill(1), halt], { what: 'events', format: 'csv' });
    const [, row] = parse<Record<string, string>>(out, { columns: true });
    expect(row).toMatchObject({ type: 'halt', rule: 'maxDrawdown', reason: `'${halt.reason as string}`, by: '' });
    expect(JSON.parse(row!['other']!)).toEqual({ inputs: { limit: '0.1' } });
  });

  it('gives only what comes after a number', async () => {
    const out = await exported([fill(1), fill(2), fill(3)], { what: 'trades', format: 'ndjson', after: 2 });
    expect(out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('is a heading alone, or nothing, for a strategy without events', async () => {
    expect((await exported([], { what: 'trades', format: 'csv' })).trimEnd().split('\n')).toHaveLength(1);
    expect(await exported([], { what: 'trades', format: 'ndjson' })).toBe('');
  });

  it('can be read back as CSV whatever the texts are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 8 }), (tags) => {
        const stored = tags.map((tag, i) => fill(i + 1, { type: 'order', tag }));
        const journal = { events: () => stored.values() };
        const out = textOf(exportEvents(journal, 'ema', { what: 'events', format: 'csv' }));
        const read = parse<Record<string, string>>(out, { columns: true }).map(({ tag }) => tag);
        expect(read).toEqual(tags.map((tag) => (/^[=+\-@\t\r]/.test(tag) ? `'${tag}` : tag)));
      }),
    );
  });

  it('reads no more than a hundred events in a step, of whatever kind they are', async () => {
    const journal = await journals.open(journals.directory());
    for (let n = 1; n <= 2000; n += 1000) await journal.commit('ema', { events: events(n, n + 999, 'order') }).synced;
    let read = 0;
    const counting = {
      *events(...query: Parameters<typeof journal.events>) {
        for (const event of journal.events(...query)) {
          read++;
          yield event;
        }
      },
    };
    for (const format of ['csv', 'ndjson'] as const)
      for (const what of ['trades', 'events'] as const) {
        const steps: number[] = [];
        read = 0;
        for (const _ of exportEvents(counting, 'ema', { what, format })) {
          steps.push(read);
          read = 0;
        }
        expect(steps).toEqual([...Array<number>(20).fill(100), 0]);
      }
  });

  it('fails when an event cannot be read', () => {
    const broken = {
      *events(): Generator<JournalEvent> {
        yield fill(1);
        throw new QktError('QKT_E_JOURNAL_DAMAGED', 'the record ema·2 cannot be read');
      },
    };
    for (const format of ['csv', 'ndjson'] as const)
      expect(() => textOf(exportEvents(broken, 'ema', { what: 'trades', format }))).toThrow(
        expect.objectContaining({ code: 'QKT_E_JOURNAL_DAMAGED' }),
      );
  });
});
