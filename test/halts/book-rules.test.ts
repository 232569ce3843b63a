import { describe, expect, it } from 'vitest';
import { BookRisk, type BookRiskState } from '../../src/actors/book-risk.ts';
import { VirtualClock } from '../../src/clock.ts';
import { dec, type Decimal } from '../../src/domain/decimal.ts';
import type { Breach } from '../../src/risk/breach.ts';
import { bookRules } from '../../src/risk/risk-settings.ts';
import { parseRollover } from '../../src/risk/trading-day.ts';
import { fromStored, toStored } from '../../src/store/stored.ts';
import { DeskScene, rule } from './desk-scene.ts';

const START = Date.UTC(2024, 0, 10, 9);

/** The book's rules over accounts whose equity the test sets. */
class Accounts {
  readonly clock: VirtualClock;
  readonly breaches: Breach[] = [];
  readonly equities = new Map<string, number | undefined>();
  risk: BookRisk;
  #saved: unknown;

  constructor(start = START, saved?: unknown) {
    this.clock = new VirtualClock(start);
    this.#saved = saved;
    this.risk = new BookRisk({
      rules: bookRules({ book: [rule('maxDrawdown', '0.1', { basis: 'peak' }), rule('maxDailyLoss', 1500)] }),
      clock: this.clock,
      rollover: parseRollover('00:00 UTC')!,
      onBreach: (breach) => void this.breaches.push(breach),
      save: (state) => (this.#saved = toStored(state)),
      recalled: fromStored(saved) as BookRiskState | undefined,
    });
  }

  join(name: string, equity = 10_000): void {
    this.equities.set(name, equity);
    const known = (): Decimal | undefined => {
      const value = this.equities.get(name);
      return value === undefined ? undefined : dec(value);
    };
    this.risk.join(name, {
      equity: known,
      balance: () => dec(10_000),
      start: dec(10_000),
      clockRuns: () => true,
    });
  }

  tell(name: string, equity: number | undefined): void {
    this.equities.set(name, equity);
    this.risk.tell(name, equity ?? Number.NaN);
  }

  restarted(): Accounts {
    this.risk.close();
    return new Accounts(this.clock.now(), this.#saved);
  }

  get tripped(): string[] {
    return this.breaches.map((breach) => breach.rule);
  }
}

describe("the book's references", () => {
  it('survive a restart: accounts that come back bring nothing new', () => {
    const before = new Accounts();
    before.join('a');
    before.join('b');
    before.tell('a', 12_000);
    before.clock.advanceBy(1000);
    const after = before.restarted();
    after.join('a', 12_000);
    after.join('b');
    after.clock.advanceBy(5000);
    expect(after.tripped).toEqual([]);
    after.tell('a', 9801);
    after.tell('b', 9999);
    expect(after.tripped).toEqual([]);
    after.tell('b', 9998);
    expect(after.breaches.at(-1)).toMatchObject({ rule: 'book.maxDrawdown', scope: 'book' });
  });

  it('wait for every account of before a restart: a part of the sum is no loss', () => {
    const before = new Accounts();
    before.join('a');
    before.join('b');
    before.clock.advanceBy(1000);
    const after = before.restarted();
    after.join('a');
    after.clock.advanceBy(10_000);
    expect(after.tripped).toEqual([]);
    after.join('b');
    after.clock.advanceBy(1000);
    expect(after.tripped).toEqual([]);
    after.tell('b', 7999);
    expect(after.tripped.length).toBeGreaterThan(0);
  });

  it('are judged by those who are there once the start is over', () => {
    const before = new Accounts();
    before.join('a');
    before.join('b');
    before.clock.advanceBy(1000);
    const after = before.restarted();
    after.join('a');
    after.risk.recovered();
    after.clock.advanceBy(1000);
    expect(after.tripped.length).toBeGreaterThan(0);
  });

  it('follow money that comes and goes with a strategy, also across a restart', () => {
    const before = new Accounts();
    before.join('a');
    before.join('b');
    before.clock.advanceBy(1000);
    before.risk.leave('b');
    const after = before.restarted();
    after.join('a');
    after.join('c');
    after.clock.advanceBy(2000);
    expect(after.tripped).toEqual([]);
  });

  it('see every tick again once an equity that was unknown is known', () => {
    const accounts = new Accounts();
    accounts.join('a');
    accounts.join('b');
    accounts.tell('a', undefined);
    accounts.tell('a', 10_000);
    accounts.tell('a', 14_000);
    accounts.tell('a', 11_500);
    expect(accounts.tripped).toContain('book.maxDrawdown');
  });
});

describe('a breach of the book', () => {
  it('closes every gate in the turn of the tick, with one cause each', async () => {
    const scene = await DeskScene.open({
      strategies: ['a', 'b'],
      book: [rule('maxDailyLoss', 100)],
    });
    const [a, b] = [scene.strategies.get('a')!, scene.strategies.get('b')!];
    scene.quote(1000);
    a.trade('BUY', 1);
    b.trade('BUY', 1);
    scene.quote(950);
    expect([a.causes.length, b.causes.length]).toEqual([0, 0]);
    scene.quote(949.99);
    expect([a.trade('BUY', 1), b.trade('BUY', 1)]).toEqual(['HALTED', 'HALTED']);
    await scene.rest();
    expect([a.state, b.state]).toEqual(['halted', 'halted']);
    expect(a.causes).toMatchObject([{ rule: 'book.maxDailyLoss', scope: 'book', limit: dec(100) }]);
    expect(b.causes).toHaveLength(1);
    const refused = a.runtime.halts.resume({ by: 'test', reason: 'go on', rebase: 'day' });
    await expect(refused).rejects.toMatchObject({ code: 'QKT_E_BOOK_HALT' });
    expect(a.state).toBe('halted');
  });

  it("leaves a strategy's own halt in force when it is lifted, and does not halt it twice for it", async () => {
    const scene = await DeskScene.open({
      strategies: ['a', 'b'],
      halt: [rule('maxDailyLoss', 100)],
      book: [rule('maxDailyLoss', 150)],
    });
    const [a, b] = [scene.strategies.get('a')!, scene.strategies.get('b')!];
    scene.quote(1000);
    a.trade('BUY', 2);
    scene.quote(910);
    await scene.rest();
    expect(a.causes.map(({ scope }) => scope)).toEqual(['strategy', 'book']);
    expect(a.runtime.halts.preview('none', 'book')).toMatchObject({ wouldTrip: [] });
    const request = { by: 'test', reason: 'looked at it', rebase: 'none' } as const;
    const [own] = await Promise.all([a.runtime.halts.resume(request, 'book'), b.runtime.halts.resume(request, 'book')]);
    expect(own.halted).toBe(true);
    await scene.rest();
    expect([a.state, a.causes.map(({ scope }) => scope), b.state]).toEqual(['halted', ['strategy'], 'trading']);
    expect(a.trade('BUY', 1)).toBe('HALTED');
    expect(b.trade('BUY', 1)).toBe('order');
  });
});
