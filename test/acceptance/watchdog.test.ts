/** `qkt watchdog` as a process of its own, through what a daemon may do. */
import { createServer } from 'node:net';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { canNotify, NotifyReceiver } from '../doubles/notify-receiver.ts';
import { startQkt } from '../cli/support.ts';

type Line = Readonly<Record<string, unknown>>;

function watchdog(state: string, env: NodeJS.ProcessEnv = {}) {
  const child = startQkt(['watchdog', '--for', '1', '--json', '--state-dir', state], { env });
  const lines: Line[] = [];
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = `${text}${chunk}`.split('\n');
    text = parts.pop()!;
    lines.push(...parts.map((part) => JSON.parse(part) as Line));
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  return {
    child,
    ended,
    /** The line of that place, once it is there. */
    line: (n: number) => poll(`line ${n} of the watchdog`, () => lines[n], 30_000),
  };
}

it('tells that a daemon is away and that it is back, whatever becomes of its directory and its port', async () => {
  const daemon = new HostedDaemon();
  const { line, child, ended } = watchdog(daemon.state);
  expect(await line(0)).toMatchObject({ event: 'watching', ok: false, stateDir: daemon.state });
  expect(await line(1)).toMatchObject({
    event: 'daemon_down',
    severity: 'P1',
    cause: expect.stringContaining('no daemon'),
  });
  await daemon.start();
  expect(await line(2)).toMatchObject({ event: 'daemon_up' });
  await daemon.kill('SIGKILL');
  expect(await line(3)).toMatchObject({ event: 'daemon_down', cause: 'the daemon does not answer' });
  await daemon.start();
  expect(await line(4)).toMatchObject({ event: 'daemon_up' });
  await daemon.kill('SIGTERM');
  rmSync(daemon.state, { recursive: true });
  expect(await line(5)).toMatchObject({ event: 'daemon_down' });
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

it('tells that a daemon hangs: it accepts and never answers', async () => {
  const { state } = new HostedDaemon();
  mkdirSync(state, { recursive: true });
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(join(state, 'control.sock'), resolve));
  onTestFinished(() => void silent.close());
  const { line } = watchdog(state);
  expect(await line(0)).toMatchObject({ event: 'watching', ok: false, cause: 'no answer within 5s' });
  expect(await line(1)).toMatchObject({ event: 'daemon_down', cause: 'no answer within 5s' });
});

it.skipIf(!canNotify)('tells systemd that it is alive after its looks (skipped without systemd-notify)', async () => {
  const receiver = await NotifyReceiver.listen();
  const { child, ended } = watchdog(new HostedDaemon().state, {
    NOTIFY_SOCKET: receiver.path,
    WATCHDOG_USEC: '4000000',
  });
  await receiver.heard('WATCHDOG=1');
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await receiver.heard('STOPPING=1');
  expect(receiver.words[0]).toBe('READY=1');
});
