/** The dashboard's rows are made of the same figures as `/status`, by a shorter way: both must say the same. */
import { expect, it } from 'vitest';
import { toPlain } from '../../src/domain/json.ts';
import type { StrategyPort } from '../../src/domain/ports.ts';
import { poll } from '../doubles/daemon.ts';
import { holderWithEntry, trader, trading } from '../web/scene.ts';

/** What the row must be, by the strategy's other answers of the same turn. */
function expectedRow(strategy: StrategyPort): object {
  const { state, currency, equity, unrealized, positions, orders, tradesTotal, riskState, gateway, data } =
    strategy.status();
  return {
    name: strategy.name,
    state,
    health: strategy.health().ok ? 'ok' : 'unhealthy',
    halted: riskState.halted,
    haltRule: riskState.rule,
    haltReason: riskState.reason,
    haltScope: riskState.scope,
    bookHalted: riskState.causes.some(({ scope }) => scope === 'book'),
    currency,
    equity,
    unrealized,
    headroom: riskState.headroom.map(({ rule, basis, limit, used }) => ({ rule, basis, limit, used })),
    positions: positions.length,
    orders: orders.length,
    trades: tradesTotal,
    gateway,
    stale: data.stale,
  };
}

it('says the same as the status of the same moment: while it trades, halted with a position, and stopped', async () => {
  const scene = await trading(['trader', trader('trader')], ['holder', holderWithEntry('holder')]);
  await scene.deploy('idle', trader('idle'));
  const { daemon } = scene.daemon.app;
  const strategies = ['trader', 'holder', 'idle'].map((name) => daemon.strategy(name)!);
  const same = (): void => {
    for (const strategy of strategies) expect(toPlain(strategy.overview())).toEqual(toPlain(expectedRow(strategy)));
  };
  await poll('a trade and a working entry', () => {
    same();
    const [trades, holds] = strategies.map((strategy) => strategy.overview());
    return trades!.trades > 0 && holds!.positions === 1 && holds!.orders === 1 ? true : undefined;
  });
  await scene.command('idle', 'stop');
  await scene.daemon.post('/daemon/strategies/holder/halt', { reason: 'spread too wide' });
  const [, holder, idle] = strategies.map((strategy) => strategy.overview());
  expect(holder).toMatchObject({
    state: 'halted',
    halted: true,
    haltReason: 'spread too wide',
    positions: 1,
    orders: 0,
  });
  expect(idle).toMatchObject({ state: 'stopped', health: 'unhealthy' });
  same();
  // Its own halt is the first.
  await scene.daemon.post('/daemon/halt', { reason: 'news' });
  const [, twice] = strategies.map((strategy) => strategy.overview());
  expect([holder!.bookHalted, twice!.haltScope, twice!.bookHalted]).toEqual([false, 'strategy', true]);
  same();
});
