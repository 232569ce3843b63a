/** Every way in which a CSV file can be broken that we could think of: a clear refusal, or counted faults. */
import { chmodSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { toProblem } from '../../src/errors.ts';
import { openReplay } from '../../src/venues/replay-file.ts';
import { csv, FAULTY_FILES, good, goods, HEADER, REFUSED_FILES } from './broken-csv-files.ts';
import { unprivileged } from '../doubles/unprivileged.ts';
import { emptyDirectory, refusal, replay, write } from './replay-fixtures.ts';

describe('a CSV file that cannot be used at all is refused with its place:', () => {
  it.each(Object.entries(REFUSED_FILES))('%s', async (_, { content, symbol, detail, line, column }) => {
    const file = write(content);
    const error = await refusal(file, symbol);
    expect(error.code).toBe('QKT_E_REPLAY_FILE');
    expect(error.message).toMatch(detail);
    expect(error.extras.location).toEqual({ file, ...(line === undefined ? {} : { line, column }) });
    expect(toProblem(error).detail.startsWith(file)).toBe(true);
  });

  it('a file that does not exist', async () => {
    expect(await refusal(`${emptyDirectory}/none.csv`)).toMatchObject({
      code: 'QKT_E_REPLAY_FILE',
      message: 'there is no such file',
    });
    expect((await refusal(`${write('x')}/below.csv`)).message).toBe('there is no such file');
  });

  it('a directory', async () => {
    expect((await refusal(emptyDirectory)).message).toBe('it is a directory');
  });

  it('a device', async () => {
    expect((await refusal('/dev/null')).message).toBe('it is not a regular file');
  });

  it('a path that no system can open', async () => {
    expect(await refusal('with\0nul.csv')).toMatchObject({ code: 'QKT_E_REPLAY_FILE' });
  });

  it('a file that may not be read', async () => {
    const file = write(csv(HEADER, good(0)));
    chmodSync(file, 0o000);
    expect((await unprivileged(() => refusal(file))).message).toBe('permission to read it is denied');
  });

  it('a file that does not say of which symbol it is, unless it is told', async () => {
    const file = write(csv('timestamp,bid,ask', '1700000000000,1.1,1.2'));
    const error = await refusal(file);
    expect(error).toMatchObject({
      code: 'QKT_E_REPLAY_SYMBOL',
      row: { exit: 2 },
      extras: { location: { file, line: 1 } },
    });
    expect((await replay(file, 'EURUSD')).ticks).toHaveLength(1);
  });
});

describe('rows that cannot be used are counted with line and column, and never end the feed:', () => {
  it.each(Object.entries(FAULTY_FILES))('%s', async (_, { content, symbol, ticks: left, faults: expected }) => {
    const { ticks, faults, source } = await replay(write(content), symbol);
    expect(ticks).toHaveLength(left);
    expect(faults).toEqual(
      expected.map(
        (fault) =>
          expect.objectContaining({ ...fault, detail: expect.stringMatching(fault.detail) as string }) as unknown,
      ),
    );
    const counted = Object.entries(source.counts).flatMap(([cause, n]) => Array.from({ length: n }, () => cause));
    expect(counted.toSorted()).toEqual(expected.map((fault) => fault.cause).toSorted());
  });

  it('gzip that ends early: its whole rows are used, the rest is one counted fault', async () => {
    const whole = gzipSync(csv(HEADER, goods(20_000)));
    const { ticks, faults, source } = await replay(write(whole.subarray(0, whole.length >> 1)));
    expect(ticks.length).toBeGreaterThan(5000);
    expect(ticks.map((t) => t.ts)).toEqual(ticks.map((_, i) => 1_700_000_000_000 + i * 100));
    expect(faults).toEqual([
      {
        cause: 'malformed',
        symbol: undefined,
        line: ticks.length + 2,
        column: 1,
        detail: 'the gzip data is damaged or ends early (unexpected end of file); the rest is lost',
      },
    ]);
    expect(source.counts.malformed).toBe(1);
    expect(source.progress()).toBe(1);
  });

  it('gzip with a damaged middle: the rows before it are used', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `${1_700_000_000_000 + i * 97},EURUSD,1.${i},2.${i * 7}`);
    const bytes = gzipSync(csv(HEADER, ...rows));
    bytes.fill(0xff, bytes.length - 40_000, bytes.length - 39_000);
    const { ticks, faults } = await replay(write(bytes));
    expect(ticks.length).toBeGreaterThan(1000);
    expect(ticks.length).toBeLessThan(30_000);
    expect(faults.at(-1)).toMatchObject({
      cause: 'malformed',
      detail: expect.stringContaining('gzip data is damaged') as string,
    });
  });

  it('every second row bad, a hundred thousand of them: all counted, all told', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? good(i) : 'x,y'));
    const { ticks, faults, source } = await replay(write(csv(HEADER, ...rows)));
    expect(ticks).toHaveLength(50_000);
    expect(faults).toHaveLength(50_000);
    expect(source.counts.malformed).toBe(50_000);
    expect(faults.at(-1)).toMatchObject({ line: 100_001 });
  });

  it('a long closure is not a leap: the rows after it stay', async () => {
    const later = 1_700_000_000_000 + 90 * 86_400_000;
    const { ticks, source } = await replay(
      write(csv(HEADER, good(0), `${later},EURUSD,1,2`, `${later + 1},EURUSD,1,2`)),
    );
    expect(ticks).toHaveLength(3);
    expect(source.counts.malformed).toBe(0);
    expect((await replay(write(csv(HEADER, good(0), `${later},EURUSD,1,2`)))).ticks).toHaveLength(2);
  });

  it('faults met while opening are counted at once and told when the reading begins', async () => {
    const source = await openReplay(write(csv(HEADER, 'x', good(0))), { spreadOf: () => 0 });
    expect(source.counts.malformed).toBe(1);
    const told: number[] = [];
    let completed = false;
    source.faults$.subscribe({ next: (fault) => told.push(fault.line!), complete: () => (completed = true) });
    for await (const batch of source.batches()) expect(batch).toHaveLength(1);
    expect(told).toEqual([2]);
    expect(completed).toBe(true);
  });
});
