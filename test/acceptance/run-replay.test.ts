/** `qkt run <file> --replay <csv> --once`: real processes, real files, and sums done by hand. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Big } from 'big.js';
import { afterAll, describe, expect, it } from 'vitest';
import { qkt, type Run } from '../cli/support.ts';
import { scratchDir } from '../doubles/daemon.ts';
import { exactJson } from './exact-json.ts';

const data = (name: string): string => fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
const YEN_DAY = data('usdjpy-ticks-2013-01-02.csv');
const BTC_MONTH = data('btcusd-perp-m1-2022-01.csv.gz');

const scratch = scratchDir();
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
}

const run = (...args: readonly string[]): Promise<Run> =>
  qkt(['run', ...args, '--state-dir', join(scratch, 'state'), '--control-port', '0', '--port-pool', '20000-20099']);

/** Buys with the 100th quote, closes with the 500th, buys again with the 600th and holds to the end. */
const YEN = written(
  'yen.ts',
  `import { defineStrategy, param } from 'qkt';
export default defineStrategy({
  name: 'yen',
  params: { qty: param.integer(10_000, { min: 1 }) },
  streams: { yen: { symbol: 'USDJPY' } },
  create({ params }) {
    let ticks = 0;
    return {
      onTick(tick, ctx) {
        ticks += 1;
        if (ticks === 100 || ticks === 600) ctx.buy('yen', { qty: params.qty });
        if (ticks === 500) ctx.close('yen');
      },
    };
  },
});
`,
);

/** A thousand quotes of a yen that moves in steps no binary float can hold. */
const SYNTHETIC_YEN = written(
  'yen.csv',
  [
    'timestamp,bid,ask',
    ...Array.from({ length: 1000 }, (_, i) => `${1_700_000_000_000 + i * 250},${quoteOfYen(i)}`),
    '',
  ].join('\n'),
);

function quoteOfYen(i: number): string {
  const bid = new Big(140).plus(new Big((i * 37) % 211).div(1000));
  return `${bid.toFixed(3)},${bid.plus('0.013').toFixed(3)}`;
}

interface Summary {
  readonly [figure: string]: unknown;
  readonly trades: readonly { readonly [member: string]: string }[];
}

describe('the summary of qkt run --once --json', () => {
  it('is the object of the contract and nothing else on stdout, with the port on stderr', async () => {
    const { code, stdout, stderr } = await run(
      YEN,
      '--replay',
      SYNTHETIC_YEN,
      '--symbol',
      'USDJPY',
      '--once',
      '--json',
    );
    expect(code, stderr).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    expect(Object.keys(summary).toSorted()).toEqual(
      `balance bars denied equity feed halts losses maxDrawdown realized rejected strategy ticks trades tradesTotal unrealized`.split(
        ' ',
      ),
    );
    expect(Object.keys(summary.trades[0]!).toSorted()).toEqual(
      `commission id orderId price qty realized reducing side signalPrice slippage symbol ts`.split(' '),
    );
    expect(summary).toMatchObject({
      tradesTotal: 3,
      ticks: 1000,
      bars: 0,
      denied: {},
      rejected: {},
      halts: [],
      losses: [],
    });
    expect(stderr).toMatch(/^QKT_PORT=20\d{3}$/m);
  });

  it('is a table for people, with QKT_PORT alone on its line of stdout', async () => {
    const { code, stdout } = await run(YEN, '--replay', SYNTHETIC_YEN, '--symbol', 'USDJPY', '--once');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^QKT_PORT=20\d{3}$/m);
    expect(stdout).toMatch(/^realized +-?\d/m);
  });
});

describe('the exit code of qkt run', () => {
  const broken = written('broken.ts', 'export default {\n  name: 1,\n');
  const bad = written('bad.csv', 'timestamp,bid\n1,2\n');
  const nothing = ['--replay', SYNTHETIC_YEN, '--symbol', 'USDJPY', '--once'];
  it.each<readonly [what: string, code: number, says: string | RegExp, args: readonly string[]]>([
    ['2 without --symbol where the file has none', 2, '--symbol', [YEN, '--replay', SYNTHETIC_YEN, '--once']],
    ['2 for a parameter out of its bounds', 2, `${YEN}:4:13: parameter qty`, [YEN, ...nothing, '--param', 'qty=0']],
    ['2 for a parameter that is none', 2, 'qyt', [YEN, ...nothing, '--param', 'qyt=1']],
    ['1 for a strategy that does not load', 1, `${broken}:3:1: `, [broken, ...nothing]],
    ['1 for a strategy that is not there', 1, 'there is no such file', [join(scratch, 'none.ts'), ...nothing]],
    ['1 for a replay that cannot be used', 1, `${bad}:1:1: `, [YEN, '--replay', bad, '--symbol', 'USDJPY', '--once']],
    ['1 for a symbol that the replay lacks', 1, 'no quotes of USDJPY', [YEN, ...nothing, '--symbol', 'EURUSD']],
  ])('is %s', async (_, expected, says, args) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(says);
    expect(existsSync(join(scratch, 'state', 'control.port'))).toBe(false);
  });
});

it('says so when not one quote of the replay was for the strategy', async () => {
  const others = written('others.csv', 'timestamp,symbol,bid,ask\n1700000000000,EURUSD,1.1,1.2\n');
  const { code, stderr } = await run(YEN, '--replay', others, '--once', '--json');
  expect(code).toBe(0);
  expect(stderr).toContain(`warning: ${others} has no quotes of what yen trades`);
});

/** Rows of a CSV file as texts by column. */
function rowsOf(file: string): Record<string, string>[] {
  const bytes = readFileSync(file);
  const [header, ...lines] = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd().split('\n');
  const names = header!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((field, index) => [names[index]!, field])));
}

describe('USDJPY with an account in dollars', () => {
  const inDollars = (yen: Big, rate: string): string => yen.div(rate).round(8, Big.roundHalfEven).toFixed();

  const accounts = async (file: string): Promise<void> => {
    const rows = rowsOf(file);
    const [bought, sold, again, last] = [99, 499, 599, rows.length - 1].map((index) => rows[index]!) as [
      Record<string, string>,
      Record<string, string>,
      Record<string, string>,
      Record<string, string>,
    ];
    const realized = inDollars(new Big(sold['bid']!).minus(bought['ask']!).times(10_000), sold['bid']!);
    const unrealized = inDollars(new Big(last['bid']!).minus(again['ask']!).times(10_000), last['bid']!);
    const balance = new Big(10_000).plus(realized);

    const { stdout } = await run(YEN, '--replay', file, '--symbol', 'USDJPY', '--once', '--json');
    const summary = exactJson(stdout) as Summary;
    const plain = (price: string): string => new Big(price).toFixed();
    expect(summary.trades.map(({ side, price, realized }) => [side, price, realized])).toEqual([
      ['BUY', plain(bought['ask']!), '0'],
      ['SELL', plain(sold['bid']!), realized],
      ['BUY', plain(again['ask']!), '0'],
    ]);
    const equity = balance.plus(unrealized).toFixed();
    expect(summary).toMatchObject({ realized, unrealized, balance: balance.toFixed(), equity });
  };

  it('has its yen turned into dollars at the rate of the moment: synthetic quotes', () => accounts(SYNTHETIC_YEN));

  it.skipIf(!existsSync(YEN_DAY))('and on real quotes (skipped without them)', () => accounts(YEN_DAY));
});

describe('bars of a minute', () => {
  const COIN = written(
    'coin.ts',
    `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: 'coin',
  streams: { btc: { symbol: 'BTCUSD', bars: '1m' } },
  create() {
    let bars = 0;
    return {
      onBar(bar, ctx) {
        bars += 1;
        if (bars === 10) ctx.buy('btc', { qty: '0.123' });
        if (bars === 1000) ctx.close('btc');
      },
    };
  },
});
`,
  );

  it.skipIf(!existsSync(BTC_MONTH))(
    'of a real month of bitcoin are replayed bar for bar (skipped without them)',
    async () => {
      const rows = rowsOf(BTC_MONTH);
      const inline = ['--once', '--json', '--isolation', 'inline'];
      const { stdout } = await run(COIN, '--replay', BTC_MONTH, '--symbol', 'BTCUSD', ...inline);
      const summary = exactJson(stdout) as Summary;
      // The default spread of BTCUSD is 2, half of it on either side of the bar's price.
      const [bought, sold] = [new Big(rows[9]!['close']!).plus(1), new Big(rows[999]!['close']!).minus(1)];
      const realized = sold.minus(bought).times('0.123');
      expect(summary.trades.map(({ price }) => price)).toEqual([bought.toFixed(), sold.toFixed()]);
      expect(summary).toMatchObject({ realized: realized.toFixed(), equity: realized.plus(10_000).toFixed() });
      expect([summary['ticks'], summary['bars']]).toEqual([String(rows.length * 4), String(rows.length)]);
    },
  );
});
