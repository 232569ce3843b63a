import { existsSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { Tick } from '../../src/domain/market.ts';
import { openReplay } from '../../src/venues/replay-file.ts';
import { syntheticTicks } from '../../src/venues/synthetic.ts';
import { replay, sharedData, write } from './replay-fixtures.ts';

const noDrops = { malformed: 0, crossed: 0, nonPositive: 0, backwards: 0, otherSymbol: 0 };

/** The rows of a file below its header, split the plain way. */
function rowsOf(file: string): string[][] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

const bare = (ticks: readonly Tick[]): unknown[] => ticks.map(({ ts, bid, ask }) => [ts, bid, ask]);

describe.skipIf(!existsSync(sharedData))('replay of the real files (skipped where ../shared/data is absent)', () => {
  it('gives every one of the 78 696 EURUSD quotes as it stands in the file', async () => {
    const file = join(sharedData, 'eurusd-ticks-2024-01-10.csv.gz');
    const { source, ticks, faults } = await replay(file);
    expect(ticks).toHaveLength(78_696);
    expect(bare(ticks)).toEqual(rowsOf(file).map((row) => [Number(row[0]), Number(row[4]), Number(row[5])]));
    expect(source).toMatchObject({ layout: 'quotes', barMs: undefined, firstTs: 1_704_844_803_698, counts: noDrops });
    expect(source.symbols).toEqual(['EURUSD']);
    expect(faults).toEqual([]);
  });

  it('gives every USDJPY quote, its microseconds cut off', async () => {
    const file = join(sharedData, 'usdjpy-ticks-2013-01-02.csv');
    const { source, ticks } = await replay(file, 'USDJPY');
    const expected = rowsOf(file).map(([time, bid, ask]) => [
      Math.floor(Date.parse(time!.replace(' ', 'T').replace(/\d{3}\+/, '+'))),
      Number(bid),
      Number(ask),
    ]);
    expect(bare(ticks)).toEqual(expected);
    expect(ticks[0]).toEqual({ symbol: 'USDJPY', ts: Date.UTC(2013, 0, 1, 22, 0, 0, 295), bid: 86.655, ask: 86.728 });
    expect(source.counts).toEqual(noDrops);
  });

  it('gives four quotes for each BTCUSD bar, times without a zone being UTC', async () => {
    const file = join(sharedData, 'btcusd-perp-m1-2022-01.csv.gz');
    const { source, ticks } = await replay(file, 'BTCUSD', 0.5);
    expect(source).toMatchObject({ layout: 'bars', barMs: 60_000, counts: noDrops });
    const expected = rowsOf(file).flatMap(([time, o, h, l, c]) => {
      const start = Date.parse(`${time!.slice(0, 10)}T${time!.slice(11, 23)}Z`);
      const path = Number(c) >= Number(o) ? [o, l, h, c] : [o, h, l, c];
      const quote = (mid: string, at: number) => [start + at, Number(mid) - 0.25, Number(mid) + 0.25];
      return path.map((mid, i) => quote(mid!, [0, 20_000, 40_000, 59_999][i]!));
    });
    expect(bare(ticks)).toEqual(expected);
  });
});

/** Quotes of a synthetic market, to be written in any layout. */
function quotes(n: number): Tick[] {
  const instrument = {
    symbol: 'EURUSD',
    contractSize: dec(1),
    tickSize: dec('0.00001'),
    volumeMin: dec(1),
    volumeStep: dec(1),
    base: 'EUR',
    quote: 'USD',
    session: 'fx',
    spread: dec('0.00008'),
  };
  const market = syntheticTicks({
    seed: 3,
    symbols: [{ instrument, startPrice: 1.09 }],
    start: Date.UTC(2024, 0, 10),
  });
  return Array.from({ length: n }, () => market.next().value);
}

const day = quotes(5000);
const isoText = (ts: number, ending: string): string =>
  new Date(ts).toISOString().replace('T', ' ').replace('Z', ending);

describe('replay of quotes', () => {
  it.each([
    ['epoch milliseconds', (ts: number) => String(ts)],
    ['ISO times with T and Z', (ts: number) => new Date(ts).toISOString()],
    ['ISO times with an offset', (ts: number) => isoText(ts + 7_200_000, '+02:00')],
    ['ISO times in microseconds without a zone', (ts: number) => isoText(ts, '999')],
    ['epoch microseconds', (ts: number) => `${ts}999`],
    ['epoch seconds with a fraction', (ts: number) => (ts / 1000).toFixed(3)],
  ])('reads %s', async (_, time) => {
    const file = write(`timestamp,bid,ask\n${day.map((t) => `${time(t.ts)},${t.bid},${t.ask}\n`).join('')}`);
    expect((await replay(file, 'EURUSD')).ticks).toEqual(day);
  });

  it.each([
    [
      'in another order, with columns that are not needed',
      'askVolume,Ask,price,BID,Symbol,TS',
      (t: Tick) => [1, t.ask, '', t.bid, t.symbol, t.ts],
      ',',
    ],
    ['with tabs', 'time\tsymbol\tbid\task', (t: Tick) => [t.ts, t.symbol, t.bid, t.ask], '\t'],
    ['with semicolons', 'Date;Instrument;Bid Price;Ask Price', (t: Tick) => [t.ts, t.symbol, t.bid, t.ask], ';'],
    [
      'in quotation marks',
      '"timestamp","symbol","bid","ask"',
      (t: Tick) => [`"${t.ts}"`, '"EURUSD"', t.bid, `"${t.ask}"`],
      ',',
    ],
    [
      'with blanks around',
      ' timestamp , symbol , bid , ask ',
      (t: Tick) => [` ${t.ts} `, ' EURUSD ', ` ${t.bid}`, t.ask],
      ',',
    ],
  ])('reads columns %s', async (_, header, row, delimiter) => {
    const lines = day.slice(0, 500).map((t) => row(t).join(delimiter));
    const { ticks, source } = await replay(write([header, ...lines].join('\n')));
    expect(ticks).toEqual(day.slice(0, 500));
    expect(source.counts).toEqual(noDrops);
  });

  const plain = `timestamp,symbol,bid,ask\n${day.map((t) => `${t.ts},EURUSD,${t.bid},${t.ask}`).join('\n')}`;
  it.each([
    ['gzip, whatever the name', gzipSync(plain), 'data.csv'],
    ['plain text named .gz', plain, 'data.csv.gz'],
    ['several gzip members', Buffer.concat([gzipSync(plain.slice(0, 70_003)), gzipSync(plain.slice(70_003))]), 'x.gz'],
    ['a byte order mark', `\uFEFF${plain}`, 'data.csv'],
    ['Windows line ends', plain.replaceAll('\n', '\r\n'), 'data.csv'],
    ['blank lines', `\n\r\n${plain.replaceAll('\n', '\n\n')}\n\n  \n`, 'data.csv'],
  ])('reads a file with %s', async (_, content, name) => {
    const { ticks, source } = await replay(write(content, name));
    expect(ticks).toEqual(day);
    expect(source.counts).toEqual(noDrops);
    expect(source.progress()).toBe(1);
  });

  it('prefers quotes where a file has bars as well', async () => {
    const file = write('time,open,high,low,close,bid,ask\n1000,1,1,1,1,1.1,1.2\n');
    expect((await replay(file, 'X')).ticks).toEqual([{ symbol: 'X', ts: 1000, bid: 1.1, ask: 1.2 }]);
  });

  it('replays one symbol of several and counts the rows of the others', async () => {
    const file = write('ts,symbol,bid,ask\n1,A,1,2\n2,B,3,4\n3,A,5,6\n1,B,7,8\n');
    const one = await replay(file, 'A');
    expect(one.ticks.map((t) => t.ts)).toEqual([1, 3]);
    expect(one.source.counts).toEqual({ ...noDrops, otherSymbol: 2 });
    expect(one.faults).toEqual([]);
    expect(one.source.symbols).toEqual(['A']);
    const all = await replay(file);
    expect(all.ticks.map((t) => t.symbol)).toEqual(['A', 'B', 'A']);
    expect(all.source.counts.backwards).toBe(1);
    expect(all.source.symbols).toEqual(['A', 'B']);
  });

  it('finds a symbol that comes late in a file', async () => {
    const others = Array.from({ length: 5000 }, (_, i) => `${i},OTHER,1,2`).join('\n');
    const { ticks } = await replay(write(`ts,symbol,bid,ask\n${others}\n7,LATE,1,2\n`), 'LATE');
    expect(ticks).toEqual([{ symbol: 'LATE', ts: 7, bid: 1, ask: 2 }]);
  });

  it('gives the same ticks for any rows, however they fall into blocks', async () => {
    const row = fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 1e9 }), fc.nat(1000), fc.nat(9), fc.nat(40));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 400 }), fc.boolean(), async (rows, zipped) => {
        let ts = 1_700_000_000_000;
        const lines = rows.map(([wait, bid, spread, places, padding]) => {
          ts += wait;
          return { ts, bid: dec(`${bid}e-${places}`), ask: dec(`${bid + spread}e-${places}`), padding };
        });
        const body = lines
          .map((l) => `${l.ts},${l.bid.toString()},${l.ask.toString()},${'x'.repeat(l.padding * 20)}\n`)
          .join('');
        const text = `timestamp,bid,ask,note\n${body}`;
        const { ticks } = await replay(write(zipped ? gzipSync(text) : text), 'X');
        expect(ticks).toEqual(
          lines.map((l) => ({ symbol: 'X', ts: l.ts, bid: l.bid.toNumber(), ask: l.ask.toNumber() })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('can be closed at any time, and gives nothing more', async () => {
    const file = write(plain);
    const source = await openReplay(file, { spreadOf: () => 0 });
    const seen: Tick[] = [];
    for await (const batch of source.batches()) {
      seen.push(...batch);
      if (seen.length > 0) await source.close();
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(day.length);
    expect(seen).toEqual(day.slice(0, seen.length));
    await source.close();
  });

  it('can be closed before it is read', async () => {
    const source = await openReplay(write(plain), { spreadOf: () => 0 });
    expect(source.progress()).toBeGreaterThan(0);
    await source.close();
  });
});
