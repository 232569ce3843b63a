import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { simulator, START } from './support.ts';

describe('health', () => {
  it('tells connection, account and uptime; later gateways their server time', async () => {
    const sim = await simulator();
    sim.clock.advanceBy(12_400);
    const { json } = await sim.get('/health', { 'x-request-id': 'r' });
    expect(json).toEqual({
      status: 'healthy',
      mt5_status: 'connected',
      uptime_seconds: 12.4,
      kill_switch_active: false,
      version: '0.3.12',
      mt5_account: 4_410_021,
      last_error: null,
      ok: true,
      request_id: 'r',
    });
    const later = await simulator({ version: '0.3.15' });
    expect((await later.get('/health')).json['server_time']).toBe(START / 1000);
    expect((await sim.get('/health/ready')).json).toMatchObject({ status: 'ready', mt5_status: 'connected' });
    expect((await sim.get('/health/live')).json).toMatchObject({ status: 'alive' });
    expect((await sim.get('/last_error')).json).toMatchObject({ error_code: 1, error_message: 'Success' });
    expect((await sim.get('/last_error_str')).status).toBe(200);
  });

  it('says in /metrics what was submitted and what failed', async () => {
    const sim = await simulator();
    await sim.order({});
    sim.fault('retcode', { value: 10_018, times: 1 });
    await sim.order({});
    const { text, headers } = await sim.get('/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text.split('\n')).toEqual([
      'mt5_connected 1',
      'mt5_reconnects_total 0',
      'kill_switch_active 0',
      'reconciliation_discrepancies_total 0',
      'orders_submitted_total{side="BUY",symbol="XAUUSDm"} 1',
      'orders_failed_total{retcode_name="MARKET_CLOSED"} 1',
      'http_request_duration_seconds 0',
      'mt5_order_send_duration_seconds 0',
      '',
    ]);
  });
});

describe('the kill switch', () => {
  it('refuses orders and closes with 423, makes readiness fail, and lets pendings be cancelled', async () => {
    const sim = await simulator();
    const ticket = await sim.placed();
    const pending = await sim.placed({ type: 'BUY_LIMIT', price: 2390 });
    expect((await sim.post('/kill')).json).toMatchObject({ kill_switch_active: true, flatten: null });
    const refused = await Promise.all([
      sim.order({}),
      sim.post('/modify_sl_tp', { position: ticket, sl: 2390 }),
      sim.post('/position_close_partial', { ticket, volume: 0.01 }),
      sim.post('/close_position', { position: { ticket } }),
      sim.post('/close_all_positions'),
    ]);
    for (const { status, json } of refused) expect([status, json['error_type']]).toEqual([423, 'kill_switch_active']);
    const ready = await sim.get('/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.json).toMatchObject({ status: 'not_ready', mt5_status: 'connected', kill_switch_active: true });
    expect((await sim.send('PUT', `/orders/${pending}`, { price: 2391 })).status).toBe(200);
    expect((await sim.send('DELETE', `/orders/${pending}`)).status).toBe(200);
    expect((await sim.post('/kill/release')).json).toMatchObject({ kill_switch_active: false });
    expect((await sim.post('/close_position', { position: { ticket } })).status).toBe(200);
  });

  it('flattens: pending orders are gone and positions closed', async () => {
    const sim = await simulator();
    await sim.placed();
    await sim.order({ type: 'BUY_LIMIT', price: 2390 });
    const { json } = await sim.post('/kill?flatten=true');
    expect(json).toMatchObject({ kill_switch_active: true, flatten: { closed: [{ retcode: 10_009 }], failed: [] } });
    expect((await sim.get('/get_positions')).json['data']).toEqual([]);
    expect((await sim.get('/orders')).json['total']).toBe(0);
  });

  it('is a file that outlives the gateway', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'qkt-mt5-sim-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const killFile = join(directory, 'below', 'kill-switch');
    const first = await simulator({ killFile });
    await first.post('/kill');
    expect(existsSync(killFile)).toBe(true);
    const second = await simulator({ killFile });
    expect((await second.order({})).status).toBe(423);
    await second.post('/kill/release');
    expect(existsSync(killFile)).toBe(false);
    expect((await second.order({})).status).toBe(200);
  });
});
