import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import { parseRunRecord } from '../../src/domain/last-run.ts';
import { RunLog } from '../../src/store/run-log.ts';

let dir: string;
let clock: VirtualClock;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qkt-runs-'));
  clock = new VirtualClock(Date.parse('2026-11-22T07:00:00.000Z'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const run = (): RunLog => new RunLog(dir, '0.1.0', clock);
const stored = () => parseRunRecord(readFileSync(join(dir, 'run.json'), 'utf8'));

describe('how the last run ended', () => {
  it('is not known before the first one', () => {
    expect(run().before).toBeUndefined();
    expect(stored()).toMatchObject({ pid: process.pid, endedAt: null, ended: null });
  });

  it('is stopped, with the steps that did not close', () => {
    const first = run();
    clock.advanceBy(60_000);
    first.end('stopped', 'venue paper: it hangs');
    expect(run().before).toEqual({
      pid: process.pid,
      version: '0.1.0',
      startedAt: '2026-11-22T07:00:00.000Z',
      endedAt: '2026-11-22T07:01:00.000Z',
      ended: 'stopped',
      detail: 'venue paper: it hangs',
    });
  });

  it('is stopped, with what it left open in figures, which the next run does not tell', () => {
    const first = run();
    first.leaves([{ strategy: 'gold', symbol: 'XAUUSD', qty: dec('0.3'), stopLoss: null, protected: false }]);
    first.end('stopped', '');
    expect(readFileSync(join(dir, 'run.json'), 'utf8')).toContain(
      '"positions":[{"strategy":"gold","symbol":"XAUUSD","qty":0.3,"stopLoss":null,"protected":false}]',
    );
    expect(run().before).not.toHaveProperty('positions');
  });

  it('is crashed when a fault ended it, whatever is said afterwards', () => {
    const first = run();
    first.end('crashed', 'x'.repeat(5000));
    first.end('stopped', '');
    expect(run().before).toMatchObject({ ended: 'crashed', detail: 'x'.repeat(1000) });
  });

  it('is killed when it never said anything', () => {
    run();
    expect(run().before).toMatchObject({ ended: 'killed', endedAt: null });
  });

  it.each(['', '{', '[]', 'null', '{"pid":1}', '{"pid":"1","version":"1","startedAt":"x","ended":null}'])(
    'is not known from a damaged record: %j',
    (text) => {
      writeFileSync(join(dir, 'run.json'), text);
      expect(run().before).toBeUndefined();
    },
  );

  it('costs nothing but the record where the directory is gone', () => {
    const first = run();
    rmSync(dir, { recursive: true });
    first.end('stopped', '');
    expect(run().before).toBeUndefined();
  });
});
