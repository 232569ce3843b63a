/**
 * The time-weighted equity of each account, 1 at its start. Money that comes or goes (a strategy that is
 * deployed or removed, a deposit) begins a new stretch at the index that there was, so it is no profit
 * or loss. Only such an event is kept: what the index is in between follows from the equities.
 */
import type { Decimal } from '../domain/decimal.ts';
import type { AccountMetrics } from '../domain/metrics.ts';
import { dec } from '../domain/decimal.ts';

/** What a strategy has on its account. */
export interface AccountShare {
  readonly account: string;
  /** Null while it is not known. */
  readonly equity: () => Decimal | null;
  readonly balance: () => Decimal | null;
}

/** An account at the begin of the stretch that it is in. */
interface Stretch {
  readonly index: number;
  /** Equity of each strategy then. */
  readonly bases: Readonly<Record<string, number>>;
}
/** By account. */
export type AccountIndexState = Readonly<Record<string, Stretch>>;

export interface AccountIndexOptions {
  readonly currency: string;
  readonly recalled: AccountIndexState | undefined;
  /** Keeps a state that has changed. */
  readonly save: (state: AccountIndexState) => void;
}

/** Of an index, for whoever reads it: what binary fractions leave behind comes after them. */
const SHOWN_DIGITS = 12;

export class AccountIndex {
  readonly #options: AccountIndexOptions;
  readonly #stretches: Map<string, Stretch>;
  readonly #shares = new Map<string, AccountShare>();
  /** The last equity of each that was known. */
  readonly #known = new Map<string, number>();
  /** Until everybody who was there before a restart is back, nothing is known of the sums. */
  #whole: boolean;

  constructor(options: AccountIndexOptions) {
    this.#options = options;
    this.#stretches = new Map(Object.entries(options.recalled ?? {}));
    this.#whole = this.#stretches.size === 0;
  }

  /** A strategy brings what it has; one that comes back after a restart is in the stretch already. */
  join(strategy: string, share: AccountShare): void {
    const stretch = this.#stretchOf(share.account);
    this.#shares.set(strategy, share);
    if (Object.hasOwn(stretch.bases, strategy)) return;
    const index = this.#indexOf(share.account);
    this.#begin(share.account, index);
  }

  /** Everybody who comes back after a restart has: whoever is missing has left. */
  recovered(): void {
    if (this.#whole) return;
    this.#whole = true;
    for (const account of this.#stretches.keys()) {
      const gone = Object.keys(this.#stretchOf(account).bases).some((name) => !this.#shares.has(name));
      if (gone) this.#begin(account, this.#indexOf(account));
    }
  }

  leave(strategy: string): void {
    const share = this.#shares.get(strategy);
    if (share === undefined) return;
    const index = this.#indexOf(share.account);
    this.#shares.delete(strategy);
    this.#begin(share.account, index);
    this.#known.delete(strategy);
  }

  accounts(): readonly AccountMetrics[] {
    const names = [...new Set([...this.#shares.values()].map(({ account }) => account))].toSorted();
    return names.map((account) => {
      const shares = [...this.#shares].filter(([, share]) => share.account === account);
      const equity = this.#sumOf(shares.map(([, share]) => share.equity()));
      return {
        account,
        currency: this.#options.currency,
        equity,
        balance: this.#sumOf(shares.map(([, share]) => share.balance())),
        index: equity === null ? null : Number(this.#indexOf(account).toPrecision(SHOWN_DIGITS)),
      };
    });
  }

  /** Null where one is unknown, or has not come back yet. */
  #sumOf(parts: readonly (Decimal | null)[]): Decimal | null {
    if (!this.#whole || parts.includes(null)) return null;
    return parts.reduce<Decimal>((sum, part) => sum.plus(part!), dec(0)).trimmed();
  }

  #stretchOf(account: string): Stretch {
    return this.#stretches.get(account) ?? { index: 1, bases: {} };
  }

  /** What the stretch has come to; an equity that is not known counts as it last was. */
  #indexOf(account: string): number {
    const { index, bases } = this.#stretchOf(account);
    let base = 0;
    let now = 0;
    for (const [strategy, was] of Object.entries(bases)) {
      base += was;
      now += this.#shares.has(strategy) ? this.#equityOf(strategy, was) : was;
    }
    return base > 0 ? index * (Math.max(0, now) / base) : index;
  }

  #equityOf(strategy: string, otherwise: number): number {
    const equity = this.#shares.get(strategy)!.equity();
    if (equity === null) return this.#known.get(strategy) ?? otherwise;
    this.#known.set(strategy, equity.toNumber());
    return equity.toNumber();
  }

  #begin(account: string, index: number): void {
    const bases: Record<string, number> = {};
    for (const [strategy, share] of this.#shares)
      if (share.account === account) bases[strategy] = this.#equityOf(strategy, share.balance()?.toNumber() ?? 0);
    // What has not come back yet stays in the stretch as it was.
    if (!this.#whole)
      for (const [strategy, base] of Object.entries(this.#stretchOf(account).bases))
        if (!Object.hasOwn(bases, strategy)) bases[strategy] = base;
    this.#stretches.set(account, { index, bases });
    this.#options.save(Object.fromEntries(this.#stretches));
  }
}
