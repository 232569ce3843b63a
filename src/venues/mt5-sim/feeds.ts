/** Where a simulated market's quotes come from, played on the simulator's clock. */
import type { Cancel, Clock } from '../../clock.ts';
import type { Tick } from '../../domain/market.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { ReplaySource } from '../replay-file.ts';
import { syntheticTicks } from '../synthetic.ts';
import type { SymbolTerms } from './types.ts';

export interface QuoteFeed {
  /** Gives the quotes of the past at once, then each of the others at its time. @param since when its market began */
  start(take: (tick: Tick) => void, since: EpochMs): void;
  stop(): void;
}

/** So much of the past a synthetic market brings along, for bars. */
const PAST_MS = 6 * 3_600_000;

/** The same prices for the same seed, each symbol's independent of the others. */
export function syntheticFeed(clock: Clock, seed: number, symbols: Iterable<SymbolTerms>): QuoteFeed {
  const options = [...symbols].map((instrument) => ({ instrument, startPrice: instrument.startPrice }));
  return new PlayedFeed(clock, (since) => syntheticTicks({ seed, symbols: options, start: since - PAST_MS }));
}

/** Quotes by the hand of whoever asks for them. */
export const manualFeed = (): QuoteFeed => ({ start: () => undefined, stop: () => undefined });

/** A file at the speed of its data, moved so that it begins with its market. @param nameOf the broker's name of a symbol; undefined: not offered */
export function replayFeed(
  clock: Clock,
  source: ReplaySource,
  nameOf: (symbol: string) => string | undefined,
  failed: (error: unknown) => void,
): QuoteFeed {
  let stopped = false;
  let cancel: Cancel = () => undefined;
  const until = (time: number): Promise<void> => new Promise((resolve) => (cancel = clock.at(time, resolve)));
  const play = async (take: (tick: Tick) => void, since: EpochMs): Promise<void> => {
    const shift = since - source.firstTs;
    for await (const batch of source.batches())
      for (const tick of batch) {
        const ts = tick.ts + shift;
        if (ts > clock.now()) await until(ts);
        if (stopped) return;
        const symbol = nameOf(tick.symbol);
        if (symbol !== undefined) take({ symbol, ts, bid: tick.bid, ask: tick.ask });
      }
  };
  return {
    start: (take, since) => void play(take, since).catch(failed),
    stop: () => {
      stopped = true;
      cancel();
      void source.close();
    },
  };
}

class PlayedFeed implements QuoteFeed {
  readonly #clock: Clock;
  readonly #draw: (since: EpochMs) => Iterator<Tick, never>;
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, draw: (since: EpochMs) => Iterator<Tick, never>) {
    this.#clock = clock;
    this.#draw = draw;
  }

  start(take: (tick: Tick) => void, since: EpochMs): void {
    const ticks = this.#draw(since);
    const play = (from: Tick): void => {
      const now = this.#clock.now();
      let tick = from;
      for (; tick.ts <= now; tick = ticks.next().value) take(tick);
      this.#cancel = this.#clock.at(tick.ts, () => play(tick));
    };
    play(ticks.next().value);
  }

  stop(): void {
    this.#cancel();
  }
}
