import { describe, expect, it } from 'vitest';
import { serveControl } from '../http/support.ts';
import { qkt } from './support.ts';

async function why(...args: string[]) {
  const { stateDir } = await serveControl();
  return qkt(['why', ...args, '--state-dir', stateDir]);
}

describe('qkt why', () => {
  it('says what an entry would come to now, and what every evaluation came to, with the last example', async () => {
    const { code, stdout } = await why('ema-cross');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('ema-cross is trading.');
    expect(lines[2]).toBe('BUY EURUSD    be denied MAX_POSITION  position would be 20000, over the cap of 15000');
    expect(lines[3]).toBe('812 evaluations: 808 without a signal, 4 signals (3 orders sent, 1 blocked).');
    const rows = lines.slice(4, -1).map((line) => line.split(/\s{2,}/));
    expect(rows.map((row) => [row[0], row.at(-1)])).toEqual([
      ['OUTCOME', 'STOPPED BECAUSE'],
      ['no signal', 'bar'],
      ['order sent', 'BUY 10000 EURUSD market (ema-cross-1-3)'],
      ['MAX_POSITION', 'position would be 20000, over the cap of 15000'],
    ]);
    expect(lines.at(-1)).toBe('Rejected by the venue after they were sent: VOLUME 2.');
  });

  it("gives the daemon's own answer with --json", async () => {
    const { stdout } = await why('ema-cross', '--json');
    const view = JSON.parse(stdout) as { readonly now: unknown; readonly outcomes: readonly { outcome: string }[] };
    expect(view.now).toEqual([
      {
        symbol: 'EURUSD',
        side: 'BUY',
        passes: false,
        code: 'MAX_POSITION',
        reason: 'position would be 20000, over the cap of 15000',
        measured: 20_000,
        limit: 15_000,
      },
    ]);
    expect(view.outcomes.map(({ outcome }) => outcome)).toEqual(['noSignal', 'order', 'MAX_POSITION']);
  });
});
