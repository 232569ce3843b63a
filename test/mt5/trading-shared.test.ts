import { onTestFinished, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { DEFAULT_POLICIES, type ReconcilePolicies } from '../../src/domain/differences.ts';
import { Mt5Trading } from '../../src/venues/mt5/trading.ts';
import { Engine, instrument, START } from '../doubles/engine.ts';
import { MAGIC, ScriptedMt5 } from '../doubles/mt5-gateway.ts';

const SYMBOL = 'XAUUSD';
const THERE = 'XAUUSDm';
const TERMS = instrument(SYMBOL, { contractSize: 100, tickSize: '0.001', volumeMin: '0.01', volumeStep: '0.01' });

/** Several strategies on one account, each with a desk of its own. */
class Shared {
  readonly clock = new VirtualClock(START);
  readonly broker = new ScriptedMt5(this.clock);
  readonly engines: readonly Engine[];
  readonly trading: Mt5Trading;

  private constructor(count: number, policies: Partial<ReconcilePolicies>) {
    const quote = (symbol: string) => this.engines[0]!.inForce(symbol);
    this.trading = new Mt5Trading({
      venue: 'exness',
      magic: MAGIC,
      clock: this.clock,
      client: this.broker,
      pollMs: 1000,
      brokerSymbol: (symbol) => `${symbol}m`,
      ourSymbol: (name) => (name === THERE ? SYMBOL : undefined),
      instruments: new Map([[SYMBOL, TERMS]]),
      quote,
      policies: { ...DEFAULT_POLICIES, ...policies },
      listener: { read: () => {}, difference: () => {}, fault: () => {} },
    });
    onTestFinished(() => this.trading.close());
    this.engines = Array.from({ length: count }, (_, at) => this.#engine(`s${at}`));
  }

  static async ready(count: number, policies: Partial<ReconcilePolicies> = {}): Promise<Shared> {
    const shared = new Shared(count, policies);
    shared.quote(2400);
    const info = await shared.broker.account();
    if (info.known) await shared.trading.prepare(info.value, [SYMBOL]);
    await shared.trading.reconcile();
    shared.trading.settled();
    shared.trading.begin();
    await shared.pass(100);
    return shared;
  }

  quote(bid: number): void {
    const ts = this.clock.now();
    this.broker.terminal.quote({ symbol: THERE, ts, bid, ask: bid + 0.25 });
    for (const engine of this.engines) engine.quote(bid, bid + 0.25, { symbol: SYMBOL, ts });
  }

  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.clock.nextDue() <= until) {
      this.clock.runNext();
      for (let step = 0; step < 12; step++) await new Promise((resolve) => setImmediate(resolve));
    }
    this.clock.setNow(until);
  }

  #engine(strategy: string): Engine {
    return new Engine({
      clock: this.clock,
      instruments: [TERMS],
      venue: 'exness',
      openAccount: ({ report, rate }) =>
        this.trading.openAccount({
          strategy,
          report,
          stored: () => Promise.resolve(true),
          priced: (symbol) => rate(symbol) !== undefined,
          trades: (symbol) => symbol === SYMBOL,
        }),
    });
  }
}

describe('strategies that share an account', () => {
  it('hold their own positions, and hear of their own fills', async () => {
    const shared = await Shared.ready(2);
    const [first, second] = shared.engines;
    // Both have the same order ids: their tags differ.
    first!.place('BUY', '0.3', { symbol: SYMBOL, stopLoss: { by: 10 } });
    second!.place('SELL', '0.1', { symbol: SYMBOL });
    await shared.pass(2000);
    expect([first!.qty(SYMBOL), second!.qty(SYMBOL)]).toEqual([0.3, -0.1]);
    expect(shared.broker.terminal.positions.all()).toHaveLength(2);
    shared.broker.terminal.quote({ symbol: THERE, ts: shared.clock.now(), bid: 2389, ask: 2389.25 });
    await shared.pass(2000);
    expect([first!.qty(SYMBOL), second!.qty(SYMBOL)]).toEqual([0, -0.1]);
    expect([first!.trades.length, second!.trades.length]).toEqual([2, 1]);
    second!.close(SYMBOL);
    await shared.pass(2000);
    expect(shared.broker.terminal.positions.all()).toEqual([]);
  });

  it('cost the gateway no more than one does', async () => {
    const reads = await Promise.all(
      [1, 20].map(async (count) => {
        const shared = await Shared.ready(count);
        for (const engine of shared.engines) engine.place('BUY', '0.01', { symbol: SYMBOL });
        await shared.pass(5000);
        const before = shared.broker.reads;
        await shared.pass(60_000);
        return shared.broker.reads - before;
      }),
    );
    expect(reads[1]).toBe(reads[0]);
  });

  it('are all told of what nobody knows, and none of them takes it over', async () => {
    const shared = await Shared.ready(2, { foreign: 'adopt' });
    const stranger = { symbol: THERE, type: 'BUY', volume: TERMS.volumeMin, magic: MAGIC, comment: 'x' } as const;
    shared.broker.terminal.send({ action: 'deal', ...stranger, filling: 'IOC' });
    await shared.pass(40_000);
    for (const engine of shared.engines) {
      expect(engine.qty(SYMBOL)).toBe(0);
      expect(engine.of('gateway')).toMatchObject([{ difference: { done: `shown: 2 strategies trade ${SYMBOL}` } }]);
    }
  });

  it('leave nothing behind when one of them goes', async () => {
    const shared = await Shared.ready(2);
    expect(shared.trading.traders(SYMBOL)).toEqual(['s0', 's1']);
    shared.engines[0]!.place('BUY', '0.1', { symbol: SYMBOL });
    await shared.pass(2000);
    shared.engines[0]!.account.close();
    await shared.pass(60_000);
    expect(shared.trading.traders(SYMBOL)).toEqual(['s1']);
    expect(shared.trading.differences()).toMatchObject([{ kind: 'foreign', theirs: 'long 0.1' }]);
  });
});
