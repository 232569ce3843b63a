/** A real daemon that is killed while a message does not get through, and one whose channels all hang. */
import { expect, it } from 'vitest';
import { AlertReceiver } from '../doubles/alert-receiver.ts';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { strategySource } from '../acceptance/trading-scene.ts';

const TRADER = strategySource(
  'trader',
  "if (ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 1000 }); else ctx.close('eur');",
);

const channels = (...urls: readonly string[]): string => {
  const named = urls.map((url, n) => `hook${n}: { type: webhook, url: "${url}" }`).join(', ');
  const route = urls.map((_url, n) => `hook${n}`).join(', ');
  return `alerts: { channels: { ${named} }, routes: { P1: [${route}], P2: [${route}] } }`;
};

type Row = Readonly<Record<string, unknown>>;

it('loses no message and tells none twice when the daemon is killed in the middle of its retries', async () => {
  const hook = await AlertReceiver.open();
  hook.conduct = (_request, response) => response.writeHead(500).end();
  const daemon = new HostedDaemon(channels(hook.url));
  await daemon.start();
  await daemon.deploy(daemon.write('trader.ts', TRADER));
  await daemon.post('/daemon/strategies/trader/halt', { reason: 'to be told' });
  await poll('two attempts', () => (hook.received.length > 1 ? true : undefined), 20_000);
  await daemon.kill('SIGKILL');

  await daemon.start();
  await poll('another attempt', () => (hook.received.length > 3 ? true : undefined), 20_000);
  await daemon.kill('SIGKILL');
  hook.conduct = (_request, response) => response.writeHead(200).end();
  await daemon.start();
  await poll('the message', () => (hook.taken.length > 0 ? true : undefined), 20_000);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(hook.messages.map(({ status }) => status)).toEqual(['firing']);
  const keys = new Set(hook.received.map(({ headers }) => headers['idempotency-key']));
  expect(keys.size).toBe(1);

  await daemon.kill('SIGKILL');
  await daemon.start();
  await daemon.post('/daemon/strategies/trader/resume', { reason: 'seen' });
  await poll('the end', () => (hook.taken.length > 1 ? true : undefined), 20_000);
  expect(hook.messages.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  const history = (await daemon.get('/daemon/alerts/history')).json() as unknown as readonly Row[];
  expect(history.filter(({ to }) => to === 'firing')).toHaveLength(1);
  await daemon.kill('SIGTERM');
}, 120_000);

it('goes on trading while every channel hangs', async () => {
  const hook = await AlertReceiver.open();
  hook.conduct = () => undefined;
  const daemon = new HostedDaemon(
    `${channels(hook.url, hook.url)}\nstrategies: { trader: { highSlippage: 0.0000001 } }`,
  );
  await daemon.start();
  await daemon.deploy(daemon.write('trader.ts', TRADER));
  await daemon.deploy(daemon.write('idle.ts', strategySource('idle', '')));
  await daemon.post('/daemon/strategies/idle/halt', { reason: 'to be told' });
  await poll('a message hangs', () => (hook.received.length > 0 ? true : undefined), 20_000);
  const trades = async (): Promise<number> =>
    Number((await daemon.get('/daemon/strategies/trader/status')).json()['tradesTotal']);
  const before = await trades();
  await poll('it trades on', async () => ((await trades()) > before + 5 ? true : undefined), 20_000);
  const health = (await daemon.get('/daemon/health')).json();
  expect(health['ok']).toBe(true);
  expect(hook.taken).toEqual([]);
  await daemon.kill('SIGTERM');
}, 60_000);
