/**
 * Reads a strategy's kept events a piece at a time, one piece in a turn of the event loop: history must not hold
 * up trading.
 */
import type { Decimal } from '../domain/decimal.ts';
import { TRADING_EVENT_TYPES, isGap, type EventPage } from '../domain/events.ts';
import type { EquityView, PastView } from '../domain/history.ts';
import type { StrategyPort } from '../domain/ports.ts';
import { iso } from '../domain/time.ts';
import { PastFold } from '../observe/past.ts';
import { nextTurn } from './event-poll.ts';
import { checkpointsOf, type Checkpoint, type Checkpoints } from './past-checkpoints.ts';
import { earliest, latest, momentOf, together, Trail, transitionMoment, type Wanted } from './past-trail.ts';
import type { ReaderShare } from './reader-share.ts';

/** Events: a millisecond or two. */
const PIECE = 250;
const MOST_POINTS = 2000;

/**
 * Trading events in their order, page by page.
 * @param take given a page; false ends the reading
 */
async function readPages(
  { events: { source } }: StrategyPort,
  from: number,
  share: ReaderShare,
  signal: AbortSignal,
  take: (page: EventPage) => boolean,
): Promise<void> {
  const filter = { types: TRADING_EVENT_TYPES, limit: PIECE };
  let cursor = from;
  for (;;) {
    await share.turn(signal);
    if (signal.aborted) return;
    const goesOn = share.spend(() => {
      const page = source.read(cursor, filter);
      cursor = page.next;
      return take(page) && page.more;
    });
    if (!goesOn) return;
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
  const { source } = strategy.events;
  // One that is not shown yet may come after events that are not shown either, and are not folded.
  const shown = strategy.transitions().findLast(({ seq }) => !source.isAhead(seq));
  const { fold, trail } = await foldUpTo(strategy, wanted, share, signal);
  const end = Math.max(shown?.seq ?? 0, trail.last?.seq ?? 0);
  const transitions = strategy.transitions().filter(({ seq }) => seq <= end);
  const states = new Trail(wanted);
  const reached = transitions.filter((transition) =>
    states.pass(transitionMoment(transition), Date.parse(transition.ts)),
  );
  const state = reached.at(-1);
  const figures = fold.figures();
  const { at, previous, next } = together(trail, states);
  const [newest] = source.newest({ types: TRADING_EVENT_TYPES, limit: 1 }).items;
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

/** From the nearest checkpoint on. */
async function foldUpTo(
  strategy: StrategyPort,
  wanted: Wanted | undefined,
  share: ReaderShare,
  signal: AbortSignal,
): Promise<Walk> {
  const { source } = strategy.events;
  const { start } = source.form;
  const [first] = share.spend(() => source.read(start, { types: TRADING_EVENT_TYPES, limit: 1 }).items);
  const checkpoints = checkpointsOf(strategy, first);
  const from = checkpoints.nearest(wanted);
  const walk = new Walk(strategy.status().startingBalance, wanted, checkpoints, from);
  await readPages(strategy, from?.cursor ?? start, share, signal, (page) => walk.take(page));
  return walk;
}

/** Folds up to the wanted place, and leaves checkpoints on its way. */
class Walk {
  readonly fold: PastFold;
  readonly trail: Trail;
  readonly #checkpoints: Checkpoints;
  #events: number;
  #latestTs: number;
  /** False once something was missing on the way: it may be written yet. */
  #isSound = true;

  constructor(
    startingBalance: Decimal,
    wanted: Wanted | undefined,
    checkpoints: Checkpoints,
    from: Checkpoint | undefined,
  ) {
    this.fold = from?.fold.copy() ?? new PastFold(startingBalance);
    this.trail = new Trail(wanted, from?.trail);
    this.#checkpoints = checkpoints;
    this.#events = from?.events ?? 0;
    this.#latestTs = from?.ts ?? -Infinity;
  }

  /** False once the wanted place was passed. */
  take({ items, next }: EventPage): boolean {
    for (const item of items) {
      if (isGap(item)) this.#isSound &&= this.#events === 0;
      else if (!this.trail.pass(momentOf(item), item.ts)) return false;
      else {
        this.#events += 1;
        this.#latestTs = Math.max(this.#latestTs, item.ts);
      }
      this.fold.take(item);
    }
    if (this.#isSound && this.#checkpoints.isDue(this.#events)) this.#leave(next);
    return true;
  }

  #leave(cursor: number): void {
    const fold = this.fold.copy();
    const trail = new Trail(undefined, this.trail);
    this.#checkpoints.add({ cursor, events: this.#events, ts: this.#latestTs, fold, trail });
  }
}

/** The balance after each fill; the equity too while nothing was open. */
export async function readEquity(strategy: StrategyPort, share: ReaderShare, signal: AbortSignal): Promise<EquityView> {
  const { currency, startingBalance } = strategy.status();
  const fold = new PastFold(startingBalance);
  const points = new Points();
  await readPages(strategy, strategy.events.source.form.start, share, signal, ({ items }) => {
    for (const item of items) {
      fold.take(item);
      if (item.type !== 'position') continue;
      const { balance, equity } = fold.figures();
      points.add(iso(item.ts), balance?.toNumber() ?? null, equity?.toNumber() ?? null);
    }
    return true;
  });
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
