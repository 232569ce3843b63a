/** The logs of real strategies: one for each name, rotated, read as one, and bounded anew by a reload. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { sizes, total } from '../logs/support.ts';
import { marketFile, Scene, strategySource } from './trading-scene.ts';

const REPLAY = 'venues:\n  paper: { type: paper, feed: replay, file: quotes.csv, speed: 60 }\n';
const TALKER = strategySource('talker', `ctx.log('info', 'tick ' + ticks, { ticks, level: 'fatal', strategy: 'x' });`);

it(
  'two deployments of one file have two logs; /logs reads on in rotated files; a reload takes other limits',
  { timeout: 90_000 },
  async () => {
    const daemon = new HostedDaemon(`${REPLAY}logging: { maxFileMB: 0.02 }`);
    daemon.write('quotes.csv', marketFile());
    await daemon.start();
    const file = daemon.write('talker.ts', TALKER);
    for (const name of ['one', 'two'])
      expect((await daemon.post('/daemon/strategies', { file, name })).status).toBe(201);
    const logs = join(daemon.state, 'logs');
    const rotated = (name: string): readonly string[] =>
      readdirSync(logs).filter((each) => each.startsWith(`${name}.log.`));
    await poll(
      'rotations of both',
      () => (rotated('one').length > 2 && rotated('two').length > 2 ? true : undefined),
      60_000,
    );

    for (const name of ['one', 'two']) {
      const { text } = await daemon.get(`/daemon/strategies/${name}/logs?lines=10000&format=json`);
      const lines = text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(new Set(lines.map(({ strategy }) => strategy))).toEqual(new Set([name]));
      const ticks = lines.flatMap((line) => ('log.ticks' in line ? [line['log.ticks'] as number] : []));
      expect(ticks.length).toBeGreaterThan(300);
      expect(ticks).toEqual(ticks.map((_, index) => ticks[0]! + index));
      expect(lines.at(-1)).toMatchObject({ level: 'info', 'log.level': 'fatal', 'log.strategy': 'x' });
    }
    // It may have been rotated a moment ago.
    const daemonLog = (): string => readFileSync(join(logs, 'daemon.log'), 'utf8');
    await poll('lines of both in the log of the daemon', () =>
      ['one', 'two'].every((name) => daemonLog().includes(`strategy=${name} tick`)) ? true : undefined,
    );

    daemon.configure(`${REPLAY}logging: { maxFileMB: 0.02, totalMB: 0.03 }`);
    expect((await daemon.post('/daemon/reload')).json()).toMatchObject({
      applied: ['logging.totalMB'],
      needsRestart: [],
    });
    await poll('the logs to fit', async () => (total(await sizes(logs)) <= 30_000 ? true : undefined), 30_000);
    expect(await daemon.kill('SIGTERM')).toBe(0);
  },
);

it(
  'says how many lines of a turn were dropped in a field of its own, not in one of the author',
  { timeout: 30_000 },
  async ({ onTestFinished }) => {
    const scene = await Scene.open({ atEnd: onTestFinished });
    await scene.deploy(
      'chatty',
      strategySource('chatty', `for (let i = 0; i < 1_500; i++) ctx.log('info', 'line ' + i);`),
    );
    scene.daemon.openMarkets();
    const told = await poll('the count', async () => {
      const { text } = await scene.daemon.get('/daemon/strategies/chatty/logs?lines=3000&format=json');
      return text.split('\n').find((line) => line.includes('further log lines were dropped'));
    });
    expect(JSON.parse(told)).toMatchObject({ level: 'warn', strategy: 'chatty', dropped: 500 });
    expect(told).not.toContain('log.dropped');
  },
);
