/** Positions and pending orders with our magic number that no strategy knows. */
import type { Clock } from '../../clock.ts';
import { Decimal } from '../../domain/decimal.ts';
import type { Difference, ReconcilePolicies } from '../../domain/differences.ts';
import type { Mt5Account } from './account.ts';
import type { Look } from './account-context.ts';
import { DifferenceBoard } from './difference-board.ts';
import { signedVolume, sized } from './holdings.ts';
import type { Mt5Deal, Mt5Order, Mt5Position, Read } from './types.ts';

export interface ForeignOptions {
  readonly clock: Clock;
  readonly magic: number;
  readonly policies: ReconcilePolicies;
  readonly ourSymbol: (name: string) => string | undefined;
  readonly accounts: () => readonly Mt5Account[];
  /** All deals of a position. */
  readonly dealsOf: (position: Mt5Position) => Promise<Read<readonly Mt5Deal[]>>;
  readonly tell: (difference: Difference, settled: boolean) => void;
  /** Something of an account has thrown where nobody else catches it. */
  readonly fault: (account: Mt5Account, error: unknown) => void;
}

/** Full looks that must show it: an order of ours may only not have been attributed yet. */
const LOOKS = 4;

export class Foreign {
  readonly #options: ForeignOptions;
  readonly #board: DifferenceBoard;
  readonly #seen = new Map<number, number>();
  readonly #adopting = new Set<number>();

  constructor(options: ForeignOptions) {
    this.#options = options;
    this.#board = new DifferenceBoard(options.clock, (difference, settled) => {
      for (const account of this.#concerned(difference)) this.#tell(account, difference, settled);
      options.tell(difference, settled);
    });
  }

  differences(): readonly Difference[] {
    return this.#board.all();
  }

  /** After every account has taken the look in; `counts` is false until all strategies of before are back. */
  settle({ positions, orders }: Look, counts: boolean): boolean {
    const rows = [...positions, ...orders].filter((row) => this.#isForeign(row));
    const tickets = new Set(rows.map(({ ticket }) => ticket));
    for (const ticket of this.#seen.keys()) if (!tickets.has(ticket)) this.#seen.delete(ticket);
    this.#board.keep(({ id }) => tickets.has(ticketOf(id)));
    if (!counts) return false;
    for (const row of rows) {
      const looks = (this.#seen.get(row.ticket) ?? 0) + 1;
      this.#seen.set(row.ticket, looks);
      if (looks >= LOOKS) this.#found(row);
    }
    return rows.some(({ ticket }) => this.#seen.get(ticket)! < LOOKS);
  }

  #tell(account: Mt5Account, difference: Difference, settled: boolean): void {
    try {
      account.tell(difference, settled);
    } catch (error) {
      this.#options.fault(account, error);
    }
  }

  #isForeign({ ticket, magic, comment }: Mt5Position | Mt5Order): boolean {
    if (magic !== this.#options.magic) return false;
    return !this.#options.accounts().some((account) => account.claims(ticket, comment));
  }

  #found(row: Mt5Position | Mt5Order): void {
    const { policies, ourSymbol, accounts } = this.#options;
    const symbol = ourSymbol(row.symbol);
    const theirs = 'openPrice' in row ? sized(signedVolume(row)) : `${row.type} ${row.volume.toString()}`;
    const difference = {
      id: idOf(row.ticket),
      kind: 'foreign',
      strategy: null,
      symbol: symbol ?? row.symbol,
      ours: null,
      theirs,
      policy: policies.foreign,
    } as const;
    if (policies.foreign !== 'adopt') {
      this.#board.found({ ...difference, done: policies.foreign === 'halt' ? 'halted' : 'shown' });
      return;
    }
    const takers = accounts().filter((account) => symbol !== undefined && account.trades(symbol));
    if (takers.length !== 1)
      this.#board.found({ ...difference, done: `shown: ${takers.length} strategies trade ${difference.symbol}` });
    else if (!('openPrice' in row)) this.#board.found({ ...difference, done: 'taken over when it fills' });
    else this.#adoptBy(takers[0]!, row, difference);
  }

  #adoptBy(taker: Mt5Account, row: Mt5Position, difference: Omit<Difference, 'since' | 'done'>): void {
    const adopting = this.#adopt(row, taker, { ...difference, strategy: taker.strategy });
    adopting.catch((error: unknown) => this.#options.fault(taker, error));
  }

  async #adopt(row: Mt5Position, taker: Mt5Account, difference: Omit<Difference, 'since' | 'done'>): Promise<void> {
    if (this.#adopting.has(row.ticket)) return;
    this.#adopting.add(row.ticket);
    const deals = await this.#options.dealsOf(row).finally(() => this.#adopting.delete(row.ticket));
    if (!deals.known || !this.#isForeign(row)) return;
    // Something has happened to it since it was looked at: the next look shows what.
    if (deals.value.length > 0 && !netOf(deals.value).equals(signedVolume(row))) return;
    if (!taker.adopt(row, deals.value)) {
      this.#board.found({ ...difference, done: 'taken over once there is a price' });
      return;
    }
    const done = `taken over by ${taker.strategy}`;
    this.#board.found({ ...difference, done });
    this.#board.settled(difference.id);
  }

  /** Those that are to hear of it: the one that has taken it over, else all that trade its symbol. */
  #concerned({ strategy, symbol }: Difference): readonly Mt5Account[] {
    return this.#options
      .accounts()
      .filter((account) => (strategy === null ? account.trades(symbol) : account.strategy === strategy));
  }
}

const netOf = (deals: readonly Mt5Deal[]): Decimal =>
  deals.reduce((sum, deal) => sum.plus(signedVolume(deal)), Decimal.ZERO);

const idOf = (ticket: number): string => `foreign:${ticket}`;
const ticketOf = (id: string): number => Number(id.split(':')[1]);
