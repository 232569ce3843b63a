/** A bounded run whose strategy loses its code ends there, and says so: in words, in the summary, by its exit code. */
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { qkt, type Run } from '../cli/support.ts';
import { scratchDir, TestDaemon } from '../doubles/daemon.ts';

const scratch = scratchDir();
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
}

const START = 1_700_000_000_000;
const QUOTES = written(
  'quotes.csv',
  [
    'timestamp,symbol,bid,ask',
    ...Array.from({ length: 3000 }, (_, i) => `${START + i * 1000},EURUSD,1.1${i % 7},1.2${i % 7}`),
    '',
  ].join('\n'),
);

/** Buys with its first quote, has an entry working, and does as `then` says with its third. */
const strategy = (name: string, then: string, more = ''): string =>
  written(
    `${name}.ts`,
    `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: '${name}',
  streams: { eur: { symbol: 'EURUSD', bars: '1m' } },${more}
  create() {
    let ticks = 0;
    return {
      onTick(tick, ctx) {
        ticks += 1;
        if (ticks === 1) ctx.buy('eur', { qty: 1000 });
        if (ticks === 2) ctx.buy('eur', { qty: 1000, type: 'stop', price: 1.255 });
        ${then}
      },
    };
  },
});
`,
  );

const AS_IT_IS = ['--once', '--state-dir', join(scratch, 'state'), '--control-port', '0', '--port-pool', '20200-20299'];
const run = (file: string, ...args: readonly string[]): Promise<Run> =>
  qkt(['run', file, '--replay', QUOTES, ...AS_IT_IS, ...args]);

const THROWER = strategy('thrower', `if (ticks === 3) throw new Error('the third');`);
const LOST_AT = new Date(START + 2000).toISOString();

type How = 'worker' | 'inline';

/** The summaries of a bounded run, as JSON text. */
async function replayed(files: readonly string[], isolation: How, speed: number | 'max' = 'max'): Promise<string[]> {
  const venue = { type: 'paper', feed: 'replay', file: QUOTES, speed } as const;
  const daemon = await TestDaemon.boot({ config: { venues: { paper: venue } }, keepsNothing: true, isolation });
  onTestFinished(() => daemon.close());
  for (const file of files) await daemon.deployed(file);
  daemon.openMarkets();
  await daemon.app.feedsEnded;
  return files.map((file) => daemon.summary(basename(file, '.ts')));
}

const parsed = (texts: readonly string[]): unknown => texts.map((text) => JSON.parse(text) as unknown);

describe('qkt run --once of a strategy', () => {
  it.each<readonly [what: string, then: string, code: string, at: RegExp, cause: string]>([
    ['throws', `if (ticks === 3) throw new Error('the third');`, 'QKT_E_CALLBACK', /:12:\d+: .*the third/, 'threw'],
    ['is async', 'return Promise.resolve();', 'QKT_E_ASYNC_CALLBACK', /:\d+:\d+: .*onTick returned a promise/, 'threw'],
    ['hangs', 'while (ticks === 3);', 'QKT_E_UNRESPONSIVE', /no turn finished for/, 'spinning'],
  ])('that %s ends there: exit 1, the reason on stderr, losses in the summary', async (_, then, code, says, cause) => {
    const file = strategy('lost', then);
    const { code: exit, stdout, stderr } = await run(file, '--json');
    expect(exit, stderr).toBe(1);
    const problem = JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as { readonly detail: string };
    expect(problem).toMatchObject({ code, strategy: 'lost', cause, detail: expect.stringMatching(says) as string });
    if (cause === 'threw') expect(problem).toMatchObject({ file });
    const summary = JSON.parse(stdout) as { readonly ticks: number };
    expect(summary).toMatchObject({ losses: [{ cause, error: { code } }] });
    expect(summary.ticks).toBeLessThanOrEqual(3);
  });

  it('that is lost is told in words as well', async () => {
    const { code, stdout, stderr } = await run(THROWER);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^losses +threw$/m);
    expect(stderr).toContain(`qkt: ${THROWER}:12:`);
    expect(stderr).toContain(`thrower was lost (threw) at ${LOST_AT}: the third`);
  });
});

it('a lost strategy has the same figures every time: in a thread and without, at any speed', async () => {
  const runs = [
    ...(await replayed([THROWER], 'worker')),
    ...(await replayed([THROWER], 'worker')),
    ...(await replayed([THROWER], 'worker', 1000)),
    ...(await replayed([THROWER], 'inline')),
  ];
  expect(new Set(runs).size).toBe(1);
  expect(JSON.parse(runs[0]!)).toMatchObject({ tradesTotal: 1, ticks: 3, losses: [{ ts: LOST_AT }] });
});

describe('of several strategies in a bounded run', () => {
  const good = strategy('good', '');

  it.each(['worker', 'inline'] as const)(
    'the others go on to the end, and the lost one as its onHang says: %s',
    async (how) => {
      const flattener = strategy('flattener', `if (ticks === 3) throw new Error('so');`, ` onHang: 'flatten',`);
      const holder = strategy('holder', `if (ticks === 3) throw new Error('so');`, ` onHang: 'hold',`);
      const files = [THROWER, flattener, holder, good];
      const lost = [{ ts: LOST_AT, cause: 'threw' }];
      expect(parsed(await replayed(files, how))).toMatchObject([
        { ticks: 3000, tradesTotal: 1, losses: lost },
        { ticks: 3000, tradesTotal: 2, unrealized: 0, losses: lost },
        // The stop order that it had working has filled later.
        { ticks: 3000, tradesTotal: 2, losses: lost },
        { ticks: 3000, tradesTotal: 2, losses: [] },
      ]);
    },
  );

  it('the data end with the last one', async () => {
    const later = strategy('later', `if (ticks === 9) throw new Error('so');`);
    expect(parsed(await replayed([THROWER, later], 'worker'))).toMatchObject([{ ticks: 9 }, { ticks: 9 }]);
  });
});
