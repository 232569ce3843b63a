/**
 * What becomes of a strategy's orders and positions when its code is lost: its definition's
 * `onHang`. `hold`: the gate stays closed, nothing else. `halt`: entries are cancelled, and only a
 * person's resume opens the gate again. `flatten`: that, and positions are closed.
 */
import type { Clock } from '../clock.ts';
import type { HaltRuleName } from '../domain/metrics.ts';
import type { WireDefinition } from '../worker/protocol.ts';
import type { NewCause } from './halts.ts';
import type { Logger } from './log-sink.ts';
import { leftOfBoth } from './left-behind.ts';
import { cancelEntries, flatten } from './stop-steps.ts';
import type { StrategyBook } from './strategy-book.ts';
import type { Cancelled, Hang } from './strategy-events.ts';

export type OnHang = WireDefinition['onHang'];

/** The rule that a hang breaks. */
export const ON_HANG: HaltRuleName = 'onHang';

/** The halt of a hang that has been seen; undefined where the strategy is held. */
export function hangCause(
  policy: OnHang,
  { cause, detail, ms }: Hang & { readonly ms: number },
  limitMs: number,
): NewCause | undefined {
  if (policy === 'hold') return undefined;
  return {
    rule: ON_HANG,
    scope: 'strategy',
    reason: `the strategy's code hangs (${cause}): ${detail}`,
    by: null,
    formula: 'milliseconds of a turn > limit',
    inputs: { turnMs: ms },
    measured: ms,
    limit: limitMs,
    onBreach: policy === 'flatten' ? 'flatten' : 'hold',
  };
}

/** What {@link abandon} begins with, at once. */
export function abandonNow(policy: OnHang, { desk, ledger }: StrategyBook): void {
  if (policy === 'hold') return;
  desk.cancelEntries('entries are closed');
  if (policy === 'flatten' && ledger.positions().length > 0) desk.flatten();
}

/** Nobody runs it any more: what it has working is dealt with as it asked for. What is left is named, in the log as well. */
export async function abandon(
  { policy, book, clock, log }: AbandonOptions,
  deadline: number,
  signal: AbortSignal,
): Promise<Cancelled> {
  // A strategy that is restored as failed is still being built.
  await book.commits.settle();
  if (policy === 'hold') return { cancelled: 0, left: [] };
  const { cancelled, left } = await cancelEntries(book, clock, deadline, signal);
  const all = policy === 'flatten' ? leftOfBoth(left, (await flatten(book, clock, deadline, signal)).left) : left;
  if (all.length > 0) log.error('it has failed, and something of it is left', { left: all.join(', ') });
  return { cancelled, left: all };
}

export interface AbandonOptions {
  readonly policy: OnHang;
  readonly book: StrategyBook;
  /** The wall clock. */
  readonly clock: Clock;
  readonly log: Logger;
}
