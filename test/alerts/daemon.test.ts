import { describe, expect, it, onTestFinished } from 'vitest';
import { AlertReceiver } from '../doubles/alert-receiver.ts';
import { poll, scratchDir, TestDaemon, type DaemonOptions } from '../doubles/daemon.ts';
import { rmSync } from 'node:fs';

const QUIET = `
import { defineStrategy } from 'qkt';
export default defineStrategy({ name: 'quiet', version: 1, streams: { eur: { symbol: 'EURUSD' } }, create: () => ({}) });
`;

type Alert = Readonly<Record<string, unknown>>;

async function boot(url: string, options: DaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await TestDaemon.boot({
    config: {
      alerts: {
        channels: { hook: { type: 'webhook', url } },
        routes: { P1: ['hook'], P2: ['hook'] },
      },
    },
    ...options,
  });
  daemon.openMarkets();
  return daemon;
}

async function booted(url: string, options: DaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await boot(url, options);
  onTestFinished(() => daemon.close());
  return daemon;
}

const alertsOf = async (daemon: TestDaemon): Promise<readonly Alert[]> =>
  (await daemon.get('/daemon/alerts')).json() as unknown as readonly Alert[];

const firing = (daemon: TestDaemon, id: string): Promise<Alert> =>
  poll(`${id} fires`, async () =>
    (await alertsOf(daemon)).find((alert) => alert['id'] === id && alert['state'] === 'firing'),
  );

describe('a daemon with a channel', () => {
  it('tells of a halt, takes the acknowledgement, and tells that it is over', async () => {
    const hook = await AlertReceiver.open();
    const daemon = await booted(hook.url);
    await daemon.deployed(daemon.write('quiet.ts', QUIET));
    await daemon.post('/daemon/strategies/quiet/halt', { reason: 'I want to look' });
    const alert = await firing(daemon, 'strategy_halted');
    expect(alert).toMatchObject({
      key: 'strategy_halted:quiet',
      severity: 'P1',
      strategy: 'quiet',
      summary: 'quiet is halted: I want to look',
      runbook: 'docs/runbooks/strategy_halted.md',
      command: 'qkt resume quiet --dry-run',
    });
    const around = alert['events'] as Alert[];
    expect(around.map(({ type }) => type)).toContain('halt');
    const told = await daemon.get('/daemon/strategies/quiet/events?types=halt,lifecycle');
    // Word for word as `/events` tells them, times included.
    const lines = told.text.trim().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(around.filter(({ type }) => type === 'halt').map((e) => JSON.stringify(e))),
    );
    const [message] = await poll('the message', () => (hook.messages.length > 0 ? hook.messages : undefined));
    expect(message).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'qkt',
      groupLabels: { alertname: 'strategy_halted' },
      commonLabels: { alertname: 'strategy_halted', severity: 'P1', strategy: 'quiet' },
      alerts: [{ status: 'firing', endsAt: '0001-01-01T00:00:00Z' }],
    });

    const acked = await daemon.post('/daemon/alerts/strategy_halted:quiet/ack', { comment: 'mine' });
    expect(acked.status).toBe(200);
    expect((acked.json() as unknown as Alert[])[0]!['events']).toEqual(around);
    expect((await firing(daemon, 'strategy_halted'))['acknowledged']).toMatchObject({ by: 'owner', comment: 'mine' });

    await daemon.post('/daemon/strategies/quiet/resume', { reason: 'all is well' });
    await poll('the end', () => (hook.messages.length > 1 ? true : undefined));
    expect(hook.messages[1]).toMatchObject({ status: 'resolved', alerts: [{ status: 'resolved' }] });
    const history = (await daemon.get('/daemon/alerts/history')).json() as unknown as Alert[];
    expect(history.map(({ from, to }) => [from, to])).toEqual([
      ['firing', 'resolved'],
      ['inactive', 'firing'],
    ]);
    expect((await daemon.get('/daemon/health')).json()).toMatchObject({
      channels: [{ name: 'hook', type: 'webhook', delivered: 2, failed: 0 }],
    });
    const metrics = (await daemon.get('/metrics')).text;
    for (const channel of ['log', 'hook'])
      expect(metrics).toContain(`qkt_alert_notifications_total{channel="${channel}",outcome="delivered"} 2\n`);
    expect(metrics).toMatch(/qkt_alert_last_delivery_timestamp_seconds\{channel="hook"\} 1/);
    expect(metrics).toMatch(/qkt_alert_last_delivery_timestamp_seconds\{channel="log"\} 1/);
  });

  it('keeps silent where it was told to, refuses a P1 silence that is not said to be one, and ends one', async () => {
    const hook = await AlertReceiver.open();
    const daemon = await booted(hook.url);
    await daemon.deployed(daemon.write('quiet.ts', QUIET));
    const refused = await daemon.post('/daemon/silences', { alert: 'strategy_halted', forMs: 60_000, reason: 'test' });
    expect(refused.status).toBe(400);
    expect(refused.json()).toMatchObject({ field: 'p1' });
    const made = await daemon.post('/daemon/silences', {
      alert: 'strategy_halted',
      strategy: 'quiet',
      forMs: 60_000,
      reason: 'test',
      p1: true,
    });
    expect(made.status).toBe(201);
    const { id } = made.json();
    await daemon.post('/daemon/strategies/quiet/halt', { reason: 'test' });
    expect((await firing(daemon, 'strategy_halted'))['silencedBy']).toBe(id);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(hook.received).toEqual([]);
    expect((await daemon.get('/daemon/silences')).json()).toHaveLength(1);
    const { call } = await import('../http/support.ts');
    const ended = await call(daemon.port, `/daemon/silences/${String(id)}`, { method: 'DELETE', token: daemon.token });
    expect(ended.status).toBe(200);
    await poll('the message', () => (hook.messages.length > 0 ? true : undefined));
    expect((await daemon.get('/daemon/silences')).json()).toEqual([]);
  });

  it('pages nobody when strategies are deployed, stopped and removed, or when it ends in order', async () => {
    const hook = await AlertReceiver.open();
    const dir = scratchDir();
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const daemon = await boot(hook.url, { dir });
    await daemon.deployed(daemon.write('quiet.ts', QUIET));
    await daemon.deployed(daemon.write('quiet.ts', QUIET), { name: 'second' });
    await daemon.post('/daemon/strategies/second/stop');
    await daemon.remove('second');
    await daemon.close();
    const again = await booted(hook.url, { dir });
    await poll('it trades', async () =>
      JSON.stringify((await again.get('/daemon/list')).json()).includes('"trading"') ? true : undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect((await alertsOf(again)).filter(({ state }) => state === 'firing')).toEqual([]);
    expect(hook.received).toEqual([]);
  });

  it('tests a channel on demand, and names those that there are', async () => {
    const hook = await AlertReceiver.open();
    const daemon = await booted(hook.url);
    expect((await daemon.post('/daemon/alerts/test', { channel: 'hook' })).json()).toMatchObject({
      channel: 'hook',
      delivered: true,
      error: null,
    });
    hook.conduct = (_request, response) => response.writeHead(503).end('go away');
    expect((await daemon.post('/daemon/alerts/test', { channel: 'hook' })).json()).toMatchObject({
      delivered: false,
      error: 'it answered 503: go away',
    });
    expect((await daemon.post('/daemon/alerts/test', { channel: 'hok' })).status).toBe(404);
    expect((await daemon.post('/daemon/alerts/nothing/ack')).status).toBe(404);
  });
});
