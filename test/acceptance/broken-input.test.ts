/** Whatever is broken about a file, its author gets a clear error, and a daemon goes on as if nothing had been asked. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROKEN_FILES, type BrokenFile } from '../authoring/broken-files.ts';
import { qkt } from '../cli/support.ts';
import { poll, scratchDir, TestDaemon } from '../doubles/daemon.ts';
import { csv, FAULTY_FILES, good, HEADER, REFUSED_FILES } from '../feeds/broken-csv-files.ts';
import { call } from '../http/support.ts';

const WATCHER = `
import { defineStrategy } from 'qkt';
export default defineStrategy({ name: 'watcher', streams: { eur: { symbol: 'EURUSD' } }, create: () => ({ onTick() {} }) });
`;

const scratch = scratchDir();
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Threads of this process. */
const threads = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;

/** What only a running daemon has in its state directory. */
const leftovers = (): string[] =>
  readdirSync(join(scratch, 'state')).filter((name) => /^(control\.(port|sock)|daemon\.lock)$/.test(name));

describe('a running daemon', () => {
  let daemon: TestDaemon;
  let port: number;
  beforeAll(async () => {
    daemon = await TestDaemon.boot({ files: { 'watcher.ts': WATCHER } });
    port = await daemon.deployed(join(daemon.dir, 'watcher.ts'));
    daemon.openMarkets();
  });
  afterAll(() => daemon.close());

  const write = ({ text, name = 'broken.ts' }: BrokenFile): string => daemon.write(name, text);

  it.each(BROKEN_FILES)(
    'refuses a strategy file that $what, with its place, and keeps nothing of it',
    async (broken) => {
      const file = write(broken);
      const before = threads();
      const answer = await daemon.deploy(file, { name: 'broken' });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      const { code, detail } = answer.json() as { code: string; detail: string };
      expect(code).toBe(broken.code);
      const place = broken.at === undefined ? `${file}: ` : `${file}:${broken.at}: `;
      expect(detail.slice(0, place.length)).toBe(place);
      const message = detail.slice(place.length);
      if (typeof broken.message === 'string') expect(message).toBe(broken.message);
      else expect(message).toMatch(broken.message);

      const rows = JSON.parse((await daemon.get('/daemon/list')).text) as { name: string; state: string }[];
      expect(rows).toMatchObject([{ name: 'watcher', state: 'trading' }]);
      expect((await daemon.get('/daemon/strategies/broken/status')).status).toBe(404);
      expect((await call(port, '/health')).status).toBe(200);
      await poll('its thread to end', () => threads() <= before || undefined);
    },
  );

  it('has room for the next good one on the very next port', async () => {
    expect(await daemon.deployed(join(daemon.dir, 'watcher.ts'), { name: 'second' })).toBe(port + 1);
    expect((await daemon.get('/daemon/health')).json()).toMatchObject({ ok: true, strategies: { total: 2 } });
    expect((await daemon.post('/daemon/strategies/second/stop')).status).toBe(200);
    expect((await daemon.remove('second')).status).toBe(200);
  });

  it.each(['lacks a closing brace', 'throws while it is loaded', 'has a misspelt member', 'has no default export'])(
    'tells the user of qkt deploy, with exit code 1: a file that %s',
    async (what) => {
      const broken = BROKEN_FILES.find((candidate) => candidate.what === what)!;
      const file = write(broken);
      const { code, stdout, stderr } = await qkt(['deploy', file, '--state-dir', daemon.app.stateDir]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(broken.at === undefined ? `${file}: ` : `${file}:${broken.at}: `);
    },
  );
});

describe('a replay', () => {
  const paper = { type: 'paper', feed: 'replay', speed: 'max' } as const;
  const replaying = (content: string | Uint8Array, symbol?: string): Promise<TestDaemon> =>
    TestDaemon.boot({
      dir: scratch,
      isolation: 'inline',
      keepsNothing: true,
      files: { 'watcher.ts': WATCHER, 'data.csv': content },
      config: { venues: { paper: { ...paper, file: 'data.csv', ...(symbol !== undefined && { symbol }) } } },
    });

  it.each(Object.entries(REFUSED_FILES))(
    'of %s is refused with its place, and leaves no half of a daemon',
    async (_, broken) => {
      const { content, symbol, detail, line, column } = broken;
      const location = { file: join(scratch, 'data.csv'), ...(line !== undefined && { line, column }) };
      await expect(replaying(content, symbol)).rejects.toMatchObject({
        code: 'QKT_E_REPLAY_FILE',
        message: expect.stringMatching(detail) as string,
        extras: { location },
      });
      expect(leftovers()).toEqual([]);
    },
  );

  it.each(Object.entries(FAULTY_FILES))(
    'of a file with %s goes on to its end, every dropped row counted',
    async (_, faulty) => {
      const { content, ticks, faults, symbol } = faulty;
      const daemon = await replaying(content, symbol);
      try {
        await daemon.deployed(join(scratch, 'watcher.ts'));
        daemon.openMarkets();
        await daemon.app.feedsEnded;
        const summary = JSON.parse(daemon.summary('watcher')) as { ticks: number; feed: Record<string, number> };
        const counted = Object.entries(summary.feed).flatMap(([cause, count]) => Array<string>(count).fill(cause));
        expect(counted.toSorted()).toEqual(faults.map(({ cause }) => cause).toSorted());
        expect(summary.ticks).toBe(ticks);
        expect((await daemon.get('/daemon/health')).status).toBe(200);
      } finally {
        await daemon.close();
      }
      expect(leftovers()).toEqual([]);
    },
  );

  it('of a good file starts at once where so many failed', async () => {
    const daemon = await replaying(csv(HEADER, good(0), good(1)));
    await daemon.close();
    expect(leftovers()).toEqual([]);
  });
});
