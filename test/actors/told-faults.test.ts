/** A throw in the code of a machine that somebody else holds is told to whoever opened it. */
import { describe, expect, it } from 'vitest';
import { FeedActor } from '../../src/actors/feed-actor.ts';
import type { FaultEvent } from '../../src/actors/fault-tolerant.ts';
import { GatewayActor } from '../../src/actors/gateway-actor.ts';
import { StrategyRisk, type RiskSources } from '../../src/actors/strategy-risk.ts';
import { VirtualClock, type Cancel } from '../../src/clock.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { Market } from '../../src/venues/market.ts';
import { rule } from '../risk/support.ts';

/** A clock whose time cannot be read at the nth call; its timers are another's. */
class FaultyClock extends VirtualClock {
  readonly timers = new VirtualClock(1000);
  override readonly xstate = this.timers.xstate;
  throwsAt = 0;

  override now(): number {
    if (this.throwsAt > 0 && --this.throwsAt === 0) throw new Error('no time');
    return this.timers.now();
  }

  override every(periodMs: number, run: () => void): Cancel {
    return this.timers.every(periodMs, run);
  }
}

function scene() {
  const faults: FaultEvent[] = [];
  return { clock: new FaultyClock(), faults, onFault: (fault: FaultEvent) => void faults.push(fault) };
}

describe('a fault in the machine', () => {
  it('of a feed', () => {
    const { clock, faults, onFault } = scene();
    const market = { tickCount: 0, ended: new Promise<void>(() => {}) };
    const feed = new FeedActor({
      venue: 'paper',
      market: market as unknown as Market,
      clock,
      onTransition: () => undefined,
      onFault,
    });
    feed.start();
    market.tickCount = 1;
    clock.throwsAt = 2;
    clock.timers.advanceBy(100);
    expect(faults).toMatchObject([{ during: 'LAST_TICK', error: { message: 'no time' } }]);
  });

  it('of a gateway', () => {
    const { clock, faults, onFault } = scene();
    const step = (): Promise<void> => new Promise(() => {});
    const steps = { connect: step, verify: step, reconcile: step };
    const gateway = new GatewayActor({ name: 'paper', clock, steps, onTransition: () => undefined, onFault });
    clock.throwsAt = 1;
    gateway.start();
    expect(faults).toMatchObject([{ error: { message: 'no time' } }]);
  });

  it('of a risk monitor', () => {
    const { clock, faults, onFault } = scene();
    const sources = {
      name: 's',
      clock: clock.timers,
      wall: clock,
      equity: () => undefined,
      balance: () => dec(1000),
      start: dec(1000),
      peak: () => dec(1000),
      day: () => ({ equity: undefined, balance: dec(1000) }),
      idle: () => false,
      clockRuns: () => true,
    } as unknown as RiskSources;
    const risk = new StrategyRisk([rule('maxDrawdown', '0.1', { basis: 'peak' })], sources, () => undefined, onFault);
    clock.throwsAt = 1;
    risk.judge();
    expect(faults).toMatchObject([{ error: { message: 'no time' } }]);
  });
});
