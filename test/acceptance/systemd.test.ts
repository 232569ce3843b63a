/** What a service manager hears of a daemon and of its watchdog. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { qkt, temporaryDir } from '../cli/support.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { canNotify, NotifyReceiver } from '../doubles/notify-receiver.ts';

describe.skipIf(!canNotify)('systemd (skipped without systemd-notify and python3)', () => {
  it('hears that a daemon is ready, alive, reloading and stopping, in this order', async () => {
    const receiver = await NotifyReceiver.listen();
    const daemon = new HostedDaemon();
    await daemon.start({ env: { NOTIFY_SOCKET: receiver.path, WATCHDOG_USEC: '1000000' } });
    expect((await daemon.get('/daemon/health')).status).toBe(200);
    await receiver.heard('READY=1');
    expect(receiver.messages.find(([word]) => word === 'READY=1')).toEqual(['READY=1', 'STATUS=running, 0 strategies']);
    await receiver.heard('WATCHDOG=1', 2);
    daemon.signal('SIGHUP');
    await receiver.heard('READY=1', 2);
    expect(await daemon.kill('SIGTERM')).toBe(0);
    await receiver.heard('STOPPING=1');
    expect(receiver.words.filter((word) => !/^(WATCHDOG|STATUS)=/.test(word))).toEqual([
      'READY=1',
      'RELOADING=1',
      'READY=1',
      'STOPPING=1',
    ]);
    expect(receiver.words.at(-1)).toBe('STOPPING=1');
    expect(receiver.words.indexOf('WATCHDOG=1')).toBeGreaterThan(receiver.words.indexOf('READY=1'));
  });

  it('never hears that a daemon is ready which does not start', async () => {
    const receiver = await NotifyReceiver.listen();
    const daemon = new HostedDaemon('http: 1');
    daemon.launch({ env: { NOTIFY_SOCKET: receiver.path } });
    expect(await daemon.ended).toBe(2);
    expect(receiver.words).toEqual([]);
  });

  it('is not told of life by a daemon that it asks another process for', async () => {
    const receiver = await NotifyReceiver.listen();
    const daemon = new HostedDaemon();
    await daemon.start({ env: { NOTIFY_SOCKET: receiver.path, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' } });
    await receiver.heard('READY=1');
    await daemon.kill('SIGTERM');
    await receiver.heard('STOPPING=1');
    expect(receiver.words).not.toContain('WATCHDOG=1');
  });
});

it('a daemon goes on where systemd-notify is missing, and says so once', async () => {
  const daemon = new HostedDaemon();
  await daemon.start({ env: { NOTIFY_SOCKET: '/nonexistent', WATCHDOG_USEC: '200000', PATH: '/nonexistent' } });
  expect(await daemon.kill('SIGTERM')).toBe(0);
  expect(daemon.stderr.match(/systemd is not told/g)).toHaveLength(1);
});

describe('qkt monitoring systemd-unit', () => {
  const unit = async (...args: readonly string[]): Promise<string> =>
    (await qkt(['monitoring', 'systemd-unit', ...args])).stdout;

  it('names this installation, whatever is in its paths', async () => {
    const dir = temporaryDir();
    const config = join(dir, 'a b.yaml');
    writeFileSync(config, '');
    const text = await unit('--state-dir', join(dir, '50%$x'), '--config', config);
    expect(text).toContain(
      `ExecStart=${process.execPath} ${join(process.cwd(), 'bin', 'qkt.js')} daemon start ` +
        `--state-dir ${join(dir, '50%%$$x')} --config "${config}"`,
    );
    expect(text).toContain(`ReadWritePaths=${join(dir, '50%%')}`);
    expect(text).not.toContain('StateDirectory=');
    expect(await unit()).toContain('--state-dir %S/qkt');
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)(
    'is sound to systemd (skipped without systemd-analyze)',
    async () => {
      const dir = temporaryDir();
      for (const args of [[], ['--state-dir', join(dir, 'a b')]]) {
        const file = join(dir, 'qkt.service');
        writeFileSync(file, await unit(...args));
        const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
        expect([status, stderr]).toEqual([0, '']);
      }
    },
  );
});
