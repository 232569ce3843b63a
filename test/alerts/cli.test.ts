import { describe, expect, it, onTestFinished } from 'vitest';
import { qkt } from '../cli/support.ts';
import { AlertReceiver } from '../doubles/alert-receiver.ts';
import { poll, TestDaemon } from '../doubles/daemon.ts';

const QUIET = `
import { defineStrategy } from 'qkt';
export default defineStrategy({ name: 'quiet', version: 1, streams: { eur: { symbol: 'EURUSD' } }, create: () => ({}) });
`;

async function scene() {
  const hook = await AlertReceiver.open();
  const daemon = await TestDaemon.boot({
    config: { alerts: { channels: { hook: { type: 'webhook', url: hook.url } }, routes: { P1: ['hook'] } } },
  });
  onTestFinished(() => daemon.close());
  daemon.openMarkets();
  const run = (...args: readonly string[]) => qkt([...args, '--state-dir', daemon.app.stateDir]);
  return { hook, daemon, run };
}

describe('the verbs of alerts', () => {
  it('show what fires with its command, acknowledge it, and silence and unsilence it', async () => {
    const { daemon, run } = await scene();
    expect(await run('alerts')).toMatchObject({ code: 0, stderr: 'No alert is pending or firing.\n' });
    await daemon.deployed(daemon.write('quiet.ts', QUIET));
    await run('halt', 'quiet', '--reason', 'a look');
    const shown = await poll('it fires', async () => {
      const { stdout } = await run('alerts', 'quiet');
      return stdout.includes('firing') ? stdout : undefined;
    });
    expect(shown).toMatch(/P1 +firing +strategy_halted +quiet/);
    expect(shown).toContain('P1 strategy_halted:quiet: quiet is halted: a look');
    expect(shown).toContain('qkt resume quiet --dry-run   docs/runbooks/strategy_halted.md');

    const acked = await run('ack', 'strategy_halted', '--comment', 'mine');
    expect(acked.stdout).toBe('strategy_halted:quiet is acknowledged: it is not told again until it is over.\n');
    expect((await run('alerts')).stdout).toMatch(/P1 +acknowledged/);
    expect((await run('ack', 'gateway_down')).code).toBe(1);

    const refused = await run('silence', 'strategy_halted', '--for', '1h', '--reason', 'test');
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('say so with --p1');
    expect(refused.stderr).not.toContain('qkt --help');
    expect((await run('ack', 'nope')).stderr).not.toContain('Did you mean');
    expect((await run('ack', 'strategy_haltd')).stderr).toContain('Did you mean: strategy_halted');
    const mistyped = await run('silence', 'no_trdes', '--for', '1h', '--reason', 'test');
    expect(mistyped.stderr).toContain('Did you mean: no_trades\n');
    const far = await run('silence', 'nope', '--for', '1h', '--reason', 'test');
    expect(far.stderr).toContain('there is no alert rule nope: docs/alerts.md lists them');
    expect(far.stderr).not.toContain('Did you mean');
    const third = await run('silence', '--severity', 'P3', '--for', '1h', '--reason', 'test');
    expect(third.stdout).toMatch(/^every P3 rule is silent until \S+\. End it: qkt unsilence /);
    expect((await run('silence', '--for', '1h', '--reason', 'test')).code).toBe(2);
    const silenced = await run('silence', 'strategy_halted', '--for', '1h', '--reason', 'test', '--p1');
    expect(silenced.stdout).toMatch(/^strategy_halted is silent until .* \(P1 alerts too\)\. End it: qkt unsilence /);
    const id = /unsilence (\S+)/.exec(silenced.stdout)![1]!;
    expect((await run('alerts', 'silences')).stdout).toContain(id);
    expect((await run('unsilence', id)).code).toBe(0);
    expect((await run('unsilence', id)).code).toBe(1);

    expect((await run('alerts', 'history')).stdout).toContain('inactive → firing');
    expect(shown).toMatch(/strategy_halted +quiet +.* +- +-\n/);
    await run('resume', 'quiet', '--reason', 'seen');
    const history = await poll('it is over', async () => {
      const { stdout } = await run('alerts', 'history');
      return stdout.includes('resolved') ? stdout : undefined;
    });
    expect(history).toContain('no longer: quiet is halted: a look');
    expect((await run('machine', 'quiet')).stdout).toMatch(/^quiet has been in trading for \d+( ms|s)\n/);
    const acts = await run('journal');
    for (const command of ['ack', 'silence', 'unsilence']) expect(acts.stdout).toContain(command);
  });

  it('refuse a strategy that there is not, and take one of which they know that is gone', async () => {
    const { daemon, run } = await scene();
    await daemon.deployed(daemon.write('quiet.ts', QUIET));
    for (const args of [
      ['alerts', 'quite'],
      ['silence', 'no_trades', '--strategy', 'quite', '--for', '1h', '--reason', 'x'],
      ['journal', 'quite'],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      expect([code, stdout, stderr]).toEqual([
        1,
        '',
        expect.stringContaining('no strategy is named quite\nDid you mean: quiet\n'),
      ]);
    }
    await run('halt', 'quiet', '--reason', 'a look');
    await poll('it fires', async () => (await run('alerts', 'quiet')).stdout.includes('firing') || undefined);
    await run('stop', 'quiet', '--yes');
    await run('remove', 'quiet', '--yes');
    expect((await run('list')).stdout).not.toContain('quiet');
    expect((await run('alerts', 'quiet')).code).toBe(0);
    expect((await run('journal', 'quiet')).stdout).toContain('a look');
  });

  it('test a channel', async () => {
    const { hook, run } = await scene();
    expect((await run('alerts', 'test', 'hook')).stdout).toMatch(/^hook works: it took the message in \d+ ms\.\n$/);
    expect((await run('alerts', 'channels')).stdout).toMatch(/hook +webhook +ready +1 +0 +0 +just now/);
    await hook.close();
    const failed = await run('alerts', 'test', 'hook');
    expect(failed).toMatchObject({ code: 1, stdout: 'hook does not work: ECONNREFUSED\n' });
  });
});
