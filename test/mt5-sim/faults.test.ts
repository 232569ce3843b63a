import { describe, expect, it } from 'vitest';
import { FAULT_NAMES, type FaultName } from '../../src/venues/mt5-sim/faults.ts';
import type { Mt5SimulatorOptions } from '../../src/mt5-sim/simulator.ts';
import { EURO, GOLD, simulator, START, type Sim } from './support.ts';

/** What is looked at, and what it comes to with the fault on and off. */
interface Case {
  readonly options?: Mt5SimulatorOptions;
  readonly more?: Readonly<Record<string, unknown>>;
  /** Before the fault is on. */
  readonly before?: (sim: Sim) => Promise<unknown>;
  readonly look: (sim: Sim) => Promise<unknown>;
  readonly on: unknown;
  readonly off: unknown;
}

const status = (path: string) => async (sim: Sim) => (await sim.get(path)).status;
const count = (sim: Sim): number => sim.simulator.terminal.positions.all().length;
/** Status, kind of error, and how many positions there really are. */
const ordered = async (sim: Sim): Promise<unknown> => {
  const { status, json } = await sim.order({ client_order_id: `id-${sim.simulator.gateway.log.total}` });
  return [status, json['error_type'], count(sim)];
};
const cut = async (sim: Sim): Promise<unknown> => {
  const outcome = await sim.order({}).then(
    ({ status }) => status,
    () => 'cut',
  );
  return [outcome, count(sim)];
};
const member = (path: string, name: string) => async (sim: Sim) => (await sim.get(path)).json[name];
const visible = async (sim: Sim) => (await sim.positions()).length;
const later = (ms: number, look: (sim: Sim) => Promise<unknown>) => async (sim: Sim) => {
  sim.clock.advanceBy(ms);
  await new Promise((resolve) => setImmediate(resolve));
  return look(sim);
};

const CASES: Readonly<Record<FaultName, Case>> = {
  'mt5-down': {
    look: async (sim) => {
      const health = await sim.get('/health');
      const paths = ['/account', '/get_positions', '/orders', '/reconcile', '/health/ready', '/metrics', '/last_error'];
      return [
        health.status,
        health.json['status'],
        health.json['mt5_account'],
        ...(await Promise.all(paths.map((path) => status(path)(sim)))),
      ];
    },
    on: [200, 'degraded', null, 503, 503, 503, 503, 503, 200, 200],
    off: [200, 'healthy', 4_410_021, 200, 200, 200, 200, 200, 200, 200],
  },
  'mt5-reconnecting': {
    look: async (sim) => {
      const isOn = sim.simulator.faults.list().length > 0;
      const first = isOn ? await sim.begin(() => sim.get('/account')) : undefined;
      const before = sim.clock.now();
      const others = [await member('/health', 'mt5_status')(sim), await status('/orders')(sim)];
      const last = first === undefined ? await sim.get('/account') : await first.later();
      return [...others, last.status, last.json['mt5_status'], sim.clock.now() - before];
    },
    on: ['reconnecting', 503, 503, 'disconnected', 3000],
    off: ['connected', 200, 200, undefined, 0],
  },
  'health-degraded': {
    look: async (sim) => [
      await member('/health', 'mt5_status')(sim),
      await status('/health')(sim),
      await status('/account')(sim),
    ],
    on: ['disconnected', 200, 200],
    off: ['connected', 200, 200],
  },
  unavailable: { look: status('/health'), on: 503, off: 200 },
  'internal-error': { look: status('/get_positions'), on: 500, off: 200 },
  'connection-error': { look: member('/account', 'error_type'), on: 'connection_error', off: undefined },
  'empty-positions': {
    before: (sim) => sim.placed(),
    look: async (sim) => [await visible(sim), await member('/positions_total', 'total')(sim)],
    on: [0, 1],
    off: [1, 1],
  },
  'ticket-flicker': {
    before: (sim) => sim.placed(),
    look: async (sim) => [await visible(sim), await visible(sim), await visible(sim)],
    on: [0, 1, 0],
    off: [1, 1, 1],
  },
  'slow-reply': {
    look: async (sim) => {
      const reply = sim.simulator.faults.list().length > 0 ? await sim.begin(() => sim.order({})) : undefined;
      const before = sim.clock.now();
      const done = count(sim);
      const { status } = reply === undefined ? await sim.order({}) : await reply.later();
      return [done, status, sim.clock.now() - before];
    },
    on: [1, 200, 6000],
    off: [1, 200, 0],
  },
  'unknown-executed': { look: ordered, on: [502, 'unknown_outcome', 1], off: [200, undefined, 2] },
  'unknown-not-executed': { look: ordered, on: [502, 'unknown_outcome', 0], off: [200, undefined, 1] },
  'in-progress-executed': { look: ordered, on: [409, 'idempotency_in_progress', 1], off: [200, undefined, 2] },
  'in-progress-not-executed': { look: ordered, on: [409, 'idempotency_in_progress', 0], off: [200, undefined, 1] },
  'reset-executed': { look: cut, on: ['cut', 1], off: [200, 2] },
  'reset-not-executed': { look: cut, on: ['cut', 0], off: [200, 1] },
  requote: { look: ordered, on: [409, 'retryable', 0], off: [200, undefined, 1] },
  retcode: { look: ordered, on: [400, 'mt5_rejected', 0], off: [200, undefined, 1] },
  'zero-price': {
    look: async (sim) => {
      const { result } = (await sim.order({})).json;
      const [seen, dealt] = [await visible(sim), (await sim.deals()).length];
      sim.clock.advanceBy(1500);
      return [result['price'], result['deal'] === 0, seen, dealt, await visible(sim), (await sim.deals()).length];
    },
    on: [0, true, 0, 1, 1, 2],
    off: [2400.35, false, 2, 3, 2, 3],
  },
  'partial-fill': {
    look: async (sim) => {
      const { json } = await sim.order({ volume: 0.1 });
      return [
        json.result['retcode'],
        json.result.volume,
        json['state'],
        json['partial_fill'],
        (await sim.positions()).at(-1)?.volume,
      ];
    },
    on: [10_010, 0.05, 'partially_executed', true, 0.05],
    off: [10_009, 0.1, 'executed', false, 0.1],
  },
  'partial-without-volume': {
    more: { value: 40 },
    look: async (sim) => {
      const { result } = (await sim.order({ volume: 0.1 })).json;
      return [result['retcode'], result.volume, (await sim.positions()).at(-1)?.volume];
    },
    on: [10_010, 0, 0.04],
    off: [10_009, 0.1, 0.1],
  },
  'history-lag': {
    before: (sim) => sim.placed(),
    look: async (sim) => (await sim.deals()).length,
    on: 0,
    off: 2,
  },
  'ignore-position-filter': {
    options: { version: '0.3.17' },
    look: async (sim) =>
      (await sim.get('/history_deals_get?from_date=2026-01-01&to_date=2027-01-01&position=5')).json.data.length,
    on: 1,
    off: 0,
  },
  'bare-arrays': { look: async (sim) => (await sim.get('/get_positions')).text.startsWith('['), on: true, off: false },
  'clock-offset': {
    look: member(`/symbol_info_tick/${GOLD}`, 'time_msc'),
    on: START + 3 * 3_600_000,
    off: START,
  },
  'forget-idempotency': {
    look: async (sim) => {
      const before = count(sim);
      await sim.order({}, { 'idempotency-key': 'k' });
      await sim.order({}, { 'idempotency-key': 'k' });
      return count(sim) - before;
    },
    on: 2,
    off: 0,
  },
  'wrong-login': { more: { value: 5 }, look: member('/account', 'login'), on: 5, off: 4_410_021 },
  'wrong-server': { look: member('/account', 'server'), on: 'Other-Server', off: 'Demo-Server1' },
  'wrong-currency': { more: { value: 'JPY' }, look: member('/account', 'currency'), on: 'JPY', off: 'USD' },
  'trade-not-allowed': {
    look: async (sim) => [
      await member('/account', 'trade_allowed')(sim),
      (await sim.order({})).json.details?.['retcode'],
    ],
    on: [false, 10_017],
    off: [true, undefined],
  },
  'kill-switch': { look: ordered, on: [423, 'kill_switch_active', 0], off: [200, undefined, 1] },
  'frozen-quotes': {
    more: { value: GOLD },
    look: async (sim) => {
      sim.gold(2405);
      sim.simulator.quote(EURO, 1.2, 1.20008);
      return [
        await member(`/symbol_info_tick/${GOLD}`, 'bid')(sim),
        await member(`/symbol_info_tick/${EURO}`, 'bid')(sim),
      ];
    },
    on: [2400.1, 1.2],
    off: [2405, 1.2],
  },
  'foreign-magic': {
    look: async (sim) => {
      await sim.order({ magic: 8 });
      return later(0, async () => (await sim.positions()).filter(({ magic }) => magic === 8).length)(sim);
    },
    on: 2,
    off: 3,
  },
  'sl-removed': {
    look: async (sim) => {
      await sim.order({ sl: 2390 });
      return later(1000, async () => (await sim.positions()).at(-1)?.['sl'])(sim);
    },
    on: 0,
    off: 2390,
  },
  'manual-close': {
    look: async (sim) => {
      await sim.order({});
      return later(1000, async () => [await visible(sim), (await sim.deals()).at(-1)?.['reason']])(sim);
    },
    on: [0, 0],
    off: [1, 3],
  },
  'pending-cancelled': {
    look: async (sim) => {
      await sim.order({ type: 'BUY_LIMIT', price: 2390 });
      return later(1000, member('/orders', 'total'))(sim);
    },
    on: 0,
    off: 1,
  },
};

describe.each(FAULT_NAMES)('%s', (name) => {
  it('does what it says while it is on, and nothing after', async () => {
    const { options = {}, more = {}, before, look, on, off } = CASES[name];
    const sim = await simulator(options);
    await before?.(sim);
    const turned = await sim.post('/sim/faults', { name, ...more });
    expect([turned.status, turned.json['on']]).toMatchObject([200, [{ name }]]);
    expect(await look(sim)).toEqual(on);
    expect((await sim.send('DELETE', `/sim/faults/${name}`)).json['on']).toEqual([]);
    expect(await look(sim)).toEqual(off);
  });
});

describe('close_position', () => {
  it.each([
    ['unknown-executed', 0],
    ['unknown-not-executed', 1],
  ])('tells %s as a definite failure, with %i positions left', async (name, left) => {
    const sim = await simulator();
    const ticket = await sim.placed();
    sim.fault(name, { route: 'POST /close_position' });
    const { status, json } = await sim.post('/close_position', { position: { ticket } });
    expect([status, json['error'], json['error_type']]).toEqual([400, 'Failed to close position', 'validation_error']);
    expect(count(sim)).toBe(left);
    expect((await sim.get('/last_error')).json).toMatchObject({ error_code: -10_005, error_message: 'IPC timeout' });
  });
});

describe('every trade route but close_position', () => {
  it('answers 502 with guidance when no result comes back', async () => {
    const sim = await simulator();
    const ticket = await sim.placed();
    const pending = await sim.placed({ type: 'BUY_LIMIT', price: 2390 });
    sim.fault('unknown-not-executed');
    const replies = [
      await sim.order({}),
      await sim.send('PUT', `/orders/${pending}`, { price: 2391 }),
      await sim.send('DELETE', `/orders/${pending}`),
      await sim.post('/position_close_partial', { ticket, volume: 0.01 }),
      await sim.post('/modify_sl_tp', { position: ticket, sl: 2390 }),
    ];
    for (const { status, json } of replies) {
      expect([status, json['error_type'], json['mt5_error']]).toEqual([
        502,
        'unknown_outcome',
        { last_error: [-10_005, 'IPC timeout'] },
      ]);
      expect(json['retry_guidance']).toEqual(expect.any(String));
    }
    const all = await sim.post('/close_all_positions');
    expect([all.status, all.json['failed']]).toMatchObject([207, [{ ticket, retcode: null }]]);
  });
});

describe('an ambiguous retcode', () => {
  it.each([10_012, 10_099])('%i is an unknown outcome', async (value) => {
    const sim = await simulator();
    sim.fault('retcode', { value });
    const { status, json } = await sim.order({});
    const retcode_name = value === 10_012 ? 'TIMEOUT' : `UNKNOWN_${value}`;
    expect([status, json['mt5_error']]).toMatchObject([502, { retcode: value, retcode_name }]);
  });
});

describe('a gateway of 0.3.17', () => {
  it.each([
    [1000, 'deal', 2400.35],
    [9000, 'unresolved', 0],
  ])('waits for a deal that comes %i ms later: %s', async (value, source, price) => {
    const sim = await simulator({ version: '0.3.17' });
    expect((await sim.order({})).json['fill_price_source']).toBe('order_send');
    sim.fault('zero-price', { value });
    const { json } = await (await sim.begin(() => sim.order({}))).later();
    expect([json['fill_price_source'], json.result['price']]).toEqual([source, price]);
  });
});

describe('a restart', () => {
  it('cuts off requests that wait, and what others do on the account goes on', async () => {
    const sim = await simulator();
    sim.fault('manual-close', { value: 2000 });
    sim.fault('slow-reply', { value: 5000 });
    const cutOff = expect((await sim.begin(() => sim.order({}))).reply).rejects.toThrow();
    await sim.post('/sim/restart');
    await cutOff;
    expect(await visible(sim)).toBe(1);
    sim.clock.advanceBy(2000);
    expect(await visible(sim)).toBe(0);
  });
});

describe('a fault', () => {
  it('is over after its times, or its time', async () => {
    const sim = await simulator();
    sim.fault('requote', { times: 2 });
    expect([(await sim.order({})).status, (await sim.order({})).status, (await sim.order({})).status]).toEqual([
      409, 409, 200,
    ]);
    sim.fault('mt5-down', { for: 5000 });
    sim.clock.advanceBy(4999);
    expect((await sim.get('/account')).status).toBe(503);
    sim.clock.advanceBy(1);
    expect((await sim.get('/account')).status).toBe(200);
    expect((await sim.get('/metrics')).text).toContain('mt5_reconnects_total 1');
    expect((await sim.get('/sim/faults')).json['on']).toEqual([]);
  });

  it('holds for the one route that is named', async () => {
    const sim = await simulator();
    sim.fault('internal-error', { route: 'GET /orders' });
    expect([(await sim.get('/orders')).status, (await sim.get('/account')).status]).toEqual([500, 200]);
    sim.fault('reset-executed', { route: 'GET /account' });
    await expect(sim.get('/account')).rejects.toThrow();
    expect((await sim.order({})).status).toBe(200);
  });

  it('never touches the truth', async () => {
    const sim = await simulator();
    await sim.placed();
    for (const name of FAULT_NAMES) sim.fault(name);
    const { status, json } = await sim.get('/sim/state');
    expect([status, json.positions.length, json.deals.length]).toEqual([200, 1, 2]);
    expect((await sim.send('DELETE', '/sim/faults')).json['on']).toEqual([]);
  });

  it('is not switched on by what is no JSON object', async () => {
    const sim = await simulator();
    const response = await fetch(`${sim.url}/sim/faults`, { method: 'POST', body: '[' });
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'the body must be a JSON object' }]);
  });

  it.each([
    [{ name: 'nix' }, 'name'],
    [{}, 'name'],
    [{ name: 'slow-reply', value: 'long' }, 'value'],
    [{ name: 'slow-reply', value: -1 }, 'value'],
    [{ name: 'requote', value: 5 }, 'value'],
    [{ name: 'wrong-server', value: 5 }, 'value'],
    [{ name: 'requote', times: 0 }, 'times'],
    [{ name: 'mt5-down', times: 1 }, 'times'],
    [{ name: 'mt5-down', for: 0.5 }, 'for'],
    [{ name: 'mt5-down', route: 'GET /account' }, 'route'],
    [{ name: 'requote', route: 'GET /account' }, 'route'],
    [{ name: 'requote', route: '/order' }, 'route'],
    [{ name: 'requote', often: 1 }, 'often'],
    [{ faults: [{ name: 'requote' }, { name: 'nix' }] }, 'name'],
    [{ faults: [5] }, undefined],
  ])('%j is refused, naming the member', async (body, field) => {
    const sim = await simulator();
    const { status, json } = await sim.post('/sim/faults', body);
    expect([status, json['error_type'], json.details?.['field']]).toEqual([400, 'validation_error', field]);
    expect(sim.simulator.faults.list()).toEqual([]);
  });
});
