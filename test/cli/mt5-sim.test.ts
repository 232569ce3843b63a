import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { QktProcess } from '../doubles/qkt-process.ts';
import { qkt, temporaryDir } from './support.ts';

const PORT = /^QKT_PORT=(\d+)$/m;

async function get(port: string, path: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as Record<string, unknown>;
}

describe('qkt mt5-sim', () => {
  it('prints its port, trades as it was told, and ends in order on Ctrl-C', async () => {
    const dir = temporaryDir();
    const flags = ['--account', 'netting', '--balance', '500.25', '--login', '7', '--profile', 'ftmo', '--seed', '3'];
    const faults = ['--fault', 'wrong-server=Elsewhere', '--fault', 'health-degraded'];
    const sim = new QktProcess('mt5-sim', '--port', '0', '--state-dir', dir, ...flags, ...faults);
    const port = await sim.says(PORT);
    expect(await get(port, '/account')).toMatchObject({
      balance: 500.25,
      margin_mode: 0,
      login: 7,
      server: 'Elsewhere',
    });
    expect(await get(port, '/health')).toMatchObject({ status: 'degraded' });
    expect(await get(port, '/symbols')).toMatchObject({ symbols: expect.arrayContaining(['XAUUSD']) as unknown });
    expect(await sim.kill('SIGINT')).toBe(0);
    expect(sim.stdout).toBe(`QKT_PORT=${port}\n`);
  });

  it('keeps the kill switch of an account over a SIGKILL', async () => {
    const dir = temporaryDir();
    const start = async (): Promise<[QktProcess, string]> => {
      const sim = new QktProcess('mt5-sim', '--port', '0', '--state-dir', dir, '--feed', 'manual', '--json');
      return [sim, await sim.says(/"port":(\d+)/)];
    };
    const [first, port] = await start();
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    await fetch(`http://127.0.0.1:${port}/kill`, init);
    await first.kill('SIGKILL');
    const [second, again] = await start();
    expect(await get(again, '/health')).toMatchObject({ kill_switch_active: true });
    expect(await second.kill('SIGTERM')).toBe(0);
  });

  it.each([
    [['--fault', 'nix'], /name "nix" is no fault; there are mt5-down/],
    [['--fault', 'slow-reply=soon'], /value must be a whole number/],
    [['--feed', 'live'], /synthetic, manual or replay/],
    [['--balance', '-5'], /amount that is not negative/],
    [['--port', '70000'], /whole number from 0 to 65535/],
    [['--account', 'both'], /hedging, netting/],
    [['--symbols', 'USDJPY', '--currency', 'EUR'], /USDJPY into EUR/],
  ])('refuses %j as wrong usage', async (flags, message) => {
    const run = await qkt(['mt5-sim', '--port', '0', '--state-dir', temporaryDir(), ...flags]);
    expect(run.stderr).toMatch(message);
    expect([run.code, run.stdout]).toEqual([2, '']);
  });

  it('says so when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const run = await qkt(['mt5-sim', '--port', String(port), '--state-dir', temporaryDir()]);
    other.close();
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`port ${port} is taken`);
  });
});
