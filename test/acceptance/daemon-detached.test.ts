/** `qkt daemon start --detach`, and a daemon whose terminal goes away. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { QKT } from '../cli/support.ts';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';

/** The session of a process, of proc(5). */
const sessionOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[3]);

it('has a session of its own, says how it is reached and stopped, and takes SIGHUP for a reload', async () => {
  const daemon = new HostedDaemon();
  const { code, stdout, stderr } = await daemon.qkt('daemon', 'start', '--detach', '--config', daemon.config);
  expect(code, stderr).toBe(0);
  const pid = Number(/process (\d+)/.exec(stdout)![1]);
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has been stopped.
    }
  });
  expect(stderr).toMatch(/it answers at http:\/\/127\.0\.0\.1:\d+\/daemon\/health/);
  expect(stderr).toContain(`qkt daemon stop --state-dir ${daemon.state}`);
  if (process.platform === 'linux') expect(sessionOf(pid)).toBe(pid);

  const second = await daemon.qkt('daemon', 'start', '--detach', '--config', daemon.config);
  expect([second.code, second.stdout]).toEqual([1, '']);
  expect(second.stderr).toContain(`in use by process ${pid}`);
  expect(second.stderr).toMatch(/did not start: process \d+ ended with exit code 1/);

  process.kill(pid, 'SIGHUP');
  await daemon.logged(/reload done .*by=signal:SIGHUP/);
  const stopped = await daemon.qkt('daemon', 'stop', '--yes', '--json');
  expect(JSON.parse(stopped.stdout)).toEqual({ pid, stopped: true, inOrder: true, positions: [] });
});

it('comes back with the words and the exit code of a daemon that does not start', async () => {
  const daemon = new HostedDaemon('logging: { level: loud }');
  const { code, stdout, stderr } = await daemon.qkt('daemon', 'start', '--detach', '--config', daemon.config);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`${daemon.config}:2:19`);
  expect(stderr).toMatch(/did not start: process \d+ ended with exit code 2; what it said is in .*daemon\.out/);
});

const IN_A_TERMINAL = `
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said = b''
while b'daemon running' not in said:
    said += os.read(master, 4096)
os.close(master)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

it.skipIf(spawnSync('python3', ['-c', 'import pty']).status !== 0)(
  'ends in order with the terminal that it runs in (skipped without python3)',
  async () => {
    const daemon = new HostedDaemon();
    const args = [process.execPath, QKT, 'daemon', 'start', '--config', daemon.config, '--state-dir', daemon.state];
    const terminal = spawn('python3', ['-c', IN_A_TERMINAL, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void terminal.kill('SIGKILL'));
    let said = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await poll('the end', () => (said === '' ? undefined : true), 30_000);
    expect(said.trim()).toBe('0');
    expect(JSON.parse(readFileSync(join(daemon.state, 'run.json'), 'utf8'))).toMatchObject({ ended: 'stopped' });
  },
);
