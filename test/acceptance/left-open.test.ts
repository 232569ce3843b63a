/** What an orderly end says of positions that a stop with flatten is still closing. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualTime } from '../alerts/virtual-time.ts';
import { scratchDir, TestDaemon } from '../doubles/daemon.ts';
import { holder, marketFile } from './trading-scene.ts';

const START = Date.UTC(2026, 0, 6, 9);

/** A daemon in whose orderly end a stop with flatten is under way, for which the venue takes `latencyMs`. */
async function ended(latencyMs: number) {
  const time = new VirtualTime(START);
  const { clock, disk } = time;
  const dir = scratchDir();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const daemon = await time.during(
    TestDaemon.boot({
      clock,
      disk,
      dir,
      isolation: 'inline',
      config: { venues: { paper: { type: 'paper', feed: 'replay', file: 'quotes.csv', speed: 1, latencyMs } } },
      files: { 'quotes.csv': marketFile() },
    }),
  );
  await time.during(daemon.deployed(daemon.write('holder.ts', holder('holder')), { name: 'holder' }));
  daemon.openMarkets();
  const positions = async (): Promise<readonly unknown[]> => {
    const status = (await daemon.get('/daemon/strategies/holder/status')).json();
    return status['positions'] as readonly unknown[];
  };
  while ((await positions()).length === 0) await time.pass(1000);
  const stop = '/daemon/strategies/holder/stop?flatten=true&timeoutMs=120000&wait=0';
  expect((await time.during(daemon.post(stop))).status).toBe(202);
  const begun = (await daemon.post('/daemon/shutdown')).json();
  await time.during(daemon.app.ended);
  return {
    begun: begun['positions'],
    record: JSON.parse(readFileSync(join(daemon.app.stateDir, 'run.json'), 'utf8')) as Record<string, unknown>,
    log: readFileSync(join(daemon.app.stateDir, 'logs', 'daemon.log'), 'utf8'),
  };
}

const HELD = { strategy: 'holder', symbol: 'EURUSD', qty: 10_000, stopLoss: null, protected: false };

describe('an orderly end during a stop with flatten', () => {
  it('says in the record of the run that nothing stays open where the stop came to its end', async () => {
    const { begun, record, log } = await ended(2000);
    expect(begun).toEqual([HELD]);
    expect(record).toMatchObject({ ended: 'stopped', positions: [] });
    expect(log).not.toContain('position stays open');
  });

  it('gives the stop up in time, and names what stays open in the record and in the log', async () => {
    const { record, log } = await ended(60_000);
    expect(record).toMatchObject({
      ended: 'stopped',
      detail: expect.stringContaining('strategies: not closed in') as string,
      positions: [HELD],
    });
    expect(log).toMatch(/WARN {2}position stays open, and no stop at its venue protects it .*strategy=holder/);
  });
});
