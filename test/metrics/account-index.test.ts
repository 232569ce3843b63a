import { describe, expect, it } from 'vitest';
import { AccountIndex, type AccountIndexState } from '../../src/actors/account-index.ts';
import { dec } from '../../src/domain/decimal.ts';

/** Strategies whose equity a test sets; what the index keeps is there for the next one. */
class Book {
  kept: AccountIndexState | undefined;
  index: AccountIndex;
  readonly equities = new Map<string, number | null>();

  constructor() {
    this.index = this.open();
  }

  open(): AccountIndex {
    this.index = new AccountIndex({
      currency: 'USD',
      recalled: structuredClone(this.kept),
      save: (state) => (this.kept = state),
    });
    return this.index;
  }

  join(name: string, equity: number, account = 'paper'): void {
    this.equities.set(name, equity);
    const now = (): ReturnType<typeof dec> | null => {
      const value = this.equities.get(name) ?? null;
      return value === null ? null : dec(value);
    };
    this.index.join(name, { account, equity: now, balance: () => dec(equity) });
  }

  of(account = 'paper') {
    return this.index.accounts().find((row) => row.account === account)!;
  }
}

describe('the equity index of an account', () => {
  it('is shown without what binary fractions leave behind', () => {
    const book = new Book();
    book.join('a', 10_000);
    book.equities.set('a', 9990.328);
    book.join('b', 10_000);
    book.equities.set('b', 9999.587);
    expect(String(book.of().index)).toMatch(/^0\.\d{1,12}$/);
  });

  it('counts a strategy whatever JavaScript calls by its name, also one that comes back', () => {
    const book = new Book();
    book.join('plain', 10_000);
    book.join('constructor', 10_000);
    book.equities.set('constructor', 5000);
    expect(book.of().index).toBe(0.75);
    const again = book.open();
    for (const name of ['plain', 'constructor']) book.join(name, 10_000);
    again.recovered();
    book.join('valueOf', 10_000);
    expect(Object.keys(book.kept!['paper']!.bases).toSorted()).toEqual(['constructor', 'plain', 'valueOf']);
  });

  it('keeps one of such a name in its stretch until it is back', () => {
    const book = new Book();
    book.join('toString', 10_000);
    book.open();
    book.join('plain', 10_000);
    expect(Object.keys(book.kept!['paper']!.bases).toSorted()).toEqual(['plain', 'toString']);
  });

  it('begins at 1, and is what the equity has made of it', () => {
    const book = new Book();
    book.join('a', 10_000);
    expect(book.of().index).toBe(1);
    book.equities.set('a', 10_500);
    expect(book.of()).toMatchObject({ account: 'paper', currency: 'USD', index: 1.05 });
    expect(book.of().equity?.toString()).toBe('10500');
  });

  it('takes a strategy that is deployed or removed for no profit and no loss', () => {
    const book = new Book();
    book.join('a', 10_000);
    book.equities.set('a', 11_000);
    book.join('b', 10_000);
    expect(book.of().index).toBeCloseTo(1.1, 12);
    book.equities.set('b', 7900);
    expect(book.of().index).toBeCloseTo(1.1 * (18_900 / 21_000), 12);
    book.index.leave('b');
    expect(book.of().index).toBeCloseTo(0.99, 12);
    book.equities.set('a', 12_100);
    expect(book.of().index).toBeCloseTo(0.99 * 1.1, 12);
    book.index.leave('a');
    expect(book.index.accounts()).toEqual([]);
    book.join('c', 500);
    expect(book.of().index).toBeCloseTo(0.99 * 1.1, 12);
  });

  it('is told of each account by itself', () => {
    const book = new Book();
    book.join('a', 10_000);
    book.join('b', 10_000, 'history');
    book.equities.set('b', 5000);
    expect([book.of().index, book.of('history').index]).toEqual([1, 0.5]);
  });

  it('is unknown while an equity is, and knows again afterwards', () => {
    const book = new Book();
    book.join('a', 10_000);
    book.join('b', 10_000);
    book.equities.set('a', null);
    expect(book.of()).toMatchObject({ index: null, equity: null });
    book.join('c', 10_000);
    book.equities.set('a', 13_000);
    expect(book.of().index).toBeCloseTo(1.1, 12);
  });

  it('goes on over a restart, where positions moved meanwhile, and says nothing until all are back', () => {
    const book = new Book();
    book.join('a', 10_000);
    book.join('b', 10_000);
    book.open();
    book.join('a', 9000);
    expect(book.of()).toMatchObject({ index: null, equity: null });
    book.join('b', 10_000);
    book.index.recovered();
    expect(book.of().index).toBe(0.95);
  });

  it('loses nothing with one that does not come back', () => {
    const book = new Book();
    book.join('a', 10_000);
    book.join('b', 10_000);
    book.open();
    book.join('a', 11_000);
    book.index.recovered();
    expect(book.of().index).toBeCloseTo(1.05, 12);
    book.open();
    book.join('a', 11_000);
    book.index.recovered();
    expect(book.of().index).toBeCloseTo(1.05, 12);
  });

  it('stays where it is while nothing is left to lose', () => {
    const book = new Book();
    book.join('a', 10_000);
    book.equities.set('a', -50);
    expect(book.of().index).toBe(0);
  });
});
