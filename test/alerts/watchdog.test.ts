/** `qkt watchdog` with a channel, beside a real daemon that is killed and stopped. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startQkt } from '../cli/support.ts';
import { AlertReceiver } from '../doubles/alert-receiver.ts';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';

/** What the issue allows between a SIGKILL and the message. */
const WITHIN_MS = 60_000;

function watch(daemon: HostedDaemon, url: string, ...args: readonly string[]) {
  const config = join(daemon.dir, 'watchdog.yaml');
  writeFileSync(config, `alerts: { channels: { hook: { type: webhook, url: "${url}" } }, routes: { P1: [hook] } }\n`);
  const child = startQkt(['watchdog', '--state-dir', daemon.state, '--config', config, ...args]);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise((resolve) => child.on('close', resolve));
  return {
    says: (word: string) => poll(`it says ${word}`, () => (said.includes(word) ? true : undefined), WITHIN_MS),
    kill: (signal: NodeJS.Signals) => {
      child.kill(signal);
      return ended;
    },
  };
}

const statuses = (hook: AlertReceiver): readonly unknown[] => hook.messages.map(({ status }) => status);

it('tells of a daemon that was killed within a minute, once, and once that it is back, also when it is killed itself', async () => {
  const daemon = new HostedDaemon();
  const hook = await AlertReceiver.open();
  await daemon.start();
  const first = watch(daemon, hook.url);
  await first.says('watching');
  const killedAt = performance.now();
  await daemon.kill('SIGKILL');
  await poll('the message', () => (hook.messages.length > 0 ? true : undefined), WITHIN_MS);
  expect(performance.now() - killedAt).toBeGreaterThan(29_000);
  expect(hook.messages[0]).toMatchObject({
    status: 'firing',
    commonLabels: { alertname: 'daemon_down', severity: 'P1' },
    alerts: [{ annotations: { runbook: 'docs/runbooks/daemon_down.md' } }],
  });

  // Between the arrival and the record of it there is a moment in which a kill has it sent again, with the same key.
  const record = join(daemon.state, 'watchdog.json');
  await poll('the record', () => (/"entries":\[\]/.test(readFileSync(record, 'utf8')) ? true : undefined), 10_000);
  await first.kill('SIGKILL');
  const second = watch(daemon, hook.url, '--for', '1');
  await second.says('daemon_down');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(statuses(hook)).toEqual(['firing']);

  await daemon.start();
  await poll('the end', () => (hook.messages.length > 1 ? true : undefined), WITHIN_MS);
  expect(statuses(hook)).toEqual(['firing', 'resolved']);
  await second.kill('SIGTERM');
  await daemon.kill('SIGTERM');
}, 150_000);

it('tells nobody of a daemon that was stopped in order', async () => {
  const daemon = new HostedDaemon();
  const hook = await AlertReceiver.open();
  await daemon.start();
  const dog = watch(daemon, hook.url, '--for', '1');
  await dog.says('watching');
  await daemon.kill('SIGTERM');
  await dog.says('daemon_down');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(hook.received).toEqual([]);
  await dog.kill('SIGTERM');
}, 60_000);
