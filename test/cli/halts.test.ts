import { describe, expect, it } from 'vitest';
import { DaemonClient } from '../../src/cli/client.ts';
import { describeExposure } from '../../src/cli/exposure.ts';
import { dec } from '../../src/domain/decimal.ts';
import { QktError } from '../../src/errors.ts';
import { BOOK_CAUSE, CAUSE, HEADROOM, haltedStatus } from '../doubles/halted-status.ts';
import { HALTED, PREVIEW, RESUMED, STOPPED } from '../doubles/strategy-port.ts';
import { serveControl } from '../http/support.ts';
import { qkt } from './support.ts';

async function served() {
  const control = await serveControl();
  const run = (...args: string[]) => qkt([...args, '--state-dir', control.stateDir]);
  return { ...control, strategy: control.daemon.strategies.get('ema-cross')!, run };
}

const WOULD_TRIP = {
  ...PREVIEW,
  wouldResume: false,
  wouldTrip: [{ rule: 'maxDrawdown', measured: dec('0.0521'), limit: dec('0.05') }],
  headroom: [HEADROOM],
};

describe('a halted strategy', () => {
  it('tells in status why, measured against the limit, since when, by whom, what is blocked and how to resume', async () => {
    const { run, strategy } = await served();
    strategy.statusView = haltedStatus(CAUSE, BOOK_CAUSE);
    const { stdout } = await run('status', 'ema-cross');
    const lines = stdout.split('\n').map((line) => line.slice(12));
    const from = lines.findIndex((line) => line.startsWith('maxDrawdown'));
    expect(lines.slice(from, from + 9)).toEqual([
      'maxDrawdown: drawdown 0.0521 over 0.05',
      '  measured 0.0521, limit 0.05, basis peak: (peak − equity) / peak > limit',
      '  with peak 10500, equity 9952.95',
      expect.stringMatching(
        /^ {2}since 2026-11-22T07:20:00.000Z \(.+\), by its rule, brought back by a start of the daemon$/,
      ),
      'manual, of the whole book: exchange trouble',
      expect.stringMatching(/^ {2}since .*, by night-shift$/),
      'blocked: every order that adds exposure; stops and targets stay, reducing orders pass',
      'to resume: qkt resume ema-cross --reason "…" (--dry-run tells what it would come to)',
      'to lift the halt of the book: qkt resume --all --reason "…"',
    ]);
    expect(stdout).toContain('maxDailyLoss (equity): 425.5 of 500 used (85 %), 74.5 USD left, the limit in 1m 30s');
  });

  it('and what waits in a stack, which a halt cancels, is told before', async () => {
    const { run, strategy, stateDir } = await served();
    const layer = { stackId: 's-1', symbol: 'XAUUSD', side: 'BUY', qty: dec('0.1'), expiresAt: null } as const;
    strategy.statusView = {
      ...strategy.statusView,
      pendingStackLayers: [
        { ...layer, layer: 1, triggerPrice: dec('2031.5') },
        { ...layer, layer: 2, triggerPrice: null },
      ],
    };
    const [stake] = await describeExposure(new DaemonClient(stateDir), 'ema-cross');
    expect(stake).toMatch(/1 open position, \d working orders?, 2 waiting stack layers\.$/);
    const { stdout } = await run('status', 'ema-cross');
    expect(stdout).toContain('s-1 layer 1: BUY 0.1 XAUUSD at 2031.5\n');
    expect(stdout).toContain('s-1 layer 2: BUY 0.1 XAUUSD once layer 1 has filled\n');
  });

  it('that does not run is to be started first', async () => {
    const { run, strategy } = await served();
    strategy.statusView = { ...haltedStatus(), state: 'stopped' };
    const { stdout } = await run('status', 'ema-cross');
    expect(stdout).toContain('to resume: qkt start ema-cross, then qkt resume ema-cross --reason "…"');
  });

  it('is explained beside the table of list and status, which stays a table', async () => {
    const { run, strategy } = await served();
    strategy.statusView = haltedStatus();
    for (const verb of ['list', 'status']) {
      const { stdout, stderr } = await run(verb);
      expect(stdout).toMatch(/ema-cross +halted +halted/);
      expect(stdout).not.toContain('maxDrawdown');
      expect(stderr).toContain(
        'ema-cross is halted: maxDrawdown: drawdown 0.0521 over 0.05 (measured 0.0521, limit 0.05',
      );
      expect(stderr).toContain('qkt resume ema-cross --reason');
    }
    expect((await run('list', '--json')).stderr).toBe('');
  });

  it('names the rule once where the reason begins with it', async () => {
    const { run, strategy } = await served();
    const told = 'maxDrawdown: (peak − equity) / peak = 0.0521';
    strategy.statusView = haltedStatus({ ...CAUSE, reason: told });
    expect((await run('status', 'ema-cross')).stdout).toContain(`HALTED      ${told}\n`);
    expect((await run('list')).stderr).toContain(`ema-cross is halted: ${told} (`);
  });

  it('shows a reason harmlessly, whatever it holds', async () => {
    const { run, strategy } = await served();
    strategy.statusView = haltedStatus({ ...CAUSE, reason: '\u001b[2Jgone\u202e' });
    expect((await run('status', 'ema-cross')).stdout).toContain('\\u001b[2Jgone\\u202e');
    expect((await run('list')).stderr).toContain('\\u001b[2Jgone\\u202e');
  });
});

describe('qkt halt', () => {
  it('says what it came to, and what would not cancel', async () => {
    const { run, strategy } = await served();
    const { code, stdout } = await run('halt', 'ema-cross', '--reason', 'news at 14:30');
    expect([code, stdout]).toEqual([0, 'ema-cross is halted: 1 working entry cancelled\n']);
    expect(strategy.halts).toEqual([{ reason: 'news at 14:30', by: 'owner' }]);
    strategy.onHalt = () =>
      Promise.resolve({
        ...HALTED,
        state: 'stopped',
        cancelled: 0,
        left: ['order ema-cross-1-7 is still working'],
        durable: false,
      });
    expect((await run('halt', 'ema-cross', '--reason', 'r')).stdout.split('\n')).toEqual([
      'ema-cross is halted, and stopped: 0 working entries cancelled',
      '  would not cancel: order ema-cross-1-7 is still working',
      '  the halt is NOT on disk: the journal cannot be written, and a restart would forget it',
      '',
    ]);
  });

  it('without a name, or with --all, is for every strategy', async () => {
    const { run, daemon } = await served();
    for (const all of [[], ['--all']]) {
      const { stdout } = await run('halt', ...all, '--reason', 'outage');
      expect(stdout).toBe('ema-cross is halted: 1 working entry cancelled\n');
    }
    const halted = { command: 'halt', reason: 'outage', by: 'owner' };
    expect(daemon.commands).toEqual([halted, halted]);
  });

  it.each([[['halt', 'ema-cross']], [['halt', 'ema-cross', '--all', '--reason', 'r']], [['halt', '--reason', '']]])(
    'is wrong usage as %j',
    async (args) => {
      const { run, strategy, daemon } = await served();
      expect((await run(...args)).code).toBe(2);
      expect([strategy.halts, daemon.commands]).toEqual([[], []]);
    },
  );
});

describe('qkt resume', () => {
  it('says what it lifted and what headroom is left', async () => {
    const { run, strategy } = await served();
    strategy.onResume = () => Promise.resolve({ ...RESUMED, lifted: [CAUSE], headroom: [HEADROOM] });
    const { code, stdout } = await run('resume', 'ema-cross', '--reason', 'mended', '--rebase', 'peak');
    expect([code, stdout.split('\n')]).toEqual([
      0,
      [
        'ema-cross is trading: 1 halt lifted',
        '  maxDailyLoss (equity): 425.5 of 500 used (85 %), 74.5 left, the limit in 1m 30s at this pace',
        '',
      ],
    ]);
    expect(strategy.resumes).toEqual([{ reason: 'mended', rebase: 'peak', by: 'owner' }]);
  });

  it('with --dry-run tells what it would come to, changes nothing, and exits 1 when it would not resume', async () => {
    const { run, strategy } = await served();
    expect(await run('resume', 'ema-cross', '--dry-run')).toMatchObject({
      code: 0,
      stdout: 'ema-cross would resume.\n',
    });
    strategy.preview = { ...WOULD_TRIP, remains: [BOOK_CAUSE] };
    const { code, stdout } = await run('resume', 'ema-cross', '--dry-run', '--rebase', 'day');
    expect([code, stdout.split('\n').slice(0, 3)]).toEqual([
      1,
      [
        'ema-cross would NOT resume, with the reference of the day taken anew.',
        '  maxDrawdown would halt it again at once: measured 0.0521, limit 0.05',
        '  a halt of the book stays in force: manual: exchange trouble',
      ],
    ]);
    expect(strategy.resumes).toEqual([]);
  });

  it('with --dry-run says of one that is not halted that it is not', async () => {
    const { run, strategy } = await served();
    strategy.preview = { ...PREVIEW, wouldResume: false };
    expect((await run('resume', 'ema-cross', '--dry-run')).stdout).toContain('no halt is in force: it is trading');
  });

  it.each([
    ['failed', 'it is failed, and its halt can be lifted only while it runs: qkt start ema-cross, then qkt resume'],
    ['stopped', 'it is stopped, and its halt can be lifted only while it runs: qkt start ema-cross, then qkt resume'],
    ['unresponsive', 'it is unresponsive: a halt can be lifted only in the state halted'],
  ] as const)('with --dry-run says of a halted one that is %s when its halt can be lifted', async (state, words) => {
    const { run, strategy } = await served();
    strategy.preview = { ...PREVIEW, wouldResume: false };
    strategy.statusView = { ...haltedStatus(), state };
    const { code, stdout } = await run('resume', 'ema-cross', '--dry-run');
    expect([code, stdout]).toEqual([1, expect.stringContaining(words) as string]);
    expect(stdout).not.toContain('nothing would trip');
  });

  it('refused because it would halt again says so in figures, and exits 1', async () => {
    const { run, strategy } = await served();
    strategy.onResume = () =>
      Promise.reject(new QktError('QKT_E_WOULD_TRIP', 'maxDrawdown would trip', { members: { preview: WOULD_TRIP } }));
    const { code, stdout, stderr } = await run('resume', 'ema-cross', '--reason', 'r');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('measured 0.0521, limit 0.05');
    expect(stderr).toContain('qkt: maxDrawdown would trip');
    const json = await run('resume', 'ema-cross', '--reason', 'r', '--json');
    expect(JSON.parse(json.stderr)).toMatchObject({ code: 'QKT_E_WOULD_TRIP', preview: { wouldResume: false } });
  });

  it('with --all and --dry-run tells what lifting the halts of the book would come to', async () => {
    const { run, daemon } = await served();
    daemon.preview = { ...WOULD_TRIP, remains: [CAUSE] };
    const { code, stdout } = await run('resume', '--all', '--dry-run', '--rebase', 'peak');
    expect([code, stdout.split('\n').slice(0, 3)]).toEqual([
      1,
      [
        'the book would NOT resume, with the reference of the peak taken anew.',
        '  maxDrawdown would halt it again at once: measured 0.0521, limit 0.05',
        expect.stringContaining("a strategy's own halt stays in force: "),
      ],
    ]);
    expect(daemon.commands).toEqual([]);
  });

  it('with --all lifts the halts of the book', async () => {
    const { run, daemon } = await served();
    expect((await run('resume', '--all', '--reason', 'over')).stdout).toBe('ema-cross is trading: 0 halts lifted\n');
    expect(daemon.commands).toEqual([{ command: 'resume', reason: 'over', rebase: 'none', by: 'owner' }]);
  });

  it.each([
    [['resume', 'ema-cross']],
    [['resume', '--reason', 'r']],
    [['resume', 'ema-cross', '--reason', 'r', '--rebase', 'week']],
  ])('is wrong usage as %j', async (args) => {
    const { run, strategy, daemon } = await served();
    expect((await run(...args)).code).toBe(2);
    expect([strategy.resumes, daemon.commands]).toEqual([[], []]);
  });
});

describe('qkt kill', () => {
  it('of one strategy is a stop that flattens', async () => {
    const { run, strategy } = await served();
    const { code, stdout } = await run('kill', 'ema-cross', '--timeout', '7');
    expect([code, stdout]).toEqual([0, 'ema-cross is stopped: flat, verified, 2 orders cancelled, took 41 ms\n']);
    expect(strategy.stops).toEqual([{ flatten: true, timeoutMs: 7000, by: 'owner' }]);
  });

  it('without a name is for all, and exits 5 with what is left when one is not verified', async () => {
    const { run, daemon } = await served();
    expect((await run('kill', '--yes')).stdout).toContain('ema-cross is stopped: flat, verified');
    const left = { ...STOPPED, flattened: false, openPositions: 1, verified: false, left: ['EURUSD 10000'] };
    daemon.onKill = () => Promise.resolve({ good: STOPPED, bad: left });
    const { code, stdout, stderr } = await run('kill');
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain('good is stopped: flat, verified');
    expect(stderr).toContain('bad is stopped: 1 open position, 2 orders cancelled');
    expect(stderr).toContain('  NOT verified in time\n  left: EURUSD 10000');
  });

  it('of nothing says so', async () => {
    const { run, daemon } = await served();
    daemon.onKill = () => Promise.resolve({});
    expect(await run('kill')).toMatchObject({ code: 0, stdout: 'no strategy is deployed: nothing was killed\n' });
  });
});
