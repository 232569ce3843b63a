import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { createMt5Simulator, type Mt5SimulatorOptions } from '../../src/mt5-sim/simulator.ts';
import { poll } from '../doubles/daemon.ts';
import { START } from './support.ts';

async function fed(options: Mt5SimulatorOptions) {
  const clock = new VirtualClock(START);
  const simulator = await createMt5Simulator({ clock, ...options });
  onTestFinished(() => simulator.close());
  return { clock, simulator };
}

function file(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'qkt-mt5-sim-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'quotes.csv'), text);
  return join(directory, 'quotes.csv');
}

describe('the synthetic feed', () => {
  it('is the same for the same seed, goes on with the clock, and brings bars of the hours before', async () => {
    const symbols = ['EURUSD', 'XAUUSD'];
    const prices = async (seed: number) => {
      const { clock, simulator } = await fed({ seed, symbols });
      const first = simulator.terminal.quoteOf('XAUUSDm')!;
      clock.advanceBy(60_000);
      const last = simulator.terminal.quoteOf('XAUUSDm')!;
      expect(last.ts).toBeGreaterThan(START + 58_000);
      expect(first.ts).toBeLessThanOrEqual(START);
      const hours = simulator.terminal.pastOf('EURUSDm')!.rates('H1', 'utc');
      return { first, last, hours };
    };
    const one = await prices(1);
    expect(await prices(1)).toEqual(one);
    expect((await prices(2)).last).not.toEqual(one.last);
    expect(one.hours.length).toBeGreaterThanOrEqual(6);
    expect(one.first.bid).toBeGreaterThan(2200);
  });
});

describe('a replay', () => {
  it('begins now and keeps its pace; symbols that are not offered are left out', async () => {
    const rows = ['EURUSD,0,1.1,1.1001', 'NIXNIX,500,1,2', 'XAUUSD,1000,2400,2400.25', 'EURUSD,5000,1.2,1.2001'];
    const csv = rows
      .map((row) => row.split(','))
      .map(([symbol, ms, ...prices]) => {
        const time = new Date(Date.UTC(2024, 0, 2) + Number(ms)).toISOString();
        return [time, symbol, ...prices].join(',');
      });
    const path = file(['timestamp,symbol,bid,ask', ...csv, ''].join('\n'));
    const { clock, simulator } = await fed({ feed: `replay:${path}` });
    const quote = (symbol: string) => simulator.terminal.quoteOf(symbol);
    await poll('the first quote', () => quote('EURUSDm'));
    expect(quote('EURUSDm')).toMatchObject({ ts: START, bid: 1.1 });
    await poll('the next', () => {
      clock.advanceTo(START + 1000);
      return quote('XAUUSDm');
    });
    expect(quote('XAUUSDm')).toMatchObject({ ts: START + 1000, bid: 2400 });
    expect(quote('EURUSDm')?.bid).toBe(1.1);
    await poll('the last', () => {
      clock.advanceTo(START + 5000);
      return quote('EURUSDm')?.bid === 1.2 || undefined;
    });
    expect([...simulator.terminal.quotes().keys()].toSorted()).toEqual(['EURUSDm', 'XAUUSDm']);
  });

  it('that cannot be used is refused before anything listens', async () => {
    const path = file('nothing\n');
    await expect(fed({ feed: `replay:${path}` })).rejects.toMatchObject({ code: 'QKT_E_REPLAY_FILE' });
    await expect(fed({ feed: 'replay:/nonexistent/file.csv' })).rejects.toThrow();
  });
});
