/** What a strategy that a rule has halted shows of itself, every member of it. */
import { dec } from '../../src/domain/decimal.ts';
import type { HaltCauseView, HeadroomView } from '../../src/domain/risk-views.ts';
import type { StatusView } from '../../src/domain/status-views.ts';
import { ScriptedStrategy } from './strategy-port.ts';

const SINCE = '2026-11-22T07:20:00.000Z';

export const CAUSE: HaltCauseView = {
  causeId: 'ema-cross-h1',
  rule: 'maxDrawdown',
  scope: 'strategy',
  reason: 'drawdown 0.0521 over 0.05',
  since: SINCE,
  by: null,
  basis: 'peak',
  formula: '(peak − equity) / peak > limit',
  inputs: { peak: dec(10_500), equity: dec('9952.95') },
  measured: dec('0.0521'),
  limit: dec('0.05'),
  onBreach: 'hold',
  equity: dec('9952.95'),
  positions: [{ symbol: 'EURUSD', qty: dec(10_000) }],
  restored: true,
  durable: true,
};

export const BOOK_CAUSE: HaltCauseView = {
  causeId: 'ema-cross-h2',
  rule: 'manual',
  scope: 'book',
  reason: 'exchange trouble',
  since: SINCE,
  by: 'night-shift',
};

export const HEADROOM: HeadroomView = {
  rule: 'maxDailyLoss',
  basis: 'equity',
  limit: dec(500),
  used: dec('425.5'),
  remaining: dec('74.5'),
  remainingMoney: dec('74.5'),
  breachInMs: 90_000,
};

export function haltedStatus(...causes: readonly HaltCauseView[]): StatusView {
  const inForce = causes.length === 0 ? [CAUSE] : causes;
  const { reason, rule, scope, since, by } = inForce[0]!;
  const { statusView } = new ScriptedStrategy();
  return {
    ...statusView,
    state: 'halted',
    riskState: {
      ...statusView.riskState,
      halted: true,
      causes: inForce,
      reason,
      rule,
      scope,
      since,
      by,
      headroom: [HEADROOM],
    },
  };
}
