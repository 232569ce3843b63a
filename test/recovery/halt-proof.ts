/** Whether the record of a halt that comes while a strategy starts proves that it had to come. */
import { expect } from 'vitest';
import { dec, type Decimal } from '../../src/domain/decimal.ts';
import type { HaltCauseView } from '../../src/domain/risk-views.ts';
import type { JournalEvent } from '../../src/store/journal-types.ts';
import { fold, type Folded } from './fold.ts';
import { RULES, type Life } from './life.ts';

/** In money: a position is marked by the quote of that moment. */
function equityOf({ ledger }: Folded, { market }: Life): Decimal {
  const { bid, ask } = market.quote('X')!;
  const unrealized = ledger.unrealized(({ qty }) => ({
    mark: dec(qty.sign() > 0 ? bid : ask),
    rate: { kind: 'same' },
  }));
  return ledger.balance.plus(unrealized!).trimmed();
}

/**
 * A rule has tripped since the life began, on figures that are those of the journal: of what was restored, and of
 * fills that came while it started. No tick has come yet, so the quote is that of the halt.
 */
export function proveHalt(cause: HaltCauseView, life: Life, begun: number): void {
  const { causeId, rule, by, inputs = {}, measured, since } = cause;
  const kept: readonly JournalEvent[] = [...life.journal.events('s')];
  const at = kept.findIndex((event) => event.type === 'halt' && event['causeId'] === causeId);
  expect(at, `the record of ${causeId}`).toBeGreaterThanOrEqual(0);
  const limit = RULES.find((each) => each.rule === rule)?.limit;
  expect({ by, limit: Number(cause.limit) }, `${causeId} is of a rule`).toEqual({ by: null, limit });
  expect(Date.parse(since)).toBeGreaterThanOrEqual(begun);
  const folded = fold(kept.slice(0, at));
  if (rule === 'maxLosingStreak') {
    expect(Number(measured), 'losing closes in a row').toBeGreaterThanOrEqual(limit!);
    expect(folded.losses, 'losing closes in the journal').toBeGreaterThanOrEqual(Number(measured));
    return;
  }
  const equity = equityOf(folded, life);
  expect(String(inputs['equity']), 'the equity that is judged').toBe(equity.toString());
  const { peak, day } = life.book.equity.save();
  const reference = rule === 'maxDrawdown' ? peak : day.equity!;
  const loss = reference.minus(equity);
  const value = rule === 'maxDrawdown' ? loss.dividedBy(reference) : loss.trimmed();
  expect(String(measured)).toBe(value.toString());
  expect(value.greaterThan(dec(limit!)), `${causeId}: ${value.toString()} is over ${limit}`).toBe(true);
}
