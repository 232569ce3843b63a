import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { Bar, Instrument } from '../../src/domain/market.ts';
import { BarBuilder } from '../../src/streams/bars.ts';
import { defaultStartPrice, syntheticTicks } from '../../src/venues/synthetic.ts';
import { compileStrategy } from '../../src/worker/compile.ts';
import { createInlineHost } from '../../src/worker/inline-host.ts';
import type { WireIntent, WireItem, WireStream } from '../../src/worker/protocol.ts';
import { startOn } from './strategy-files.ts';

const examples = new URL('../../examples/', import.meta.url).pathname;
const outDir = mkdtempSync(join(tmpdir(), 'qkt-examples-'));
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

/** A day at which the test's market begins; the prices do not depend on it. */
const START = Date.UTC(2026, 0, 5);
/** Market time in which an example must have asked for an order. */
const SOON: Readonly<Record<string, number>> = { 'ema-cross.ts': 6 * 3_600_000 };
const MINUTES = 3 * 60_000;

const TICK_SIZES: Readonly<Record<string, string>> = {
  EURUSD: '0.00001',
  USDJPY: '0.001',
  BTCUSD: '0.1',
  XAUUSD: '0.01',
  GOLD: '0.001',
};

function instrument(symbol: string): Instrument {
  const tickSize = dec(TICK_SIZES[symbol]!);
  return {
    symbol,
    contractSize: dec(1),
    tickSize,
    volumeMin: dec(1),
    volumeStep: dec(1),
    base: symbol.slice(0, 3),
    quote: symbol.slice(3),
    session: '24x7',
    spread: tickSize.times(dec(10)),
  };
}

/** Closed bars of the stream on the synthetic market, one after the other. */
function* bars({ symbol, barMs }: WireStream): Generator<Bar, never> {
  const builder = new BarBuilder(symbol, barMs!, 5);
  const market = { instrument: instrument(symbol), startPrice: defaultStartPrice(symbol) };
  for (const tick of syntheticTicks({ seed: 1, start: START, symbols: [market] })) {
    if ((builder.due() ?? Infinity) <= tick.ts) yield builder.close();
    builder.add(tick);
  }
  throw new Error('the synthetic market has no end');
}

function barItemOf(stream: string, { symbol: _symbol, lengthMs: _lengthMs, ...bar }: Bar): WireItem {
  return { kind: 'bar', now: bar.end, stream, warming: false, ...bar };
}

describe('the examples', () => {
  const names = readdirSync(examples).filter((name) => name.endsWith('.ts'));

  it.each(names)('%s asks for orders on the synthetic market before long', async (name) => {
    const host = createInlineHost();
    const { definition } = await startOn(host, await compileStrategy(join(examples, name), { outDir }));
    const stream = definition.streams[0]!;
    const intents: WireIntent[] = [];
    for (const bar of bars(stream)) {
      if (bar.end > START + (SOON[name] ?? MINUTES)) break;
      intents.push(...(await host.turn([barItemOf(stream.key, bar)])).intents);
    }
    host.terminate();
    expect(definition.name).toBe(name.replace('.ts', ''));
    expect(intents.filter(({ kind }) => kind === 'place').length).toBeGreaterThan(1);
  });
});
