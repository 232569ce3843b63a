import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { Decimal, dec } from '../../src/domain/decimal.ts';
import { PROFILES } from '../../src/venues/mt5-profiles.ts';
import { termsOf } from '../../src/venues/mt5-sim/symbols.ts';
import { Terminal } from '../../src/venues/mt5-sim/terminal.ts';
import {
  ENTRY,
  type AccountMode,
  type Deal,
  type OrderType,
  type TradeRequest,
} from '../../src/venues/mt5-sim/types.ts';
import { EURO, GOLD, START } from './support.ts';

const HOUR_MS = 3_600_000;

/** One thing that happens to an account; numbers are made to fit what is there. */
interface Step {
  readonly kind: 'quote' | 'market' | 'pending' | 'close' | 'stops' | 'cancel' | 'wait';
  readonly symbol: typeof GOLD | typeof EURO;
  readonly buy: boolean;
  readonly stop: boolean;
  readonly lots: number;
  /** Ticks of the market, up or down. */
  readonly away: number;
  readonly which: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('quote', 'quote', 'market', 'market', 'pending', 'close', 'stops', 'cancel', 'wait'),
  symbol: fc.constantFrom(GOLD, EURO),
  buy: fc.boolean(),
  stop: fc.boolean(),
  lots: fc.integer({ min: 1, max: 40 }),
  away: fc.integer({ min: -4000, max: 4000 }),
  which: fc.nat(20),
});

function terminalOf(mode: AccountMode): { readonly terminal: Terminal; readonly clock: VirtualClock } {
  const clock = new VirtualClock(START);
  const costs = { commissionPerLot: dec('3.5'), feePerLot: dec('0.07') };
  const symbols = termsOf(['XAUUSD', 'EURUSD'], PROFILES.exness, { swapLong: dec('-7.3'), swapShort: dec('2.1') });
  const money = { currency: 'USD', leverage: 100, balance: dec(10_000), costs, stopOutLevel: dec(0) };
  const terminal = new Terminal({ clock, serverClock: 'newYorkClose', mode, symbols, ...money });
  terminal.quote({ symbol: GOLD, ts: START, bid: 2400, ask: 2400.25 });
  terminal.quote({ symbol: EURO, ts: START, bid: 1.1, ask: 1.1001 });
  return { terminal, clock };
}

function requestOf(terminal: Terminal, { kind, symbol, buy, stop, lots, away, which }: Step): TradeRequest | undefined {
  const { tickSize } = terminal.symbols.get(symbol)!;
  const { bid, ask } = terminal.quoteOf(symbol)!;
  const near = dec(buy ? ask : bid).plus(tickSize.times(dec(away)));
  const volume = dec(lots).times(dec('0.01'));
  const placement = { symbol, volume, magic: which, comment: 'p', filling: 'IOC' } as const;
  if (kind === 'market') return { action: 'deal', type: buy ? 'BUY' : 'SELL', ...placement };
  if (kind === 'pending') {
    const type: OrderType = buy ? (stop ? 'BUY_STOP' : 'BUY_LIMIT') : stop ? 'SELL_STOP' : 'SELL_LIMIT';
    return { action: 'pending', type, price: near, ...placement };
  }
  const position = terminal.positions.all().at(which % Math.max(1, terminal.positions.size));
  if (kind === 'stops' && position !== undefined)
    return {
      action: 'stops',
      position: position.ticket,
      sl: stop ? near : Decimal.ZERO,
      tp: stop ? Decimal.ZERO : near,
    };
  if (kind === 'close' && position !== undefined) {
    const type = position.side === 'buy' ? 'SELL' : 'BUY';
    const part = Decimal.min(volume, position.volume);
    return { action: 'deal', type, ...placement, symbol: position.symbol, volume: part, position: position.ticket };
  }
  const order = terminal.pendings().at(which % Math.max(1, terminal.pendings().length));
  return kind === 'cancel' && order !== undefined ? { action: 'remove', order: order.ticket } : undefined;
}

function take(terminal: Terminal, clock: VirtualClock, step: Step): void {
  if (step.kind === 'wait') clock.advanceBy(step.which * HOUR_MS);
  else if (step.kind === 'quote') {
    clock.advanceBy(1000);
    const { tickSize, spread } = terminal.symbols.get(step.symbol)!;
    const bid = dec(terminal.quoteOf(step.symbol)!.bid).plus(tickSize.times(dec(step.away)));
    if (bid.sign() <= 0) return;
    const ask = bid.plus(spread).toNumber();
    terminal.quote({ symbol: step.symbol, ts: clock.now(), bid: bid.toNumber(), ask });
  } else {
    const request = requestOf(terminal, step);
    if (request !== undefined) terminal.send(request);
  }
}

/** Signed volume and, while it only grows, the average price of each position, from its deals alone. */
function folded(deals: readonly Deal[]): ReadonlyMap<number, { volume: Decimal; price: Decimal }> {
  const positions = new Map<number, { volume: Decimal; price: Decimal }>();
  for (const { type, positionId, volume, price, entry } of deals) {
    if (type === 'balance') continue;
    const signed = type === 'buy' ? volume : volume.negated();
    const before = positions.get(positionId) ?? { volume: Decimal.ZERO, price: Decimal.ZERO };
    const after = before.volume.plus(signed);
    const average = (): Decimal =>
      before.price.times(before.volume.abs()).plus(price.times(volume)).dividedBy(after.abs());
    const at = entry === ENTRY.in ? average() : entry === ENTRY.inOut ? price : before.price;
    if (after.isZero()) positions.delete(positionId);
    else positions.set(positionId, { volume: after, price: at });
  }
  return positions;
}

const sum = (amounts: readonly Decimal[]): Decimal => amounts.reduce((all, one) => all.plus(one), Decimal.ZERO);

describe.each(['hedging', 'netting'] as const)('a %s account under random orders and quotes', (mode) => {
  it('has exactly the positions and the money of its deals', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { terminal, clock } = terminalOf(mode);
        for (const one of steps) {
          take(terminal, clock, one);
          const { deals } = terminal.history;
          const positions = terminal.positions.all();
          const fold = folded(deals);
          expect(fold.size).toBe(positions.length);
          for (const { identifier, side, volume, priceOpen } of positions) {
            const { volume: signed, price } = fold.get(identifier)!;
            expect([signed.toString(), price.toString()]).toEqual([
              (side === 'buy' ? volume : volume.negated()).toString(),
              priceOpen.toString(),
            ]);
          }
          const { balance, equity, profit, swap, margin, marginFree, marginLevel } = terminal.account.figures();
          const booked = deals.flatMap((deal) => [deal.profit, deal.commission, deal.swap, deal.fee]);
          expect(balance.toString()).toBe(sum(booked).toString());
          const open = terminal.positions.all();
          expect(profit.toString()).toBe(sum(open.map((position) => terminal.profitOf(position))).toString());
          expect(equity.toString()).toBe(
            balance
              .plus(profit)
              .plus(sum(open.map((position) => position.swap)))
              .toString(),
          );
          expect(swap.toString()).toBe(sum(open.map((position) => position.swap)).toString());
          expect(marginFree.toString()).toBe(equity.minus(margin).toString());
          if (margin.isZero()) expect(marginLevel.isZero()).toBe(true);
          else
            expect(
              marginLevel
                .minus(equity.times(dec(100)).dividedBy(margin))
                .abs()
                .lessThan(dec('0.01')),
            ).toBe(true);
          if (mode === 'netting') expect(new Set(open.map(({ symbol }) => symbol)).size).toBe(open.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('gives no ticket twice, and ends every order once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { terminal, clock } = terminalOf(mode);
        for (const one of steps) take(terminal, clock, one);
        const orders = [...terminal.history.orders, ...terminal.pendings()].map(({ ticket }) => ticket);
        expect(new Set(orders).size).toBe(orders.length);
        const deals = terminal.history.deals.map(({ ticket }) => ticket);
        expect(new Set(deals).size).toBe(deals.length);
        for (const { price, type } of terminal.history.deals) expect(type === 'balance' || price.sign() > 0).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
