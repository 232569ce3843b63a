/** The figures that a rule of one's own may be about, by name. */
import { Decimal, dec, type DecimalLike } from '../domain/decimal.ts';
import type { AccountFacts, DaemonFacts, StrategyFacts } from './facts.ts';

interface FieldOf<Scope extends string, Target> {
  readonly scope: Scope;
  /** What it is, for the reference. */
  readonly about: string;
  /** What it is compared with is from 0 to 1. */
  readonly isShare?: boolean;
  /** Null or undefined: not known. */
  readonly read: (target: Target) => DecimalLike | null | undefined;
  /** The same for Prometheus, where a family has it; `select` is in braces, or empty. */
  readonly prometheus?: (select: string) => string;
}
export type Field =
  FieldOf<'strategy', StrategyFacts> | FieldOf<'account', AccountFacts> | FieldOf<'daemon', DaemonFacts>;

const strategy = (
  about: string,
  read: FieldOf<'strategy', StrategyFacts>['read'],
  prometheus?: (select: string) => string,
): Field => ({ scope: 'strategy', about, read, ...(prometheus !== undefined && { prometheus }) });

const share = (field: Field): Field => ({ ...field, isShare: true });

const family = (name: string) => (select: string) => name + select;

export const FIELDS: Readonly<Record<string, Field>> = {
  equity: strategy('marked equity, account currency', ({ equity }) => equity, family('qkt_equity')),
  balance: strategy('balance, account currency', ({ balance }) => balance, family('qkt_balance')),
  realized: strategy('realized profit, account currency', ({ realized }) => realized, family('qkt_realized_pnl')),
  unrealized: strategy(
    'unrealized profit, account currency',
    ({ unrealized }) => unrealized,
    family('qkt_unrealized_pnl'),
  ),
  'drawdown.ratio': share(
    strategy('share lost since the peak', ({ drawdown }) => drawdown, family('qkt_drawdown_ratio')),
  ),
  dailyLoss: strategy("loss since the day's start, account currency", (facts) => facts.dailyLoss),
  'exposure.ratio': strategy(
    'gross value of the open positions as a share of equity',
    ({ exposure }) => exposure,
    family('qkt_exposure_ratio'),
  ),
  'headroom.used': share(strategy("the largest used share of a halt rule's limit", usedHeadroom)),
  'positions.count': strategy('open positions', ({ positions }) => positions.length),
  'orders.unknown': strategy('orders whose fate nobody knows', ({ unknownOrders }) => unknownOrders.length),
  'trades.total': strategy('trades so far', ({ tradesTotal }) => tradesTotal, family('qkt_trades_total')),
  restarts: strategy('automatic restarts so far', (facts) => facts.restarts, family('qkt_strategy_restarts_total')),
  'rejections.ratio': share(
    strategy('orders that the venue rejected within 15 min', ({ rejected15m, submitted15m }) =>
      submitted15m === 0 ? 0 : dec(rejected15m).dividedBy(dec(submitted15m)),
    ),
  ),
  'data.ageSeconds': strategy('since the last quote', ({ dataAgeMs }) => secondsOf(dataAgeMs)),
  'quiet.seconds': strategy(
    'open market since the last trade',
    ({ quietMs }) => secondsOf(quietMs),
    family('qkt_open_seconds_since_last_trade'),
  ),
  'account.index': {
    scope: 'account',
    about: 'time-weighted equity of an account, 1 at the start',
    read: ({ index }) => index,
    prometheus: family('qkt_account_equity_index'),
  },
  'disk.freeBytes': {
    scope: 'daemon',
    about: 'free bytes on the disk of the state directory',
    read: ({ freeBytes }) => freeBytes,
    prometheus: family('qkt_state_dir_free_bytes'),
  },
  'journal.slowShare': {
    scope: 'daemon',
    isShare: true,
    about: "share of the journal's writes within 5 min that were slow",
    read: ({ slowSyncShare }) => slowSyncShare,
  },
};

function usedHeadroom({ headroom }: StrategyFacts): Decimal | null {
  let most: Decimal | null = null;
  for (const { used, limit } of headroom) {
    if (used === null || limit.isZero()) continue;
    const share = used.dividedBy(limit);
    most = most === null ? share : Decimal.max(most, share);
  }
  return most;
}

const secondsOf = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
