/** Logs on a disk that is full: no call and no end hangs or throws, and trading goes on. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { marketFile, strategySource } from '../acceptance/trading-scene.ts';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { canMount, enlarge, smallDisk } from './small-disk.ts';

const PROGRAM = fileURLToPath(new URL('on-full-disk.mjs', import.meta.url));

/** A process that logs to the disk until it is full, and then ends in some way. */
function logging(disk: string, end: string) {
  const child = spawn(process.execPath, [PROGRAM, disk, end]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { said, ended };
}

describe.skipIf(!canMount)('a full disk (skipped where no tmpfs can be mounted)', () => {
  it.each([
    ['process.exit', 'exit', 3],
    ['a fatal line and process.exit', 'fatal', 3],
    ['an orderly close', 'close', 3],
    ['an uncaught exception', 'exception', 1],
    ['an unhandled rejection', 'rejection', 1],
  ])('lets every log call return, and the process end by %s', { timeout: 60_000 }, async (_, end, code) => {
    const { said, ended } = logging(smallDisk(), end);
    expect(await ended).toBe(code);
    expect(said.stdout).toBe('every call came back\n');
    expect(said.stderr).not.toContain('ENOSPC');
  });

  it(
    'that has room again is written to again, without a restart; the file says how much it lacks',
    { timeout: 60_000 },
    async () => {
      const disk = smallDisk();
      const { said, ended } = logging(disk, 'recovery');
      await poll('the disk to be full', () => (said.stdout === '' ? undefined : true), 30_000);
      enlarge(disk);
      expect(await ended).toBe(3);
      const lines = readFileSync(join(disk, 's.log'), 'utf8').split('\n');
      expect(lines.at(-2)).toContain('INFO  strategy=s open again');
      expect(lines.slice(0, -1).every((line) => /^\d{4}-\d\d-\d\dT[\d:.]{12}Z [A-Z]+ +/.test(line))).toBe(true);
    },
  );

  it(
    'under the logs stops no trade; health tells what was dropped, and they go on by themselves',
    { timeout: 120_000 },
    async () => {
      const daemon = new HostedDaemon('venues:\n  paper: { type: paper, feed: replay, file: quotes.csv, speed: 60 }\n');
      daemon.write('quotes.csv', marketFile());
      const disk = smallDisk(join(daemon.state, 'logs'));
      await daemon.start();
      const talk = `ctx.log('info', 'tick ' + ticks, { text: 'x'.repeat(1500) });
      if (ticks % 100 === 0) { if (ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 10000 }); else ctx.close('eur'); }`;
      await daemon.deploy(daemon.write('talker.ts', strategySource('talker', talk)));
      const status = async (): Promise<Record<string, unknown>> =>
        (await daemon.get('/daemon/strategies/talker/status')).json();
      const dropped = async (): Promise<number> => {
        const { queues } = (await daemon.get('/daemon/health')).json() as {
          queues: { name: string; dropped: number }[];
        };
        return queues.find(({ name }) => name === 'log')!.dropped;
      };
      await poll('lines to be dropped', async () => ((await dropped()) > 0 ? true : undefined), 60_000);
      const trades = Number((await status())['tradesTotal']);
      await poll(
        'more trades',
        async () => (Number((await status())['tradesTotal']) > trades + 2 ? true : undefined),
        30_000,
      );
      expect((await daemon.get('/daemon/health')).json()).toMatchObject({ ok: true });
      enlarge(disk);
      await poll(
        'the logs to go on',
        () => (readFileSync(join(disk, 'talker.log'), 'utf8').includes('log lines were dropped') ? true : undefined),
        60_000,
      );
      expect(await daemon.kill('SIGTERM')).toBe(0);
    },
  );
});
