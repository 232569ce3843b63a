/** What `npm start` shows of MT5: its gateway and its example, in a daemon of the test's own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { RawConfig } from '../../src/config/schema.ts';
import { poll, TestDaemon } from '../doubles/daemon.ts';
import { call } from '../http/support.ts';
import { temporaryDir } from '../cli/support.ts';

interface DemoGateway {
  readonly url: string;
  readonly config: RawConfig;
  close(): Promise<void>;
}
type StartGateway = (stateDir: string) => Promise<DemoGateway>;

const EXAMPLE = fileURLToPath(new URL('../../examples/gold-mt5.ts', import.meta.url));
const SCRIPT = new URL('../../scripts/demo-gateway.mjs', import.meta.url).href;
const MINUTE_MS = 60_000;

it('trades gold on the simulated gateway within a minute, protected at the broker', { timeout: 90_000 }, async () => {
  const { startGateway } = (await import(SCRIPT)) as { readonly startGateway: StartGateway };
  const dir = temporaryDir();
  const gateway = await startGateway(dir);
  onTestFinished(() => gateway.close());
  const daemon = await TestDaemon.boot({ config: gateway.config });
  onTestFinished(() => daemon.close());
  const port = await daemon.deployed(EXAMPLE);
  daemon.openMarkets();
  const shown = await poll('the gateway', async () => {
    const rows = JSON.parse((await daemon.get('/daemon/gateways')).text) as readonly Record<string, unknown>[];
    return rows.find(({ name, state }) => name === 'exness' && state === 'ready');
  });
  expect(shown['failingLink']).toBe(null);
  const position = await poll(
    'a position with stop and target at the broker',
    async () => {
      const answer = await fetch(`${gateway.url}/get_positions`);
      const { data } = (await answer.json()) as {
        readonly data: readonly { readonly sl: number; readonly tp: number }[];
      };
      return data.find(({ sl, tp }) => sl > 0 && tp > 0);
    },
    MINUTE_MS,
  );
  expect(position).toMatchObject({ symbol: 'XAUUSDm', volume: 0.01, magic: 10_001 });
  const status = (await call(port, '/status')).json();
  expect(status).toMatchObject({ strategy: 'gold-mt5', tradesTotal: expect.any(Number) as unknown });
  expect(existsSync(join(dir, 'mt5-sim', 'account.ndjson'))).toBe(true);
});
