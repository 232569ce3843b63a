/**
 * Trading on one MT5 account: the strategies on it share its looks, so that their number does not matter to
 * the gateway, and each has the part of it that is its own. What is sent is decided by the accounts; this file
 * sends it, brings back the answers, and keeps the looks going.
 */
import type { Cancel } from '../../clock.ts';
import type { Difference } from '../../domain/differences.ts';
import type { MarginLevel } from '../../domain/venue.ts';
import { Mt5Account } from './account.ts';
import type { AccountVenue, Look, Mt5Request } from './account-context.ts';
import { faultWords, messageOf } from './fault-words.ts';
import { Foreign } from './foreign.ts';
import { Looks } from './looks.ts';
import { contradiction } from './symbol-terms.ts';
import type { AccountOptions, Mt5TradingOptions, TradingCore } from './trading-types.ts';
import type { MarginMode, Mt5AccountInfo, Mt5Client, Mt5Deal, Mt5Symbol, Read, TradeAnswer } from './types.ts';

const MARGIN_EVERY_MS = 5000;
const FOREIGN_AGAIN_MS = 1000;
/** After something of an account has thrown. */
const FAULT_AGAIN_MS = 1000;
/** What a snapshot's deals go back to, with a margin. */
const SNAPSHOT_REACH_MS = 23 * 3_600_000;
/** Deals may be stamped by a clock whose offset was not known, or appear late. */
const DEAL_SLACK_MS = 12 * 3_600_000;

export class Mt5Trading implements TradingCore {
  readonly #options: Mt5TradingOptions;
  readonly #client: Mt5Client;
  readonly #accounts = new Map<string, Mt5Account>();
  readonly #terms = new Map<string, Mt5Symbol>();
  /** Why a symbol cannot be traded here. */
  readonly #wrongTerms = new Map<string, string>();
  /** Symbols whose terms could not be read: they are asked for again. */
  readonly #unreadTerms = new Set<string>();
  readonly #looks: Looks;
  readonly #foreign: Foreign;
  readonly #venue: AccountVenue;
  readonly #startedAt: number;
  #mode: MarginMode = 'unknown';
  #margin: MarginLevel = { level: undefined, unreadable: 0 };
  #stopMargin: Cancel | undefined;
  #moment = 0;
  #suspendedAt = 0;
  #sent = 0;
  #settled = false;
  #foreignToCome = false;
  /** Why the last look of each kind could not be read. */
  readonly #troubles: Record<'look' | 'glance', string | undefined> = { look: undefined, glance: undefined };
  /** What of each strategy's account was told to have thrown last. */
  readonly #faults = new Map<string, string>();

  constructor(options: Mt5TradingOptions) {
    const { clock, client, magic, policies, ourSymbol, listener } = options;
    this.#options = options;
    this.#client = client;
    this.#startedAt = clock.now();
    this.#venue = this.#venueOf(options);
    this.#looks = new Looks(
      clock,
      {
        isIdle: () => this.#isIdle(),
        glance: () => this.#glance().catch((error: unknown) => this.#failed(error)),
        look: () => this.#look().catch((error: unknown) => this.#unread('look', failed(error))),
        wants: () => this.#wants(),
        tick: () => this.#all().forEach((account) => this.#fence(account, () => account.tick(), undefined)),
      },
      options.pollMs,
    );
    this.#foreign = new Foreign({
      clock,
      magic,
      policies,
      ourSymbol,
      accounts: () => this.#all(),
      dealsOf: ({ ticket, openedAt }) => client.deals(openedAt - DEAL_SLACK_MS, clock.now() + DEAL_SLACK_MS, ticket),
      tell: (difference, settled) => listener.difference(difference, settled),
      fault: (account, error) => this.#fault(account, error),
    });
  }

  async prepare(info: Mt5AccountInfo, symbols: readonly string[]): Promise<Read<void>> {
    this.#mode = info.marginMode;
    this.#margin = { level: info.marginLevel, unreadable: 0 };
    const reads = await Promise.all(symbols.map((symbol) => this.#readTerms(symbol)));
    return reads.find(({ known }) => !known) ?? { known: true, value: undefined };
  }

  /** Names of the strategies that trade a symbol. */
  traders(symbol: string): readonly string[] {
    return this.#all().flatMap((account) => (account.trades(symbol) ? [account.strategy] : []));
  }

  openAccount(options: AccountOptions): Mt5Account {
    const { strategy } = options;
    const account: Mt5Account = new Mt5Account(options, {
      venue: this.#venue,
      send: (request) => this.#send(account, request),
      wake: (withinMs) => this.#looks.due(withinMs),
      margin: () => this.#margin,
      difference: (difference, settled) => this.#options.listener.difference(difference, settled),
      closed: () => {
        if (this.#accounts.get(strategy) === account) this.#accounts.delete(strategy);
      },
      fault: (error) => this.#fault(account, error),
    });
    this.#accounts.set(strategy, account);
    this.#looks.due(0);
    return account;
  }

  async reconcile(): Promise<Read<readonly Difference[]>> {
    const read = await this.#looks.look();
    return read.known ? { known: true, value: this.differences() } : read;
  }

  begin(): void {
    this.#looks.start();
    this.#stopMargin ??= this.#options.clock.every(MARGIN_EVERY_MS, () => void this.#readMargin());
  }

  suspend(): void {
    this.#looks.stop();
    this.#stopMargin?.();
    this.#stopMargin = undefined;
    this.#suspendedAt = ++this.#moment;
    for (const account of this.#all()) account.reconciled = false;
  }

  settled(): void {
    this.#settled = true;
  }

  differences(): readonly Difference[] {
    return [...this.#all().flatMap((account) => account.differences()), ...this.#foreign.differences()];
  }

  margin(): MarginLevel {
    return this.#margin;
  }

  close(): void {
    this.suspend();
    this.#accounts.clear();
  }

  #all(): readonly Mt5Account[] {
    return [...this.#accounts.values()];
  }

  #venueOf({ venue: name, clock, policies, brokerSymbol, ourSymbol, quote }: Mt5TradingOptions): AccountVenue {
    return {
      name,
      clock,
      policies,
      brokerSymbol,
      ourSymbol,
      quote,
      terms: (symbol) => this.#terms.get(symbol),
      termsTrouble: (symbol) => this.#wrongTerms.get(symbol) ?? `the broker's terms of ${symbol} are not known`,
      isHedging: () => (this.#mode === 'unknown' ? undefined : this.#mode === 'hedging'),
      isOpen: () => this.#looks.running,
      moment: () => this.#moment,
    };
  }

  async #readTerms(symbol: string): Promise<Read<void>> {
    const { brokerSymbol, instruments } = this.#options;
    const name = brokerSymbol(symbol);
    const read = await this.#client.symbol(name);
    if (!read.known) {
      this.#unreadTerms.add(symbol);
      return read;
    }
    this.#unreadTerms.delete(symbol);
    const wrong =
      read.value === undefined ? `the broker has no ${name}` : contradiction(instruments.get(symbol)!, read.value);
    if (wrong === undefined) {
      this.#terms.set(symbol, read.value!);
      this.#wrongTerms.delete(symbol);
    } else {
      // It is the trouble of those who trade it alone: everybody else's orders go on.
      if (read.value !== undefined) this.#terms.delete(symbol);
      this.#wrongTerms.set(symbol, wrong);
    }
    return { known: true, value: undefined };
  }

  /** One reading of everything, all of it or nothing; every account that was there when it began takes it in. */
  async #look(): Promise<Read<void>> {
    const accounts = this.#all();
    const begun = ++this.#moment;
    const until = this.#options.clock.now();
    const snapshot = await this.#client.reconcile();
    const deals = snapshot.known ? await this.#dealsOf(snapshot.value.deals, accounts, until) : snapshot;
    if (!snapshot.known || !deals.known) return this.#unread('look', snapshot.known ? deals : snapshot);
    this.#read('look', undefined);
    const { positions, orders } = snapshot.value;
    const look: Look = { begun, positions, orders, deals: deals.value };
    for (const account of accounts) this.#fence(account, () => this.#show(account, look, until), undefined);
    this.#foreignToCome = this.#foreign.settle(look, this.#settled);
    return { known: true, value: undefined };
  }

  #show(account: Mt5Account, look: Look, until: number): void {
    account.onLook(look, until);
    // It began before the gateway was lost: what has happened meanwhile is not in it.
    if (look.begun < this.#suspendedAt) account.reconciled = false;
  }

  /** A fault of one account is not one of the others, nor of the daemon. */
  #fence<T>(account: Mt5Account, run: () => T, otherwise: T): T {
    try {
      return run();
    } catch (error) {
      this.#fault(account, error);
      return otherwise;
    }
  }

  /** Until the account has taken a look in, it takes no entries. */
  #fault(account: Mt5Account, error: unknown): void {
    const { strategy } = account;
    const reason = messageOf(error);
    account.reconciled = false;
    this.#looks.due(FAULT_AGAIN_MS);
    // What throws each second is told once.
    if (this.#faults.get(strategy) === reason) return;
    this.#faults.set(strategy, reason);
    this.#options.listener.fault(strategy, reason);
  }

  /** A snapshot has the deals of a day: after a longer absence those before are read as well. */
  async #dealsOf(
    recent: readonly Mt5Deal[],
    accounts: readonly Mt5Account[],
    until: number,
  ): Promise<Read<readonly Mt5Deal[]>> {
    const since = Math.min(until, ...accounts.map(({ lookedUntil }) => lookedUntil));
    if (until - since <= SNAPSHOT_REACH_MS) return { known: true, value: recent };
    const older = await this.#client.deals(since - DEAL_SLACK_MS, until);
    if (!older.known) return older;
    const byTicket = new Map([...older.value, ...recent].map((deal) => [deal.ticket, deal]));
    return { known: true, value: [...byTicket.values()] };
  }

  #unread(how: 'look' | 'glance', read: Read<unknown>): Read<void> {
    const unread = read as Extract<Read<void>, { known: false }>;
    this.#read(how, unread.reason);
    return unread;
  }

  /** Looks of one kind that succeed do not make up for those of the other that fail: only a full look books. */
  #read(how: 'look' | 'glance', trouble: string | undefined): void {
    this.#troubles[how] = trouble;
    // Nobody looks in passing while there is nothing to see.
    if (how === 'look' && this.#isIdle()) this.#troubles.glance = undefined;
    if (trouble !== undefined) this.#options.listener.read(false, trouble);
    else if (this.#troubles.look === undefined && this.#troubles.glance === undefined)
      this.#options.listener.read(true);
  }

  #isIdle(): boolean {
    return this.#all().every((account) => this.#fence(account, () => account.isIdle, false));
  }

  async #glance(): Promise<boolean> {
    const [positions, orders] = await Promise.all([this.#client.positions(), this.#client.orders()]);
    if (!positions.known || !orders.known) {
      this.#unread('glance', positions.known ? orders : positions);
      return false;
    }
    this.#read('glance', undefined);
    return this.#all().some((account) =>
      this.#fence(account, () => account.suspects(positions.value, orders.value), true),
    );
  }

  /** Nothing was learnt. */
  #failed(error: unknown): false {
    this.#unread('glance', failed(error));
    return false;
  }

  #wants(): number | undefined {
    const wanted = this.#all().flatMap((account) => this.#fence(account, () => account.wants, FAULT_AGAIN_MS) ?? []);
    if (this.#foreignToCome) wanted.push(FOREIGN_AGAIN_MS);
    return wanted.length === 0 ? undefined : Math.min(...wanted);
  }

  /** What has thrown on the way may have been sent all the same: its order is settled by reading. */
  #send(account: Mt5Account, request: Mt5Request): void {
    this.#sendAndTell(account, request).catch((error: unknown) => {
      this.#fault(account, error);
      this.#fence(account, () => account.lost(request, faultWords(error)), undefined);
    });
  }

  async #sendAndTell(account: Mt5Account, request: Mt5Request): Promise<void> {
    if (request.kind === 'orderEnd') {
      const end = await fenced(() => this.#client.orderEnd(request.ticket));
      this.#moment += 1;
      account.historyAnswered(request, end);
      return;
    }
    const answer = await this.#ask(account, request).catch((error: unknown) => this.#unanswered(account, error));
    this.#moment += 1;
    account.answered(request, answer);
  }

  /** Whether it was sent cannot be told. */
  #unanswered(account: Mt5Account, error: unknown): TradeAnswer {
    this.#fault(account, error);
    return { kind: 'unknown', reason: faultWords(error) };
  }

  async #ask({ strategy }: Mt5Account, request: Exclude<Mt5Request, { kind: 'orderEnd' }>): Promise<TradeAnswer> {
    switch (request.kind) {
      case 'place': {
        const key = `mt5-${this.#options.magic}-${strategy}-${this.#startedAt}-${++this.#sent}`;
        return this.#client.place({ ...request.placement, key });
      }
      case 'closePart':
        return this.#client.closePart(request.ticket, request.volume);
      case 'setStops':
        return this.#client.setStops(request.ticket, request.stops);
      case 'close':
        return this.#client.close(request.ticket);
      default:
        return this.#client.cancel(request.ticket);
    }
  }

  async #readMargin(): Promise<void> {
    for (const symbol of this.#unreadTerms) void fenced(() => this.#readTerms(symbol));
    const read = await fenced(() => this.#client.account());
    this.#margin = read.known
      ? { level: read.value.marginLevel, unreadable: 0 }
      : { level: undefined, unreadable: this.#margin.unreadable + 1 };
  }
}

/** Of a read that has thrown. */
const failed = (error: unknown): Read<never> => ({ known: false, reason: faultWords(error) });

async function fenced<T>(read: () => Promise<Read<T>>): Promise<Read<T>> {
  try {
    return await read();
  } catch (error) {
    return failed(error);
  }
}
