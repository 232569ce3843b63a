/** What a venue reports beside what was asked of it, as the desk takes it. */
import { describe, expect, it } from 'vitest';
import { differenceCause } from '../../src/actors/on-difference.ts';
import { dec } from '../../src/domain/decimal.ts';
import type { Difference } from '../../src/domain/differences.ts';
import type { ReportListener, VenueAccount, VenueOrder } from '../../src/domain/venue.ts';
import { Engine, type AccountSetting } from '../doubles/engine.ts';

/** A venue that does only what a test says. */
class SilentAccount implements VenueAccount {
  reconciled = true;
  readonly chargesSwap = true;
  readonly attachesLegs = true;
  holdsStops(): undefined {
    return undefined;
  }
  readonly sent: VenueOrder[] = [];
  readonly report: ReportListener;

  constructor({ report }: AccountSetting) {
    this.report = report;
  }

  margin = () => ({ level: undefined, unreadable: 1 });
  submit(order: VenueOrder): void {
    this.sent.push(order);
  }
  cancel(orderId: string, reason: string): void {
    this.report({ kind: 'cancelled', orderId, reason });
  }
  withdraw = (orderId: string, reason: string): void => this.cancel(orderId, reason);
  holdToClosing = (): boolean => false;
  modify(): void {}
  onQuote(): void {}
  save = (): undefined => undefined;
  restore(): void {}
  close(): void {}

  fill(orderId: string, side: 'BUY' | 'SELL', qty: string, price: number): void {
    const order = this.sent.find(({ id }) => id === orderId)!;
    this.report({ kind: 'fill', fill: fillOf(orderId, side, qty, price), remaining: order.qty.minus(dec(qty)) });
  }
}

let fills = 0;
const fillOf = (orderId: string, side: 'BUY' | 'SELL', qty: string, price: number) => ({
  fillId: `v-${++fills}`,
  orderId,
  ts: 0,
  symbol: 'X',
  side,
  qty: dec(qty),
  price: dec(price),
  commission: dec(0),
});

function scene(): { engine: Engine; venue: SilentAccount } {
  let venue!: SilentAccount;
  const engine = new Engine({ openAccount: (setting) => (venue = new SilentAccount(setting)) });
  engine.quote(100);
  return { engine, venue };
}

/** Two entries of one, each with a stop. */
function twoLots(): ReturnType<typeof scene> & { readonly first: string; readonly second: string } {
  const { engine, venue } = scene();
  const [first, second] = [1, 2].map((by) => {
    const id = engine.place('BUY', 1, { stopLoss: { by } });
    venue.fill(id, 'BUY', '1', 100);
    return id;
  });
  return { engine, venue, first: first!, second: second! };
}

describe('a fill that nobody has asked for', () => {
  it('gets an order on the spot, is booked, and told like any other', () => {
    const { engine, venue, first } = twoLots();
    const fill = fillOf('s-venue-9', 'SELL', '1', 101);
    venue.report({ kind: 'external', fill, role: 'close', cause: 'hand', closes: first });
    const orders = engine.of('order').filter(({ orderId }) => orderId === 's-venue-9');
    expect(orders.map(({ status, cause, parentId }) => [status, cause, parentId])).toEqual([
      ['working', 'hand', first],
      ['filled', 'hand', first],
    ]);
    expect(engine.trades.at(-1)!.booking).toMatchObject({ reducing: true });
    expect(engine.qty()).toBe(1);
    expect(engine.of('position').at(-1)!.qty.toNumber()).toBe(1);
  });

  it('closes the lot that the venue names, and with it its protection alone', () => {
    const { engine, venue, first, second } = twoLots();
    const fill = fillOf('s-venue-9', 'SELL', '1', 101);
    venue.report({ kind: 'external', fill, role: 'close', cause: 'hand', closes: second });
    expect(engine.order(`${second}.sl`)).toBeUndefined();
    expect(engine.order(`${first}.sl`)).toBeDefined();
  });

  it('closes the oldest lot where the venue names none', () => {
    const { engine, venue, first, second } = twoLots();
    const fill = fillOf('s-venue-9', 'SELL', '1', 101);
    venue.report({ kind: 'external', fill, role: 'close', cause: 'stopOut' });
    expect(engine.order(`${first}.sl`)).toBeUndefined();
    expect(engine.order(`${second}.sl`)).toBeDefined();
  });

  it('of an entry that was given up opens its position under its id, protected', () => {
    const { engine, venue } = scene();
    const id = engine.place('BUY', 1, { stopLoss: { by: 2 } });
    venue.report({ kind: 'rejected', orderId: id, code: 'ABSENT', reason: 'absent', resolvedBy: 'absent' });
    const bracket = { stopLoss: { by: dec(2) } };
    venue.report({ kind: 'external', fill: fillOf(id, 'BUY', '1', 100), role: 'entry', cause: 'late', bracket });
    expect(engine.statuses(id)).toEqual(['created', 'submitted', 'rejected', 'working', 'filled']);
    expect(engine.working()).toEqual([`${id}.sl SELL stop 1@98`]);
  });
});

describe('an order of unknown fate', () => {
  it('says what settled it', () => {
    const { engine, venue } = scene();
    const id = engine.place('BUY', 1, { type: 'limit', price: 99 });
    venue.report({ kind: 'unknown', orderId: id, reason: 'no answer' });
    expect(engine.order(id)).toMatchObject({ status: 'unknown', reason: 'no answer' });
    venue.report({ kind: 'accepted', orderId: id, qty: dec(1), resolvedBy: 'order 7' });
    expect(engine.of('order').at(-1)).toMatchObject({ status: 'working', resolvedBy: 'order 7' });
  });

  it('keeps a flatten from closing what may be closed already', () => {
    const { engine, venue } = scene();
    const id = engine.place('BUY', 1);
    venue.fill(id, 'BUY', '1', 100);
    engine.close();
    venue.report({ kind: 'unknown', orderId: venue.sent.at(-1)!.id, reason: 'no answer' });
    engine.desk.flatten();
    expect(venue.sent).toHaveLength(2);
  });
});

describe('an account that is not compared with its venue', () => {
  it('takes neither entries nor exits', () => {
    const { engine, venue } = scene();
    venue.fill(engine.place('BUY', 1), 'BUY', '1', 100);
    venue.reconciled = false;
    engine.place('BUY', 1);
    engine.close();
    expect(engine.refusals.map(({ code }) => code)).toEqual(['GATEWAY_DOWN', 'GATEWAY_DOWN']);
  });
});

describe('a gateway that takes exits only', () => {
  it('denies an entry, and lets a close pass', () => {
    const { engine, venue } = scene();
    venue.fill(engine.place('BUY', 1), 'BUY', '1', 100);
    engine.gatewayReady = false;
    engine.takesExits = true;
    engine.place('BUY', 1);
    expect(engine.refusals.map(({ code }) => code)).toEqual(['GATEWAY_DOWN']);
    expect(engine.close()).toBe('order');
  });
});

describe('a difference', () => {
  const difference: Difference = {
    id: 'd',
    kind: 'position',
    strategy: 's',
    symbol: 'X',
    ours: 'long 1',
    theirs: null,
    policy: 'halt',
    done: 'halted',
    since: 0,
  };

  it('is on record when it comes and when it goes', () => {
    const { engine, venue } = scene();
    venue.report({ kind: 'difference', difference, settled: false });
    venue.report({ kind: 'difference', difference, settled: true });
    expect(engine.of('gateway')).toMatchObject([
      { from: 'agrees', to: 'differs', cause: 'position X: ours long 1, theirs none; halted' },
      { from: 'differs', to: 'agrees', difference: { kind: 'position', policy: 'halt', settled: true } },
    ]);
  });

  it('halts once, where its policy says so', () => {
    const cause = differenceCause(difference, false, [])!;
    expect(cause).toMatchObject({ rule: 'reconciliation', scope: 'strategy', by: null });
    expect(differenceCause(difference, true, [])).toBeUndefined();
    expect(differenceCause({ ...difference, policy: 'ignore' }, false, [])).toBeUndefined();
    expect(differenceCause(difference, false, [{ ...cause, causeId: 'c', since: '' }])).toBeUndefined();
  });
});
