/** `qkt logs -f` over kills and restarts of the daemon: every line of the file, once and in order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { QktProcess } from '../doubles/qkt-process.ts';
import { strategySource } from './trading-scene.ts';

const CHATTY = strategySource('chatty', `ctx.log('info', 'tick ' + ticks, { ticks });`);

it.each(['text', 'json'])('goes on where it was, in %s', { timeout: 120_000 }, async (format) => {
  const daemon = new HostedDaemon();
  await daemon.start();
  await daemon.deploy(daemon.write('chatty.ts', CHATTY));
  const following = new QktProcess(
    'logs',
    'chatty',
    '-f',
    '--format',
    format,
    '-n',
    '10000',
    '--state-dir',
    daemon.state,
  );
  const lines = (): readonly string[] => following.stdout.split('\n').slice(0, -1);
  const more = async (): Promise<void> => {
    const before = lines().length;
    await poll('more lines', () => (lines().length > before + 3 ? true : undefined), 30_000);
  };
  await more();
  await daemon.kill('SIGKILL');
  await daemon.start();
  await more();
  await daemon.kill('SIGTERM');
  const stored = readFileSync(join(daemon.state, 'logs', 'chatty.log'), 'utf8')
    .split('\n')
    .slice(0, -1);
  const times = (all: readonly string[]): readonly (string | undefined)[] =>
    all.map((line) => /\d{4}-\d\d-\d\dT[\d:.]{12}Z/.exec(line)?.[0]);
  const seen = times(lines());
  // What is logged while a daemon ends may be cut off with it: the next one would give it.
  expect(seen).toEqual(times(stored).slice(0, seen.length));
  expect(following.stderr).toContain('waiting for it to come back');
  expect(following.stderr).not.toContain('missing');
});
