/** How each rule about a strategy reads its facts. Comparisons are strict: a limit itself is no breach. */
import { Decimal, dec } from '../domain/decimal.ts';
import { BY_RULE, type HeadroomView } from '../domain/risk-views.ts';
import type { PositionFacts, StrategyFacts } from './facts.ts';
import { readable } from './figures.ts';
import type { Reading } from './rule.ts';
import type { Spans } from './spans.ts';
import { plural } from '../domain/plural.ts';

/** Orders below which a rate of rejections says nothing. */
export const LEAST_ORDERS = 10;

/** States in which quotes are worked through. */
const LIVE = new Set(['warming', 'trading', 'halting', 'halted']);

/** Keeps its state while health is not known. */
export function down({ strategy, shouldRun, healthy, state }: StrategyFacts): Reading {
  return {
    holds: shouldRun ? (healthy === null ? null : !healthy) : false,
    summary: `${strategy} should be running, and its tick loop is not: it is ${state}`,
    measured: healthy,
    limit: null,
    inputs: { state, shouldRun },
  };
}

/** Any cause in force; the earliest gives the figures. */
export function halted({ strategy, causes, state }: StrategyFacts): Reading {
  const first = causes[0];
  return {
    holds: first !== undefined,
    summary: `${strategy} is halted: ${first?.reason ?? 'no cause is in force'}`,
    measured: first?.measured ?? causes.length,
    limit: first?.limit ?? null,
    inputs: {
      state,
      rules: causes.map(({ rule }) => rule),
      scope: first?.scope ?? null,
      by: first === undefined ? null : (first.by ?? BY_RULE),
      restored: first?.restored ?? false,
      ...first?.inputs,
    },
    // A strategy's resume does not lift a halt of the book.
    ...(causes.some(({ scope }) => scope === 'book') && { command: 'qkt resume --all --dry-run' }),
  };
}

/** Nothing but a person starts or stops what has failed. */
export function failed({ strategy, state, latched, restarts }: StrategyFacts): Reading {
  return {
    holds: state === 'failed',
    summary: `${strategy} has failed and is not started again: ${latched ?? 'its restart budget is spent'}`,
    measured: state,
    limit: null,
    inputs: { state, restarts, latched },
  };
}

/** Measured: entries that the halt could not cancel. */
export function haltIncomplete({ strategy, state, haltLeft }: StrategyFacts): Reading {
  return {
    holds: haltLeft.length > 0,
    summary: `${strategy} is halted, and entries of it still work: ${haltLeft.join(', ')}`,
    measured: haltLeft.length,
    limit: null,
    inputs: { state, orders: haltLeft },
  };
}

/** Measured: positions that a flatten has left open; 0 as well where none was asked for. */
export function flattenFailed({ strategy, state, flattenLeft }: StrategyFacts): Reading {
  const left = flattenLeft ?? [];
  return {
    holds: left.length > 0,
    summary: `${strategy} was to be flat, and still holds ${left.join(', ')}`,
    measured: left.length,
    limit: null,
    inputs: { state, positions: left },
  };
}

/** Measured: orders whose outcome is not known. */
export function orderUnknown({ strategy, unknownOrders }: StrategyFacts): Reading {
  return {
    holds: unknownOrders.length > 0,
    summary: `nobody knows what became of ${plural(unknownOrders.length, 'order')} of ${strategy}: ${unknownOrders.join(', ')}`,
    measured: unknownOrders.length,
    limit: null,
    inputs: { orders: unknownOrders },
  };
}

/** Measured: differences between the venue and this book that are not settled. */
export function bookMismatch({ strategy, mismatches }: StrategyFacts): Reading {
  return {
    holds: mismatches.length > 0,
    summary: `the venue's book and that of ${strategy} differ: ${mismatches.join('; ')}`,
    measured: mismatches.length,
    limit: null,
    inputs: { differences: mismatches },
  };
}

/** Figures are those of the first position that is beyond its stop. */
export function stopNotFired({ strategy, positions }: StrategyFacts): Reading {
  const beyond = positions.filter(isBeyondStop);
  const [worst] = beyond;
  return {
    holds: beyond.length > 0,
    summary: `the market is beyond the stop of ${strategy} in ${beyond.map(({ symbol }) => symbol).join(', ')}, which has not filled`,
    measured: worst?.markPrice ?? null,
    limit: worst?.stopLoss ?? null,
    inputs: { symbols: beyond.map(({ symbol }) => symbol) },
  };
}

/** A long is closed at the bid when that falls to its stop, a short at the ask when that rises to it. */
function isBeyondStop({ qty, markPrice, stopLoss }: PositionFacts): boolean {
  if (markPrice === null || stopLoss === undefined) return false;
  return qty.sign() > 0 ? markPrice.lessThan(stopLoss) : markPrice.greaterThan(stopLoss);
}

/** @param share of the starting balance */
export function equityFloor({ strategy, equity, startingBalance, currency }: StrategyFacts, share: Decimal): Reading {
  const floor = startingBalance.times(share);
  return {
    holds: equity === null ? null : equity.lessThan(floor),
    summary: `the equity of ${strategy} is ${equity === null ? 'unknown' : readable(equity).toString()} ${currency}, under ${readable(floor).toString()}`,
    measured: equity,
    limit: floor,
    inputs: { equity, startingBalance, share },
  };
}

/** In whole seconds of open market; no limit where no trades are expected. */
export function noTrades({ strategy, state, quietMs, expectTradesEveryMs, tradesTotal }: StrategyFacts): Reading {
  const expected = expectTradesEveryMs;
  return {
    // One that does not run is not expected to trade.
    holds: expected === null || !LIVE.has(state) ? false : quietMs === null ? null : quietMs > expected,
    summary: `${strategy} has not traded for ${hours(quietMs ?? 0)} of open market; expected is a trade every ${hours(expected ?? 0)}`,
    measured: quietMs === null ? null : Math.round(quietMs / 1000),
    limit: expected === null ? null : Math.round(expected / 1000),
    inputs: { tradesTotal },
  };
}

/** @param limit share of the orders that were sent */
export function rejectionRate(
  { strategy, submitted15m, rejected15m }: StrategyFacts,
  limit: Decimal,
  { rejections }: Spans,
): Reading {
  const enough = submitted15m >= LEAST_ORDERS;
  const rate = submitted15m === 0 ? Decimal.ZERO : dec(rejected15m).dividedBy(dec(submitted15m));
  return {
    // Without a division: the limit itself is no breach, whatever it rounds to.
    holds: enough && dec(rejected15m).greaterThan(limit.times(dec(submitted15m))),
    summary: `the venue has rejected ${rejected15m} of ${submitted15m} orders of ${strategy} within ${hours(rejections)}`,
    measured: rate,
    limit,
    inputs: { submitted: submitted15m, rejected: rejected15m, windowSeconds: rejections / 1000 },
  };
}

/** Measured: the age of its last data in seconds, whichever symbol that was of. */
export function staleFeed({ strategy, state, stale, dataAgeMs }: StrategyFacts): Reading {
  return {
    holds: LIVE.has(state) && stale.length > 0,
    summary: `${strategy} gets no quotes of ${stale.join(', ')} although its market is open`,
    measured: dataAgeMs === null ? null : Math.round(dataAgeMs / 1000),
    limit: null,
    inputs: { symbols: stale, state },
  };
}

/** @param limit used share of a halt rule's limit */
export function headroomLow({ strategy, state, headroom }: StrategyFacts, limit: Decimal): Reading {
  const worst = worstOf(headroom);
  const measured = worst === undefined ? null : shareOf(worst);
  return {
    holds: LIVE.has(state) && headroom.some((row) => row.used?.greaterThan(row.limit.times(limit)) === true),
    summary: `${strategy} has used ${percent(measured)} of what ${worst?.rule ?? 'a halt rule'} allows`,
    measured,
    limit,
    inputs: { rule: worst?.rule ?? null, used: worst?.used ?? null, ruleLimit: worst?.limit ?? null },
  };
}

const shareOf = ({ used, limit }: HeadroomView): Decimal | null =>
  used === null || limit.isZero() ? null : used.dividedBy(limit);

function worstOf(rows: readonly HeadroomView[]): HeadroomView | undefined {
  let worst: HeadroomView | undefined;
  for (const row of rows) {
    const share = shareOf(row);
    if (share === null) continue;
    if (worst === undefined || share.greaterThan(shareOf(worst)!)) worst = row;
  }
  return worst;
}

/** Measured: seconds of the position that has been without a stop, or losing, for longest. */
export function unprotectedPosition({ strategy, positions }: StrategyFacts, _share: Decimal, spans: Spans): Reading {
  const bare = positions.filter(({ bareMs }) => bareMs >= spans.bare);
  const losing = positions.filter(({ losingMs }) => losingMs >= spans.losing);
  const longest = Math.max(0, ...bare.map(({ bareMs }) => bareMs), ...losing.map(({ losingMs }) => losingMs));
  const words = [
    ...bare.map(({ symbol }) => `${symbol} is open without a stop`),
    ...losing.map(({ symbol }) => `${symbol} has lost for ${hours(spans.losing)}`),
  ];
  return {
    holds: words.length > 0,
    summary: `${strategy}: ${words.join('; ')}`,
    measured: Math.round(longest / 1000),
    limit: (bare.length > 0 ? spans.bare : spans.losing) / 1000,
    inputs: { withoutStop: bare.map(({ symbol }) => symbol), losing: losing.map(({ symbol }) => symbol) },
  };
}

/** Measured: the slippage of the newest such entry among the trades that are shown; null where it is not shown any more. */
export function highSlippage({ strategy, highSlippage5m, highSlippage: limit, lastTrades }: StrategyFacts): Reading {
  const slips = lastTrades.filter(({ reducing, slippage }) => !reducing && limit !== null && isOver(slippage, limit));
  const last = slips.at(-1);
  return {
    holds: (highSlippage5m ?? 0) > 0,
    summary: `${plural(highSlippage5m ?? 0, 'entry', 'entries')} of ${strategy} filled further from their signal than ${limit?.toString() ?? 'allowed'}`,
    measured: last?.slippage ?? null,
    limit,
    inputs: {
      count: highSlippage5m,
      tradeId: last?.id ?? null,
      price: last?.price ?? null,
      signalPrice: last?.signalPrice ?? null,
    },
  };
}

const isOver = (slippage: Decimal | null, limit: Decimal): boolean => slippage?.abs().greaterThan(limit) === true;

const hours = (ms: number): string =>
  ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;

const percent = (ratio: Decimal | null): string =>
  ratio === null ? 'an unknown share' : `${ratio.times(dec(100)).rounded(1).toString()} %`;
