import { expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { GatewayView } from '../../src/domain/gateway-views.ts';
import { GATEWAY } from '../doubles/daemon-port.ts';
import { call, serveControl } from '../http/support.ts';
import { qkt } from './support.ts';

const EXNESS: GatewayView = {
  ...GATEWAY,
  name: 'exness',
  type: 'mt5',
  state: 'down',
  cause: 'IPC timeout',
  failingLink: 'terminal',
  lastGood: '2026-01-05T12:00:00.000Z',
  lastGoodAgeMs: 72_400,
  probeMs: 12,
  serverOffsetMs: 0,
  account: {
    login: 4_410_021,
    server: 'Demo-Server1',
    currency: 'USD',
    tradeMode: 'demo',
    marginMode: 'hedging',
    leverage: 100,
    balance: dec(10_000),
    equity: dec('9987.5'),
    marginLevel: dec('9079.5'),
    asOf: '2026-01-05T12:00:00.000Z',
  },
  differences: [
    {
      id: 'd1',
      kind: 'position',
      strategy: 'gold',
      symbol: 'XAUUSD',
      ours: 'long 0.1',
      theirs: null,
      policy: 'halt',
      done: 'halted',
      since: new Date(Date.now() - 90_000).toISOString(),
    },
  ],
  requests: 1234,
};

async function served(gateways: readonly GatewayView[]) {
  const control = await serveControl();
  control.daemon.gatewayViews = gateways;
  return { ...control, run: (...args: string[]) => qkt(['gateways', ...args, '--state-dir', control.stateDir]) };
}

it('shows each gateway with its failing link, its cause and the age of its last good answer', async () => {
  const { run } = await served([GATEWAY, EXNESS]);
  const { code, stdout } = await run();
  const [titles, paper, exness, difference] = stdout.split('\n').map((line) => line.split(/\s{2,}/));
  expect(code).toBe(0);
  expect(titles).toEqual(['NAME', 'STATE', 'FAILING', 'LAST GOOD', 'PROBE', 'ACCOUNT', 'CAUSE']);
  expect(paper).toEqual(['paper', 'ready', '-', 'never', '-', '-', '-']);
  expect(exness).toEqual([
    'exness',
    'down',
    'terminal',
    '1m 12s ago',
    '12 ms',
    '4410021 Demo-Server1, demo, hedging',
    'IPC timeout',
  ]);
  expect(difference).toEqual([
    expect.stringMatching(
      /^exness and gold differ: XAUUSD position: ours long 0.1, theirs nothing; halt: halted, 1m 3/,
    ),
  ]);
});

it('says of what no strategy knows that it is none of theirs', async () => {
  const [difference] = EXNESS.differences;
  const foreign = {
    ...difference!,
    kind: 'foreign',
    strategy: null,
    ours: null,
    theirs: 'long 0.1',
    done: 'shown',
  } as const;
  const { run } = await served([{ ...EXNESS, differences: [foreign] }]);
  const { stdout } = await run();
  expect(stdout).toContain("exness has XAUUSD long 0.1, which is no strategy's (foreign); halt: shown, 1m 3");
});

it('prints the very bytes of the daemon with --json, money exact', async () => {
  const { run, port } = await served([EXNESS]);
  const { stdout } = await run('--json');
  expect(stdout).toBe(`${(await call(port, '/daemon/gateways')).text}\n`);
  expect(stdout).toContain('"equity":9987.5,"marginLevel":9079.5');
});
