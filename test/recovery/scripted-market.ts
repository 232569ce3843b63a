/** A market whose quotes a test gives, and which outlives the process that trades on it. */
import type { Clock } from '../../src/clock.ts';
import type { Bar, Instrument, Tick } from '../../src/domain/market.ts';
import { FeedGuard } from '../../src/risk/feed-guard.ts';
import { Session } from '../../src/risk/sessions.ts';
import { Market } from '../../src/venues/market.ts';

export class ScriptedMarket extends Market {
  readonly ended = new Promise<void>(() => {});

  /** @param quotes in force before anybody looks. */
  constructor(clock: Clock, instruments: ReadonlyMap<string, Instrument>, quotes: readonly Tick[]) {
    super(clock, instruments);
    for (const tick of quotes) this.setQuote(tick);
  }

  open(): void {}

  give(tick: Tick): void {
    this.accept(tick);
  }

  protected pastBars(): readonly Bar[] {
    return [];
  }

  protected newGuard(): FeedGuard {
    return new FeedGuard(new Session(), Infinity);
  }
}
