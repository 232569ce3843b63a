import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { QktError } from '../../src/errors.ts';
import { GATEWAY, ScriptedDaemon } from '../doubles/daemon-port.ts';
import { call, serveControl } from '../http/support.ts';
import { qkt, startQkt } from './support.ts';

/** A daemon's control plane over doubles, and `qkt` on its state directory. */
async function served() {
  const control = await serveControl();
  const run = (...args: string[]) => qkt([...args, '--state-dir', control.stateDir]);
  return { ...control, strategy: control.daemon.strategies.get('ema-cross')!, run };
}

describe('a verb with --json', () => {
  it.each([
    ['list', '/daemon/list'],
    ['machine ema-cross', '/daemon/strategies/ema-cross/machine'],
  ])('prints the very bytes of the daemon: %s', async (verb, path) => {
    const { run, port } = await served();
    const { code, stdout } = await run(...verb.split(' '), '--json');
    expect(code).toBe(0);
    expect(stdout).toBe(`${(await call(port, path)).text}\n`);
  });

  it('keeps figures that no binary float can hold', async () => {
    const { run, strategy } = await served();
    strategy.statusView = { ...strategy.statusView, equity: dec('12345678901234567890.123456789') };
    const { stdout } = await run('status', 'ema-cross', '--json');
    expect(stdout).toContain('"equity":12345678901234567890.123456789,');
    expect((await run('status', 'ema-cross')).stdout).toContain('equity 12345678901234567890.123456789 USD');
  });

  it('says on stderr, as a problem document, what went wrong', async () => {
    const { run } = await served();
    const { code, stdout, stderr } = await run('status', 'ema-cros', '--json');
    expect([code, stdout]).toEqual([1, '']);
    expect(JSON.parse(stderr)).toMatchObject({
      status: 404,
      code: 'QKT_E_UNKNOWN_STRATEGY',
      candidates: ['ema-cross'],
    });
  });
});

describe('qkt list', () => {
  it('has the columns of the contract, plain when it is piped', async () => {
    const { run } = await served();
    const { stdout } = await run('list');
    const [titles, row] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s{2,}/));
    expect(titles!.join(' ')).toBe('NAME STATE HALTED HEALTH PORT UPTIME EQUITY UNREALIZED REALIZED TRADES');
    expect(row).toEqual(['ema-cross', 'trading', '-', 'ok', '47000', '5s', '9997.6', '-2.4', 'unknown', '1']);
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/\u001b/);
  });

  it('shows no health and no uptime of one that was stopped in order', async () => {
    const { run, strategy, daemon, port } = await served();
    strategy.statusView = { ...strategy.statusView, state: 'stopped' };
    daemon.list = () =>
      ScriptedDaemon.prototype.list.call(daemon).map((row) => ({ ...row, uptimeMs: 0, health: 'unhealthy' }));
    expect((await run('list')).stdout).toMatch(/ema-cross +stopped +- +- +47000 +- +9997\.6/);
    expect((await call(port, '/daemon/list')).text).toContain('"health":"unhealthy"');
  });
});

describe('qkt status', () => {
  it('sums a strategy up for a person', async () => {
    const { run } = await served();
    const { code, stdout } = await run('status', 'ema-cross');
    expect(code).toBe(0);
    expect(stdout).toContain('ema-cross (ema-cross version 1) is trading, up 13m 32s');
    expect(stdout).toContain('equity 9997.6 USD, balance 10000, realized 0, unrealized -2.4');
    expect(stdout).toContain('EURUSD 10000 @ 1.0973, mark 1.09706, unrealized -2.4 USD, stop 1.095');
    expect(stdout).toContain('MAX_POSITION blocked 1');
  });

  it('says of one that trades what keeps its signals from becoming orders', async () => {
    const { run, strategy } = await served();
    const { leases } = strategy.healthView;
    strategy.healthView = {
      ...strategy.healthView,
      leases: [
        ...leases,
        { name: 'feed:XAUUSD', ageMs: 90_000, limitMs: 10_000, ok: false, inSession: false },
        { name: 'journal', ageMs: 156, limitMs: 5000, ok: false, reason: 'ENOSPC: no space left on device' },
        { name: 'inbox', ageMs: 6100, limitMs: 5000, ok: false },
      ],
    };
    expect((await run('status', 'ema-cross')).stdout).toContain(
      [
        'NOT READY   it trades, but a signal now would not become an order',
        '            journal: ENOSPC: no space left on device',
        '            inbox: 6.1s, the limit is 5s',
        'money ',
      ].join('\n'),
    );
  });

  it('says of one that has failed why, how its code was lost, and how it runs again', async () => {
    const { run, strategy } = await served();
    strategy.statusView = {
      ...strategy.statusView,
      state: 'failed',
      latched: 'its code was lost 2 times within 10 min: 1 restart is allowed',
      losses: [
        {
          ts: '2026-11-22T07:20:00.000Z',
          cause: 'threw',
          detail: 'a.ts:7:3: boom',
          restartedAt: '2026-11-22T07:20:01.000Z',
        },
        { ts: '2026-11-22T07:21:00.000Z', cause: 'spinning', detail: 'spinning: no turn finished', restartedAt: null },
      ],
    };
    const { stdout } = await run('status', 'ema-cross');
    expect(stdout).toContain('FAILED      its code was lost 2 times within 10 min: 1 restart is allowed\n');
    expect(stdout).toContain('to run it again: qkt start ema-cross\n');
    expect(stdout).toMatch(/code lost {3}.+ ago: threw: a\.ts:7:3: boom, started again\n/);
    expect(stdout).toMatch(/ {12}.+ ago: spinning: no turn finished, not started again\n/);
  });

  it('shows what is unknown as unknown and never as zero', async () => {
    const { run, strategy } = await served();
    strategy.statusView = { ...strategy.statusView, equity: null, unknown: ['equity'] };
    expect((await run('status', 'ema-cross')).stdout).toContain('equity unknown USD');
  });

  it('says when the last error was', async () => {
    const { run, strategy } = await served();
    const lastError = { code: 'QKT_E_CALLBACK', message: 'x is not a function', file: 'a.ts', line: 3, column: 5 };
    const ts = new Date(Date.now() - 120_000).toISOString();
    const loss = { ts, cause: 'threw', detail: lastError.message, error: lastError, restartedAt: ts } as const;
    strategy.statusView = { ...strategy.statusView, lastError, losses: [loss] };
    expect((await run('status', 'ema-cross')).stdout).toMatch(/last error +2m .*ago: a\.ts:3:5: x is not a function/);
  });

  it('makes text from elsewhere harmless', async () => {
    const { run, strategy } = await served();
    const lastError = { code: 'X', message: '\u001b[2Jgone\nnew line \u202e' };
    strategy.statusView = { ...strategy.statusView, lastError };
    const { stdout } = await run('status', 'ema-cross');
    expect(stdout).toContain('\\u001b[2Jgone\\u000anew line \\u202e');
  });

  it('without a name is about the daemon and all strategies', async () => {
    const { run } = await served();
    const { stdout } = await run('status');
    expect(stdout).toContain(`daemon 0.1.0 is running: process ${process.pid}, up 5s`);
    expect(stdout).toContain('ema-cross');
  });
});

describe('what keeps entries out', () => {
  it.each(['list', 'status'])('is told under the table of %s', async (verb) => {
    const { run, daemon } = await served();
    const journal = { name: 'journal', ageMs: 156, limitMs: 5000, ok: false, reason: 'ENOSPC: no space left' };
    daemon.healthView = { ...daemon.healthView, ok: false, broken: ['journal'], leases: [journal] };
    daemon.gatewayViews = [GATEWAY, { ...GATEWAY, name: 'exness', state: 'down', cause: 'IPC timeout' }];
    const { code, stderr } = await run(verb);
    expect([code, stderr]).toEqual([
      0,
      'The daemon is not healthy: journal: ENOSPC: no space left; entries are closed meanwhile\n' +
        'Gateway exness is down: IPC timeout; no entry passes to it meanwhile\n',
    ]);
  });
});

describe('qkt health', () => {
  it('says of a broken lease why, where more is known than its age', async () => {
    const { run, strategy } = await served();
    const gateway = {
      name: 'gateway:exness',
      ageMs: 10_847,
      limitMs: 15_000,
      ok: false,
      reason: 'it is down: IPC timeout',
    };
    strategy.healthView = { ...strategy.healthView, leases: [gateway] };
    expect((await run('health', 'ema-cross')).stdout).toMatch(
      /gateway:exness +broken +10s +15s +it is down: IPC timeout/,
    );
    const { stdout } = await run('status', 'ema-cross', '--deep');
    expect(stdout).toMatch(/lease gateway:exness +fail +10847 of 15000 ms: it is down: IPC timeout/);
  });

  it('exits 0 and shows the leases', async () => {
    const { run } = await served();
    const { code, stdout } = await run('health', 'ema-cross');
    expect(code).toBe(0);
    expect(stdout).toMatch(/tickLoop +ok +120 ms +1\.5s/);
  });

  it('exits 4 when a lease is broken, with the answer on stdout all the same', async () => {
    const { run, strategy, daemon } = await served();
    strategy.healthView = { ...strategy.healthView, ok: false, broken: ['tickLoop'] };
    daemon.healthView = { ...daemon.healthView, ok: false, broken: ['journal'] };
    const one = await run('health', 'ema-cross', '--json');
    expect([one.code, (JSON.parse(one.stdout) as { broken: string[] }).broken]).toEqual([4, ['tickLoop']]);
    const all = await run('health');
    expect([all.code, all.stdout.split('\n')[0]]).toEqual([
      4,
      'daemon is not healthy: running, up 5s, broken: journal',
    ]);
    expect((await run('daemon', 'status')).code).toBe(4);
  });
});

describe('qkt deploy', () => {
  it('prints QKT_PORT alone on a line of stdout', async () => {
    const { run, daemon } = await served();
    const { code, stdout, stderr } = await run(
      'deploy',
      'a.ts',
      '--as',
      'mine',
      '--param',
      'fast=5',
      '--param',
      'q=a=b',
    );
    expect([code, stdout]).toEqual([0, 'QKT_PORT=47001\n']);
    expect(stderr).toContain('mine is warming');
    const file = resolve((await import('node:os')).tmpdir(), 'a.ts');
    expect(daemon.commands[0]).toMatchObject({ file, name: 'mine', params: { fast: '5', q: 'a=b' }, by: 'owner' });
  });

  it('prints the object instead with --json', async () => {
    const { run } = await served();
    const { stdout } = await run('deploy', 'a.ts', '--json');
    expect(JSON.parse(stdout)).toEqual({ name: 'ema-cross', port: 47_001, state: 'warming', version: 1 });
  });

  it('gives file, line, column and reason of a strategy that does not load, and exits 1', async () => {
    const { run, daemon } = await served();
    const location = { file: '/s/a.ts', line: 3, column: 7 };
    daemon.onDeploy = () => Promise.reject(new QktError('QKT_E_STRATEGY_SYNTAX', 'Unexpected "}"', { location }));
    const { code, stdout, stderr } = await run('deploy', 'a.ts');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('/s/a.ts:3:7: Unexpected "}"');
  });

  it('exits 2 on a parameter that the strategy does not take', async () => {
    const { run, daemon } = await served();
    daemon.onDeploy = () =>
      Promise.reject(new QktError('QKT_E_PARAM', 'there is no parameter fats', { candidates: ['fast'] }));
    const { code, stderr } = await run('deploy', 'a.ts', '--param', 'fats=1');
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean: fast');
  });
});

describe('qkt stop', () => {
  it('says the outcome in words and figures', async () => {
    const { run, strategy } = await served();
    const { code, stdout } = await run('stop', 'ema-cross', '--flatten', '--timeout', '7');
    expect([code, stdout]).toEqual([0, 'ema-cross is stopped: flat, verified, 2 orders cancelled, took 41 ms\n']);
    expect(strategy.stops[0]).toMatchObject({ flatten: true, timeoutMs: 7000, by: 'owner' });
  });

  it('names each position that stays open, and each without a stop', async () => {
    const { run, strategy } = await served();
    strategy.onStop = () =>
      Promise.resolve({
        state: 'stopped',
        flattened: false,
        openPositions: 1,
        cancelled: 0,
        tookMs: 1200,
        positions: [{ symbol: 'EURUSD', qty: dec('10000'), stopLoss: null }],
        unprotected: ['EURUSD'],
        verified: true,
      });
    const { stdout } = await run('stop', 'ema-cross');
    expect(stdout.split('\n')).toEqual([
      'ema-cross is stopped: 1 open position, 0 orders cancelled, took 1s',
      '  EURUSD 10000 stays open',
      '  EURUSD has no stop',
      '',
    ]);
  });

  it('exits 5 when the outcome could not be verified in time', async () => {
    const { run, strategy } = await served();
    strategy.onStop = () =>
      Promise.resolve({
        state: 'flattening',
        flattened: false,
        openPositions: 1,
        cancelled: 0,
        tookMs: 1,
        verified: false,
      });
    const { code, stderr } = await run('stop', 'ema-cross', '--flatten');
    expect(code).toBe(5);
    expect(stderr).toContain('stop again with a longer timeout');
  });
});

describe('qkt start, restart, remove', () => {
  it('say what the strategy is now', async () => {
    const { run, daemon } = await served();
    expect((await run('start', 'ema-cross')).stdout).toBe('ema-cross is trading on port 47000\n');
    expect((await run('restart', 'ema-cross')).code).toBe(0);
    expect((await run('remove', 'ema-cross')).stdout).toBe('ema-cross is removed; its log is kept\n');
    expect(daemon.commands.map(({ command }) => command)).toEqual(['start', 'restart', 'remove']);
  });

  it('exit 1 with what is possible when the state says no', async () => {
    const { run, daemon } = await served();
    daemon.onRemove = () =>
      Promise.reject(new QktError('QKT_E_STATE', 'ema-cross is trading', { allowed: ['STOP', 'HALT'] }));
    const { code, stderr } = await run('remove', 'ema-cross');
    expect(code).toBe(1);
    expect(stderr).toContain('Possible now: STOP, HALT');
  });
});

describe('qkt events', () => {
  it('passes lines through with --json, and tells them in words without', async () => {
    const { run, strategy } = await served();
    strategy.events.say('warm now');
    strategy.events.tick(1.1);
    const json = await run('events', 'ema-cross', '--json');
    expect(
      json.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toEqual(['lifecycle', 'tick']);
    const words = await run('events', 'ema-cross', '--types', 'lifecycle');
    expect(words.stdout).toBe(
      '2026-11-22T07:00:00.001Z #1 lifecycle ema-cross from=warming to=trading cause=test detail="warm now"\n',
    );
  });

  it('answers at once when there is nothing after --since', async () => {
    const { run, strategy } = await served();
    strategy.events.say('a');
    expect(await run('events', 'ema-cross', '--since', '1')).toMatchObject({ code: 0, stdout: '' });
  });

  it('goes on with -f until it is interrupted, and says when the daemon has ended the stream', async () => {
    const { stateDir, strategy, close } = await served();
    strategy.events.say('first');
    const child = startQkt(['events', 'ema-cross', '-f', '--json', '--state-dir', stateDir]);
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    expect(first.toString()).toContain('first');
    const next = once(child.stdout, 'data');
    strategy.events.say('second');
    expect(((await next) as [Buffer])[0].toString()).toContain('second');
    const said = once(child.stderr, 'data');
    await close();
    expect(String((await said)[0])).toContain('waiting for it to come back');
    const ended = once(child, 'close');
    child.kill('SIGINT');
    await ended;
  });

  it('names a type that does not exist and exits 2', async () => {
    const { run } = await served();
    const { code, stderr } = await run('events', '--types', 'fil');
    expect(code).toBe(2);
    expect(stderr).toContain('fill');
  });
});

describe('qkt logs', () => {
  it('prints the tail as it is, and asks for what the flags say', async () => {
    const { run, strategy } = await served();
    strategy.logs.write('2026-11-22T07:28:33.123Z INFO  strategy=ema-cross one');
    const { stdout } = await run(
      'logs',
      'ema-cross',
      '--lines',
      '5',
      '--level',
      'warn',
      '--since',
      '2026-11-22T07:00:00Z',
    );
    expect(stdout).toBe('2026-11-22T07:28:33.123Z INFO  strategy=ema-cross one\n');
    expect(strategy.logs.queries[0]).toMatchObject({
      lines: 5,
      level: 'warn',
      since: Date.parse('2026-11-22T07:00:00Z'),
    });
  });
});

describe('qkt machine', () => {
  it('tells the state, what is possible and how it came there', async () => {
    const { run } = await served();
    const { stdout } = await run('machine', 'ema-cross');
    expect(stdout).toContain('possible now: HALT, STOP');
    expect(stdout).toMatch(/WARM +warming +trading/);
    expect((await run('machine', 'ema-cross', '--mermaid')).stdout).toBe('stateDiagram-v2\n  [*] --> trading\n');
  });
});

describe('qkt daemon stop', () => {
  it('exits 5 when the process is still there after the timeout', async () => {
    const { run, daemon } = await served();
    const { code, stderr } = await run('daemon', 'stop', '--timeout', '1');
    expect(code).toBe(5);
    expect(stderr).toContain(`process ${process.pid} still runs`);
    expect(daemon.commands).toEqual([{ command: 'shutdown', by: 'owner' }]);
  });
});
