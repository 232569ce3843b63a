import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { defaultStartPrice, syntheticTicks } from '../../src/venues/synthetic.ts';
import { scratchDir, TestDaemon } from '../doubles/daemon.ts';
import { emaCrossReference, type Bracket, type Reference, type ReferenceTrade } from './ema-cross-reference.ts';
import { exactJson } from './exact-json.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/ema-cross.ts', import.meta.url));
const REAL_DAY = fileURLToPath(new URL('../../../shared/data/eurusd-ticks-2024-01-10.csv.gz', import.meta.url));

/** As the example has it. */
const BRACKET: Bracket = { stop: '0.0015', target: '0.003' };
const TIGHT: Bracket = { stop: '0.0002', target: '0.0003' };

const scratch = scratchDir();
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Run {
  readonly strategy?: string;
  readonly isolation?: 'worker' | 'inline';
  /** Whether the daemon goes on after the data, as all do that are not bounded. */
  readonly goesOn?: boolean;
}

/** Replays the file through the example in a daemon of its own; gives the summary as JSON text. */
async function replayed(file: string, { strategy = EXAMPLE, isolation, goesOn = false }: Run = {}): Promise<string> {
  const venue = { type: 'paper', feed: 'replay', file, speed: 'max' } as const;
  const daemon = await TestDaemon.boot({
    config: { venues: { paper: venue } },
    keepsNothing: !goesOn,
    ...(isolation !== undefined && { isolation }),
  });
  try {
    await daemon.deployed(strategy);
    daemon.openMarkets();
    await daemon.app.feedsEnded;
    return daemon.summary('ema-cross');
  } finally {
    await daemon.close();
  }
}

/** The example with other distances. */
function tightExample(): string {
  const file = join(scratch, 'tight.ts');
  const text = readFileSync(EXAMPLE, 'utf8');
  writeFileSync(
    file,
    text.replace(`by: ${BRACKET.stop}`, `by: ${TIGHT.stop}`).replace(`by: ${BRACKET.target}`, `by: ${TIGHT.target}`),
  );
  return file;
}

/** A day of the synthetic market as the CSV file that a user might have. */
async function syntheticDay(): Promise<string> {
  const { config } = await loadConfig({ env: {}, cwd: scratch });
  const start = Date.UTC(2026, 0, 5);
  const rows = ['timestamp,symbol,bid,ask'];
  const symbols = [{ instrument: config.instruments.get('EURUSD')!, startPrice: defaultStartPrice('EURUSD') }];
  for (const { ts, bid, ask } of syntheticTicks({ seed: 7, symbols, start })) {
    if (ts >= start + 86_400_000) break;
    // Every third quote is enough for bars of a minute, and quicker.
    if (ts % 3 === 0) rows.push(`${ts},EURUSD,${bid},${ask}`);
  }
  const file = join(scratch, 'synthetic.csv');
  writeFileSync(file, `${rows.join('\n')}\n`);
  return file;
}

interface Summary {
  readonly [figure: string]: unknown;
  readonly trades: readonly (ReferenceTrade & { readonly [member: string]: unknown })[];
}

/** The summary's figures in the words of the reference. */
function inReferenceTerms(summary: string): Reference {
  const { trades, ticks, bars, realized, unrealized, equity, maxDrawdown } = exactJson(summary) as Summary;
  return {
    trades: trades.map(({ ts, side, price, realized }) => ({ ts, side, price, realized })),
    ...({ ticks: Number(ticks), bars: Number(bars), realized, unrealized, equity, maxDrawdown } as Omit<
      Reference,
      'trades'
    >),
  };
}

function accountsForEveryFigure(fileOf: () => Promise<string> | string): void {
  let file: string;
  let inWorker: string;
  beforeAll(async () => {
    file = await fileOf();
    inWorker = await replayed(file);
  });

  it('every trade, its price, its gain and the final figures are those of a plain calculation', () => {
    const reference = emaCrossReference(file, BRACKET);
    expect(reference.trades.length).toBeGreaterThan(50);
    expect(inReferenceTerms(inWorker)).toEqual(reference);
  });

  it('and so they are with a bracket tight enough for stops and targets to be hit often', async () => {
    const summary = inReferenceTerms(await replayed(file, { strategy: tightExample() }));
    const reference = emaCrossReference(file, TIGHT);
    expect(reference.trades.filter(({ ts }) => !ts.endsWith(':00.000Z')).length).toBeGreaterThan(20);
    expect(summary).toEqual(reference);
  });

  it('a second run is the same to the last byte', async () => {
    expect(await replayed(file)).toBe(inWorker);
  });

  it('so is a run in the main thread', async () => {
    expect(await replayed(file, { isolation: 'inline' })).toBe(inWorker);
  });

  it('a daemon that goes on comes to the same, and holds no more trades than it shows', async () => {
    const bounded = exactJson(inWorker) as Summary;
    const { trades } = bounded;
    expect(trades.length).toBeGreaterThan(50);
    expect(exactJson(await replayed(file, { goesOn: true }))).toEqual({ ...bounded, trades: trades.slice(-50) });
  });

  it('nothing was denied, rejected, halted or dropped, and the sums hold', () => {
    const summary = exactJson(inWorker) as Summary;
    expect(summary).toMatchObject({ strategy: 'ema-cross', denied: {}, rejected: {}, halts: [] });
    expect(Object.values(summary['feed'] as object).every((count) => count === '0')).toBe(true);
    expect(summary['tradesTotal']).toBe(String(summary.trades.length));
  });
}

describe.skipIf(!existsSync(REAL_DAY))(
  'the EMA cross on a whole day of real EURUSD quotes (skipped without them)',
  () => {
    it('reads all 78 696 quotes', () => {
      expect(emaCrossReference(REAL_DAY, BRACKET).ticks).toBe(78_696);
    });

    accountsForEveryFigure(() => REAL_DAY);
  },
);

describe('the EMA cross on a day of synthetic EURUSD quotes', () => {
  accountsForEveryFigure(syntheticDay);
});
