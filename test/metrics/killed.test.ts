/** Counters of a busy daemon over real SIGKILLs: exact, to the trade, at the next scrape. */
import { expect, it } from 'vitest';
import { KilledDaemon, type Row } from '../recovery/killed-daemon.ts';
import { readMetrics, valueOf, type Page } from './conformance.ts';

const KILLS = 4;
const STRATEGY = '/daemon/strategies/busy';
/** Kept in the record of the trades themselves. */
const EXACT = [
  'qkt_trades_total',
  'qkt_signals_total',
  'qkt_slippage_ratio_count',
  'qkt_slippage_ratio_sum',
  'qkt_price_improvement_ratio_count',
  'qkt_order_latency_seconds_count',
  'qkt_evaluations_total',
];
/** Counted since the start: a falling counter would be taken for as many new ones. */
const SINCE_START = ['qkt_ticks_total', 'qkt_tick_processing_seconds_count'];

async function scrape(daemon: KilledDaemon, path: string): Promise<Page> {
  const answer = await daemon.get(path);
  expect(answer.status).toBe(200);
  const page = readMetrics(answer.text);
  expect(page.problems).toEqual([]);
  return page;
}

const exactOf = (page: Page): readonly (readonly [string, number])[] =>
  page.samples
    .filter(({ name, labels }) => EXACT.includes(name) && labels['outcome'] !== 'noSignal')
    .map(({ name, labels, value }) => [`${name} ${JSON.stringify(labels)}`, value] as const);

it('counters are exact after every kill, and none is ever more than has happened', { timeout: 120_000 }, async () => {
  const daemon = new KilledDaemon();
  let before: ReadonlyMap<string, number> = new Map();
  try {
    for (let kill = 0; kill <= KILLS; kill++) {
      daemon.launch();
      await daemon.running();
      if (kill === 0) await daemon.deploy('busy');
      await daemon.up('busy');
      const own = await scrape(daemon, `${STRATEGY}/metrics`);
      const whole = await scrape(daemon, '/daemon/metrics');
      const journal = await daemon.journal('busy');
      for (const [series, value] of exactOf(own)) expect(value, series).toBeGreaterThanOrEqual(before.get(series) ?? 0);
      const fills = journal.filter(({ type }) => type === 'fill').length;
      const trades = valueOf(own, 'qkt_trades_total')!;
      // The journal was read after the scrape: what it has more has happened in between.
      expect(fills).toBeGreaterThanOrEqual(trades);
      expect(trades).toBeGreaterThanOrEqual(before.get('trades') ?? 0);
      const sent = (row: Row): boolean => row['type'] === 'order' && row['status'] === 'submitted';
      expect(journal.filter(sent).length).toBeGreaterThanOrEqual(
        valueOf(whole, 'qkt_orders_submitted_total', { strategy: 'busy' })!,
      );
      if (kill === KILLS) break;
      await new Promise((resolve) => setTimeout(resolve, 700));
      // The last that anybody was told before the kill.
      const last = await scrape(daemon, `${STRATEGY}/metrics`);
      const told = valueOf(last, 'qkt_trades_total')!;
      expect(told).toBeGreaterThan(trades);
      for (const name of SINCE_START) expect(valueOf(last, name)).toBeGreaterThan(0);
      await daemon.kill();
      before = new Map([...exactOf(last), ['trades', told]]);
    }
  } finally {
    await daemon.kill();
  }
});

it(
  'a stopped strategy has after a kill what it had before, and its ticks begin anew',
  { timeout: 60_000 },
  async () => {
    const daemon = new KilledDaemon();
    try {
      daemon.launch();
      await daemon.running();
      await daemon.deploy('busy');
      await daemon.up('busy');
      await new Promise((resolve) => setTimeout(resolve, 700));
      await daemon.post(`${STRATEGY}/stop?flatten=true`, {});
      const last = await scrape(daemon, `${STRATEGY}/metrics`);
      const fills = (await daemon.journal('busy')).filter(({ type }) => type === 'fill');
      expect(valueOf(last, 'qkt_trades_total')).toBe(fills.length);
      expect(fills.length).toBeGreaterThan(0);
      await daemon.kill();
      daemon.launch();
      await daemon.running();
      const after = await scrape(daemon, `${STRATEGY}/metrics`);
      expect(exactOf(after)).toEqual(exactOf(last));
      const index = valueOf(await scrape(daemon, '/daemon/metrics'), 'qkt_account_equity_index');
      const equity = (await daemon.status('busy'))['equity'] as number;
      expect(index).toBeCloseTo(equity / 10_000, 10);
      expect(valueOf(after, 'qkt_evaluations_total', { outcome: 'noSignal' })).toBe(0);
    } finally {
      await daemon.kill();
    }
  },
);
