/** How a daemon ends: in order, at once, by a fault of its own, killed; and what the next one says of it. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { holder, marketFile, strategySource } from './trading-scene.ts';

const REPLAY = 'venues:\n  paper: { type: paper, feed: replay, file: quotes.csv, speed: 60 }';

/** On a replay of a market that stands still. */
function onReplay(): HostedDaemon {
  const daemon = new HostedDaemon(REPLAY);
  daemon.write('quotes.csv', marketFile());
  return daemon;
}

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it in order, and the next start has nothing to say',
    async (signal) => {
      const daemon = new HostedDaemon();
      await daemon.start();
      expect(await daemon.kill(signal)).toBe(0);
      expect(daemon.stderr).toContain(`${signal}: stopping in order`);
      expect(daemon.record()).toMatchObject({ ended: 'stopped' });
      await daemon.start();
      expect((await daemon.get('/daemon/health')).json()).toMatchObject({ ok: true, lastRun: { ended: 'stopped' } });
      expect(await daemon.logged(/daemon started/)).not.toContain('ended unclean');
      await daemon.kill('SIGTERM');
    },
  );

  it('by `qkt daemon stop` tells what stays open at its end: a stop with flatten was still closing it', async () => {
    const daemon = new HostedDaemon(REPLAY.replace('speed: 60', 'speed: 60, latencyMs: 60000'));
    daemon.write('quotes.csv', marketFile());
    await daemon.start();
    await daemon.deploy(daemon.write('holder.ts', holder('holder')));
    await poll('it holds', async () =>
      (await daemon.get('/daemon/strategies/holder/status')).text.includes('"positions":[{') ? true : undefined,
    );
    const stop = await daemon.post('/daemon/strategies/holder/stop?flatten=true&wait=0');
    expect(stop.status).toBe(202);
    const { code, stdout } = await daemon.qkt('daemon', 'stop', '--yes');
    expect([code, stdout]).toEqual([0, `daemon stopped: process ${daemon.pid} has ended\n`]);
    expect(daemon.record()).toMatchObject({ ended: 'stopped', positions: [] });
  });

  it('ends it at once when it comes a second time', async () => {
    const daemon = onReplay();
    await daemon.start();
    const spinner = strategySource('spinner', '', 'onStop() { for (;;); },');
    await daemon.deploy(daemon.write('spinner.ts', spinner));
    daemon.signal('SIGTERM');
    await poll('stopping', () => (daemon.stderr.includes('stopping in order') ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await daemon.kill('SIGTERM')).toBe(143);
  });

  it('ends it in time when its state directory is gone, which its health has told', async () => {
    const daemon = onReplay();
    await daemon.start();
    await daemon.deploy(daemon.write('idle.ts', strategySource('idle', '')));
    rmSync(daemon.state, { recursive: true });
    await poll(
      'the disk lease breaks',
      async () => ((await daemon.get('/daemon/health')).text.includes('"broken":["') ? true : undefined),
      15_000,
    );
    const { code, stderr } = await daemon.qkt('daemon', 'stop', '--yes');
    expect([code, stderr]).toEqual([3, expect.stringContaining('no daemon')]);
    expect(await daemon.kill('SIGTERM')).toBeTypeOf('number');
  });
});

describe('a fault of its own', () => {
  it.each(['exception', 'rejection'] as const)(
    'that nobody catches (%s) ends it with 70, and is told everywhere',
    async (fault) => {
      const daemon = onReplay();
      await daemon.start({ fault });
      await daemon.deploy(daemon.write('idle.ts', strategySource('idle', '')));
      expect(await daemon.kill('SIGUSR2')).toBe(70);
      const message = `injected ${fault}`;
      expect(daemon.stderr).toMatch(new RegExp(`fatal: the daemon ends: Error: ${message}\\n +at `));
      expect(daemon.record()).toMatchObject({ ended: 'crashed', detail: message });
      expect(readFileSync(join(daemon.state, 'logs', 'daemon.log'), 'utf8')).toMatch(
        new RegExp(`FATAL the daemon ends.*fault="${message}" stack="Error: ${message}\\\\n`),
      );

      await daemon.start();
      expect((await daemon.get('/daemon/health')).json()).toMatchObject({
        ok: true,
        lastRun: { ended: 'crashed', detail: message },
      });
      const status = await daemon.qkt('daemon', 'status');
      expect(status.stdout).toMatch(new RegExp(`the run before crashed \\(at .*\\): ${message}`));
      expect((await daemon.qkt('journal')).stdout).toMatch(new RegExp(`daemon +crash .*${message}`));
      expect((await daemon.qkt('journal', 'verify')).code).toBe(0);
      await daemon.logged(
        new RegExp(`WARN {2}the run before this one ended unclean: it crashed .*detail="${message}"`),
      );
      const events = await daemon.get('/daemon/events?types=lifecycle');
      expect(events.text).toContain('"cause":"LAST_RUN"');
      expect((await daemon.get('/daemon/strategies/idle/health')).status).toBe(200);
      await daemon.kill('SIGTERM');
    },
  );

  it('ends it at once when another one follows', async () => {
    const daemon = new HostedDaemon();
    await daemon.start({ fault: 'twice' });
    expect(await daemon.kill('SIGUSR2')).toBe(70);
    expect(daemon.stderr).toContain('injected exception 1');
    expect(daemon.stderr).not.toContain('injected exception 2');
  });

  it.each(['worker', 'inline'])('is not what a strategy rejects (%s)', async (isolation) => {
    const daemon = onReplay();
    await daemon.start({ args: ['--isolation', isolation] });
    const source = strategySource('rejecter', "if (ticks === 3) void Promise.reject(new Error('mine'));");
    await daemon.deploy(daemon.write('rejecter.ts', source));
    await daemon.logged(/crashed/, 'rejecter');
    expect((await daemon.get('/daemon/health')).status).toBe(200);
    expect(await daemon.kill('SIGTERM')).toBe(0);
  });
});

it('a stop with flatten that was under way when the daemon was killed is told by the next start, and taken up again', async () => {
  const daemon = new HostedDaemon(REPLAY.replace('speed: 60', 'speed: 60, latencyMs: 240000'));
  daemon.write('quotes.csv', marketFile());
  await daemon.start();
  await daemon.deploy(daemon.write('holder.ts', holder('holder')));
  const shows = (part: string) =>
    poll(
      `its status shows ${part}`,
      async () => ((await daemon.get('/daemon/strategies/holder/status')).text.includes(part) ? true : undefined),
      20_000,
    );
  await shows('"positions":[{');
  await daemon.post('/daemon/strategies/holder/stop?flatten=true&wait=0');
  await shows('"state":"flattening"');
  await daemon.kill('SIGKILL');
  await daemon.start();
  await daemon.logged(/ERROR .*its stop with flatten was cut off .*by=owner .*holds="EURUSD 10000"/, 'holder');
  const { stdout } = await daemon.qkt('journal', 'holder', '--json');
  expect(stdout).toMatch(/"by":"owner","command":"stop".*"outcome":"cut off"/);
  const again = await daemon.qkt('stop', 'holder', '--flatten', '--yes');
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('flat, verified') as string]);
  await daemon.kill('SIGTERM');
}, 60_000);

it('a daemon that was killed is told by the next start', async () => {
  const daemon = new HostedDaemon();
  await daemon.start();
  const { pid } = daemon;
  await daemon.kill('SIGKILL');
  await daemon.start();
  expect((await daemon.get('/daemon/health')).json()).toMatchObject({ lastRun: { ended: 'killed', pid } });
  await daemon.logged(/ended unclean: it was killed/);
  expect((await daemon.qkt('daemon', 'status')).stdout).toContain('the run before was ended at once');
  await daemon.kill('SIGTERM');
});
