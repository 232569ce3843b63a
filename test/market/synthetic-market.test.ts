import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import type { Bar, Tick } from '../../src/domain/market.ts';
import { BarBuilder } from '../../src/streams/bars.ts';
import { defaultStartPrice, syntheticTicks } from '../../src/venues/synthetic.ts';
import { SyntheticMarket } from '../../src/venues/synthetic-market.ts';
import { instrument, START } from '../doubles/engine.ts';

const PAST_MS = 2 * 3_600_000;
const eur = instrument('EURUSD', { tickSize: '0.00001', base: 'EUR', spread: '0.00008' });

function open(): { readonly clock: VirtualClock; readonly market: SyntheticMarket } {
  const clock = new VirtualClock(START);
  return { clock, market: new SyntheticMarket({ seed: 4, clock, instruments: new Map([['EURUSD', eur]]) }) };
}

/** The whole series from its beginning, and the bars that it makes. */
function series(until: number): { readonly ticks: readonly Tick[]; readonly bars: (lengthMs: number) => Bar[] } {
  const all: Tick[] = [];
  const symbols = [{ instrument: eur, startPrice: defaultStartPrice('EURUSD') }];
  for (const tick of syntheticTicks({ seed: 4, symbols, start: START - PAST_MS })) {
    if (tick.ts > until) break;
    all.push(tick);
  }
  const bars = (lengthMs: number): Bar[] => {
    const builder = new BarBuilder('EURUSD', lengthMs, 5);
    const closed: Bar[] = [];
    for (const tick of all) {
      if (builder.due()! <= tick.ts) closed.push(builder.close());
      builder.add(tick);
    }
    if (builder.due()! <= until) closed.push(builder.close());
    return closed;
  };
  return { ticks: all, bars };
}

describe('the synthetic market', () => {
  it('has a quote in force before its first live one, and plays the series from there in real time', () => {
    const { clock, market } = open();
    const seen: { readonly tick: Tick; readonly now: number }[] = [];
    market.ticks$('EURUSD').subscribe((tick) => seen.push({ tick, now: clock.now() }));
    market.open();
    const { ticks } = series(START + 10_000);
    const past = ticks.filter(({ ts }) => ts <= START);
    expect(market.quote('EURUSD')).toEqual(past.at(-1));
    clock.advanceTo(START + 10_000);
    expect(seen.map(({ tick }) => tick)).toEqual(ticks.slice(past.length));
    expect(seen.every(({ tick, now }) => tick.ts === now)).toBe(true);
    market.close();
    expect(clock.nextDue()).toBe(Infinity);
  });

  it('joins past bars and live ones without a hole or a doubled tick, whoever asks first', () => {
    const pause = fc.integer({ min: 0, max: 30_000 });
    fc.assert(
      fc.property(pause, pause, fc.constantFrom(1000, 5000, 60_000), (asked, followed, lengthMs) => {
        const { clock, market } = open();
        market.open();
        const bars: Bar[] = [];
        clock.at(START + asked, () => {
          const { past, live$ } = market.bars('EURUSD', lengthMs, 1000);
          bars.push(...past);
          live$.subscribe((bar) => bars.push(bar));
        });
        clock.at(START + followed, () => market.ticks$('EURUSD').subscribe());
        const end = START + Math.max(asked, followed) + 65_000;
        clock.advanceTo(end);
        expect(bars).toEqual(series(end).bars(lengthMs).slice(-bars.length));
        market.close();
      }),
      { numRuns: 40 },
    );
  });

  it('loses no quote between the question for bars and the opening', () => {
    const { clock, market } = open();
    const bars: Bar[] = [];
    market.bars('EURUSD', 60_000, 0).live$.subscribe((bar) => bars.push(bar));
    clock.advanceTo(START + 2000);
    market.open();
    clock.advanceTo(START + 60_000);
    expect(bars).toEqual(
      series(START + 60_000)
        .bars(60_000)
        .slice(-1),
    );
  });
});
