/** Reads a strategy's kept events from the first on, a piece at a time: history must not hold up trading. */
import { TRADING_EVENT_TYPES, isGap, type EventItem, type QktEvent } from '../domain/events.ts';
import type { EquityView, Moment, PastView, StoredTransition } from '../domain/history.ts';
import type { StrategyPort } from '../domain/ports.ts';
import { iso } from '../domain/time.ts';
import { PastFold } from '../observe/past.ts';
import { nextTurn } from './event-poll.ts';
import type { ReaderShare } from './reader-share.ts';

const PIECE = 250;
const MOST_POINTS = 2000;

/** A place in the past: right after an event, or at a time. */
export type Wanted = { readonly seq: number } | { readonly ts: number };

async function* tradingEvents(
  { events: { source } }: StrategyPort,
  share: ReaderShare,
  signal: AbortSignal,
): AsyncGenerator<EventItem> {
  const filter = { types: TRADING_EVENT_TYPES, limit: PIECE };
  let cursor = source.form.start;
  for (;;) {
    await share.turn(signal);
    if (signal.aborted) return;
    const page = share.spend(() => source.read(cursor, filter));
    yield* page.items;
    if (!page.more) return;
    cursor = page.next;
    await nextTurn();
  }
}

/** The strategy as it was then. @param wanted undefined: now */
export async function readPast(
  strategy: StrategyPort,
  wanted: Wanted | undefined,
  share: ReaderShare,
  signal: AbortSignal,
): Promise<PastView> {
  const { currency, startingBalance } = strategy.status();
  const transitions = strategy.transitions();
  const fold = new PastFold(startingBalance);
  const trail = new Trail(wanted);
  for await (const item of tradingEvents(strategy, share, signal)) {
    if (!isGap(item) && !trail.pass(momentOf(item), item.ts)) break;
    fold.take(item);
  }
  const states = new Trail(wanted);
  const reached = transitions.filter((transition) =>
    states.pass(transitionMoment(transition), Date.parse(transition.ts)),
  );
  const state = reached.at(-1);
  const figures = fold.figures();
  const { at, previous, next } = together(trail, states);
  const newest = strategy.events.source.read(undefined, { types: TRADING_EVENT_TYPES, limit: Infinity }).items.at(-1);
  const lastState = transitions.at(-1);
  return {
    strategy: strategy.name,
    currency,
    startingBalance,
    at,
    state: state?.to ?? null,
    since: state?.ts ?? null,
    ...figures,
    unknown: Object.entries({ ...figures, state: state?.to ?? null })
      .filter(([, value]) => value === null)
      .map(([name]) => name),
    first: earliest(trail.first, states.first),
    last: latest(
      newest === undefined || isGap(newest) ? trail.last : momentOf(newest),
      lastState === undefined ? null : transitionMoment(lastState),
    ),
    previous,
    next,
  };
}

/** The balance after each fill; the equity too while nothing was open. */
export async function readEquity(strategy: StrategyPort, share: ReaderShare, signal: AbortSignal): Promise<EquityView> {
  const { currency, startingBalance } = strategy.status();
  const fold = new PastFold(startingBalance);
  const points = new Points();
  for await (const item of tradingEvents(strategy, share, signal)) {
    fold.take(item);
    if (item.type !== 'position') continue;
    const { balance, equity } = fold.figures();
    points.add(iso(item.ts), balance?.toNumber() ?? null, equity?.toNumber() ?? null);
  }
  const head = { strategy: strategy.name, currency, startingBalance, span: 'all' as const, stepMs: null };
  return { ...head, ...points.columns(), incomplete: points.thinned || !fold.isWhole };
}

/** At most so many: every second one goes when there are more. */
class Points {
  #ts: string[] = [];
  #balance: (number | null)[] = [];
  #equity: (number | null)[] = [];
  thinned = false;

  add(ts: string, balance: number | null, equity: number | null): void {
    this.#ts.push(ts);
    this.#balance.push(balance);
    this.#equity.push(equity);
    if (this.#ts.length <= MOST_POINTS) return;
    this.thinned = true;
    const isEven = (_: unknown, n: number): boolean => n % 2 === 0;
    this.#ts = this.#ts.filter(isEven);
    this.#balance = this.#balance.filter(isEven);
    this.#equity = this.#equity.filter(isEven);
  }

  columns(): Pick<EquityView, 'ts' | 'equity' | 'balance' | 'drawdown'> {
    return { ts: this.#ts, balance: this.#balance, equity: this.#equity, drawdown: this.#ts.map(() => null) };
  }
}

/** Walks events in order, and stops after the wanted place. */
class Trail {
  readonly #wanted: Wanted | undefined;
  first: Moment | null = null;
  last: Moment | null = null;
  before: Moment | null = null;
  next: Moment | null = null;

  constructor(wanted: Wanted | undefined) {
    this.#wanted = wanted;
  }

  /** False for what comes after the wanted place. */
  pass(moment: Moment, ts: number): boolean {
    this.first ??= moment;
    const wanted = this.#wanted;
    const isIn = wanted === undefined || ('seq' in wanted ? moment.seq <= wanted.seq : ts <= wanted.ts);
    if (!isIn || this.next !== null) {
      this.next ??= moment;
      return false;
    }
    this.before = this.last;
    this.last = moment;
    return true;
  }
}

function together(a: Trail, b: Trail): Record<'at' | 'previous' | 'next', Moment | null> {
  const at = latest(a.last, b.last);
  const others = [a.last, a.before, b.last, b.before].filter((moment) => moment?.seq !== at?.seq);
  return { at, previous: latest(...others), next: earliest(a.next, b.next) };
}

type Maybe = Moment | null;
const ordered = (moments: readonly Maybe[]): readonly Moment[] =>
  moments.filter((moment) => moment !== null).toSorted((a, b) => a.seq - b.seq);
const latest = (...moments: readonly Maybe[]): Maybe => ordered(moments).at(-1) ?? null;
const earliest = (...moments: readonly Maybe[]): Maybe => ordered(moments)[0] ?? null;

const momentOf = ({ seq, ts, type }: QktEvent): Moment => ({ seq, ts: iso(ts), type });
const transitionMoment = ({ seq, ts }: StoredTransition): Moment => ({ seq, ts, type: 'lifecycle' });
