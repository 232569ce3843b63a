import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { StatusView } from '../../src/domain/status-views.ts';
import { BOOK_CAUSE, CAUSE, haltedStatus } from '../doubles/halted-status.ts';
import { MemoryJournal } from '../doubles/memory-journal.ts';
import { serveControl } from '../http/support.ts';
import { qkt } from './support.ts';

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { subject: string; check: string; verdict: string; figure: string }[];
}

async function served() {
  const journal = new MemoryJournal();
  const control = await serveControl({ journal });
  const strategy = control.daemon.strategies.get('ema-cross')!;
  const run = (...args: string[]) => qkt(['status', ...args, '--deep', '--state-dir', control.stateDir]);
  /** Exit code, and the verdict and figure of one check. */
  const look = async (check: string) => {
    const { code, stdout } = await run('ema-cross', '--json');
    const { ok, checks } = JSON.parse(stdout) as Report;
    expect(ok).toBe(code === 0);
    const { verdict, figure } = checks.find((one) => one.check === check)!;
    return { code, verdict, figure };
  };
  const show = (part: Partial<StatusView>): void => void (strategy.statusView = { ...strategy.statusView, ...part });
  return { ...control, strategy, journal, run, look, show };
}

const ORDER = {
  id: 'ema-cross-1-7',
  symbol: 'EURUSD',
  side: 'BUY',
  type: 'limit',
  role: 'entry',
  qty: dec(1),
  filledQty: dec(0),
  tif: 'GTC',
  status: 'unknown',
  createdAt: '2026-11-22T07:00:00.000Z',
} as const;

describe('qkt status --deep', () => {
  it('shows every check with its figure, and exits 0 when none fails', async () => {
    const { run } = await served();
    const { code, stdout } = await run();
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s{2,}/));
    expect(rows[0]).toEqual(['OF', 'CHECK', 'RESULT', 'FIGURE']);
    expect(rows.slice(1, -1).map(([of, check, verdict]) => [of, check, verdict])).toEqual([
      ['ema-cross', 'state', 'ok'],
      ['ema-cross', 'lease tickLoop', 'ok'],
      ['ema-cross', 'lease feed:EURUSD', 'ok'],
      ['ema-cross', 'halted', 'ok'],
      ['ema-cross', 'headroom', 'ok'],
      ['ema-cross', 'unknown orders', 'ok'],
      ['ema-cross', 'unprotected positions', 'ok'],
      ['ema-cross', 'data', 'ok'],
      ['ema-cross', 'gateway', 'ok'],
      ['ema-cross', 'last error', 'ok'],
      ['ema-cross', 'unknown figures', 'ok'],
      ['daemon', 'state', 'ok'],
      ['daemon', 'lease eventLoop', 'ok'],
      ['daemon', 'journal', 'ok'],
    ]);
    expect(rows.at(-1)).toEqual(['0 fail, 0 warn, 14 ok']);
  });

  it('fails over a halt by a rule, and warns of one by a person', async () => {
    const { look, strategy } = await served();
    strategy.statusView = haltedStatus(BOOK_CAUSE, CAUSE);
    expect(await look('halted')).toMatchObject({ code: 4, verdict: 'fail' });
    strategy.statusView = haltedStatus(BOOK_CAUSE);
    expect(await look('halted')).toEqual({
      code: 0,
      verdict: 'warn',
      figure: expect.stringContaining('manual: exchange trouble, since '),
    });
    strategy.statusView = haltedStatus({ ...BOOK_CAUSE, durable: false });
    expect((await look('halted')).verdict).toBe('fail');
  });

  it('warns above 80 % of a limit and where the use is unknown, and fails above all of it', async () => {
    const { look, show, strategy } = await served();
    const { riskState } = strategy.statusView;
    const verdictAt = async (used: string | null) => {
      const headroom = [{ ...riskState.headroom[0]!, limit: dec('0.05'), used: used === null ? null : dec(used) }];
      show({ riskState: { ...riskState, headroom } });
      return (await look('headroom')).verdict;
    };
    expect(await verdictAt('0.04')).toBe('ok');
    expect(await verdictAt('0.0400001')).toBe('warn');
    expect(await verdictAt('0.05')).toBe('warn');
    expect(await verdictAt('0.0500001')).toBe('fail');
    expect(await verdictAt(null)).toBe('warn');
  });

  it('fails over an order that is unknown at the venue', async () => {
    const { look, show } = await served();
    show({ orders: [ORDER] });
    expect(await look('unknown orders')).toEqual({ code: 4, verdict: 'fail', figure: '1 ema-cross-1-7' });
  });

  it('warns of a position without a stop, and fails when nothing runs that could close it', async () => {
    const { look, show, strategy } = await served();
    const { stopLoss: _, ...bare } = strategy.statusView.positions[0]!;
    show({ positions: [bare] });
    expect(await look('unprotected positions')).toEqual({ code: 0, verdict: 'warn', figure: '1 of 1: EURUSD 10000' });
    show({ state: 'stopped' });
    expect((await look('unprotected positions')).verdict).toBe('fail');
  });

  it('warns of a part of a position that no stop covers, as the summary says it', async () => {
    const { look, show, run, stateDir } = await served();
    const stop = { ...ORDER, side: 'SELL', type: 'stop', role: 'stopLoss', qty: dec(6000), status: 'working' } as const;
    show({ orders: [stop] });
    const figure = '1 of 1: EURUSD 4000 of 10000';
    expect(await look('unprotected positions')).toEqual({ code: 0, verdict: 'warn', figure });
    const { stdout } = await qkt(['status', 'ema-cross', '--state-dir', stateDir]);
    expect(stdout).toContain('stop 1.095, none for 4000');
    show({ orders: [stop, { ...stop, id: 'ema-cross-1-8.sl', qty: dec(4000) }] });
    expect((await look('unprotected positions')).verdict).toBe('ok');
    expect((await run('ema-cross')).code).toBe(0);
    // The author's own are stops as well; what would add to the position is none.
    const own = { ...stop, id: 'ema-cross-1-9', role: 'entry', qty: dec(4000) } as const;
    show({ orders: [stop, { ...own, side: 'BUY' }] });
    expect((await look('unprotected positions')).figure).toBe(figure);
    show({ orders: [stop, own] });
    expect((await look('unprotected positions')).verdict).toBe('ok');
  });

  it('fails over stale data, a broken lease, a gateway that is not ready, and a crash', async () => {
    const { look, show, strategy } = await served();
    show({ data: { lastTickAt: null, ageMs: null, stale: ['EURUSD'], droppedTicks: 3 } });
    expect(await look('data')).toMatchObject({ code: 4, figure: 'stale: EURUSD, no tick yet, 3 ticks dropped' });
    strategy.healthView = {
      ...strategy.healthView,
      ok: false,
      leases: [{ name: 'tickLoop', ageMs: 9000, limitMs: 1500, ok: false }],
    };
    expect(await look('lease tickLoop')).toMatchObject({ verdict: 'fail', figure: '9000 of 1500 ms' });
    show({ gateway: { name: 'paper', state: 'down', cause: null, failingLink: null } });
    expect(await look('gateway')).toMatchObject({ verdict: 'fail', figure: 'paper down' });
    show({ state: 'failed', lastError: { code: 'QKT_E_CALLBACK', message: 'x is not a function' } });
    expect(await look('last error')).toMatchObject({ verdict: 'fail', figure: 'x is not a function' });
    expect((await look('state')).verdict).toBe('fail');
  });

  it('says when the last error was, once its code runs again', async () => {
    const { look, strategy } = await served();
    const error = { code: 'QKT_E_UNRESPONSIVE', message: 'spinning: no answer for 1500 ms' };
    const ts = new Date(Date.now() - 3_600_000).toISOString();
    const loss = { ts, cause: 'spinning', detail: error.message, error, restartedAt: ts } as const;
    strategy.statusView = { ...strategy.statusView, losses: [loss], lastError: error };
    expect(await look('last error')).toMatchObject({
      verdict: 'warn',
      figure: expect.stringMatching(/^1h.* ago: spinning: no answer for 1500 ms$/) as string,
    });
  });

  it('takes a closed market for what it is', async () => {
    const { look, strategy } = await served();
    strategy.healthView = {
      ...strategy.healthView,
      leases: [{ name: 'feed:EURUSD', ageMs: 99_000, limitMs: 10_000, ok: false, inSession: false }],
    };
    expect(await look('lease feed:EURUSD')).toMatchObject({ verdict: 'ok', figure: 'suspended: out of session' });
  });

  it("fails over a broken chain of operators' acts", async () => {
    const { look, journal } = await served();
    journal.check = { ok: false, records: 1, firstBad: 2 };
    expect(await look('journal')).toMatchObject({ code: 4, verdict: 'fail' });
  });

  it('exits 1 for a name that does not exist', async () => {
    const { run } = await served();
    expect((await run('ema-cros')).code).toBe(1);
  });
});
