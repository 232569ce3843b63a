import { expect, it } from 'vitest';
import { readOwnerToken } from '../../src/http/owner-token.ts';
import { dec } from '../../src/domain/decimal.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
import { serveControl } from '../http/support.ts';
import { hanging, trader, trading } from './scene.ts';
import { describeInChromium, PATIENCE_MS, view } from './support.ts';

describeInChromium('the page', () => {
  it('shows a strategy that hangs as unresponsive, with what it does, while the others trade on', async () => {
    const scene = await trading(['hung', hanging('hung')], ['trader', trader('trader')]);
    const { page, sees } = await view(scene.daemon);
    const row = page.locator('tr[data-strategy=hung]');
    await row.getByText('unresponsive').waitFor();
    await row.getByText('unhealthy').waitFor();
    await page.locator('tr[data-strategy=trader]').getByText('trading').waitFor();
    await page.evaluate(`location.hash = '#/s/hung'`);
    await sees('It is unresponsive.');
    await sees(/spinning: no turn finished for \d+ ms/);
    expect(await page.locator('.chart svg .state.active').first().getAttribute('id')).toBe('state-unresponsive');
  });

  it('says that the daemon is lost, shows its figures as old, and comes back by itself', async () => {
    const daemon = new HostedDaemon();
    await daemon.start();
    const { port } = daemon;
    await daemon.deploy(daemon.write('trader.ts', trader('trader')));
    const { page, sees, foreign } = await view({ port, token: readOwnerToken(daemon.state) });
    const row = page.locator('tr[data-strategy=trader]');
    await row.getByText('trading').waitFor();
    await daemon.kill('SIGKILL');
    await sees('The daemon is lost');
    await sees(/What is shown is of .* UTC, and may not be so any more/);
    await page.locator('.page[data-link=lost]').waitFor();
    await page.evaluate(`location.hash = '#/s/trader'`);
    await sees('Nothing is shown of trader: the daemon was lost before it could be asked for it.');
    await page.evaluate(`location.hash = '#/'`);
    await daemon.start({ args: ['--control-port', String(port)] });
    await page.locator('.page[data-link=live]').waitFor();
    await page.getByText('The daemon is lost').waitFor({ state: 'detached' });
    await row.getByText('trading').waitFor();
    // Its token is as good as before.
    await page.getByRole('button', { name: 'Halt all' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('back again');
    await page.getByRole('dialog').getByRole('button', { name: 'Halt all' }).click();
    await page
      .getByRole('dialog')
      .getByText(/trader is halted/)
      .waitFor();
    expect(foreign).toEqual([]);
    expect(daemon.port).toBe(port);
  });

  it('shows unknown, late and zero figures each in their own way', async () => {
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    strategy.statusView = {
      ...strategy.statusView,
      equity: null,
      unrealized: dec(0),
      data: { ...strategy.statusView.data, stale: ['EURUSD'] },
    };
    const { page } = await view(served);
    const row = page.locator('tr[data-strategy=ema-cross]');
    await row.locator('.unknown').first().waitFor();
    expect(await row.locator('td').nth(2).innerText()).toContain('unknown');
    await row.getByText('stale EURUSD').waitFor();
    expect(await row.locator('.figure.zero.stale').innerText()).toMatch(/0\.00\s*stale/);
    strategy.statusView = { ...strategy.statusView, equity: dec(0), data: { ...strategy.statusView.data, stale: [] } };
    await expect.poll(() => row.locator('td').nth(2).innerText(), { timeout: PATIENCE_MS }).toContain('0.00');
    expect(await row.locator('.unknown').count()).toBe(0);
  });

  it('shows a figure that rounds to zero as zero, and a little share as little', async () => {
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    const { statusView: status } = strategy;
    strategy.statusView = {
      ...status,
      unrealized: dec('-0.004'),
      riskState: { ...status.riskState, drawdown: dec('0.00002') },
    };
    const { page } = await view(served, { at: '#/s/ema-cross', link: null });
    const figure = (title: string) => page.locator('.key-figures > div').filter({ hasText: title }).locator('.figure');
    await figure('Unrealized').waitFor();
    const read = (title: string) => figure(title).evaluate(({ textContent, className }) => [textContent, className]);
    expect(await read('Unrealized')).toEqual(['0.00', 'figure zero']);
    expect(await figure('Unrealized').getAttribute('title')).toBe('-0.004');
    expect(await read('Drawdown')).toEqual(['<0.01%', 'figure']);
  });

  it('says what a healthy strategy with broken leases is: its tick loop runs', async () => {
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    const { healthView: health } = strategy;
    strategy.healthView = {
      ...health,
      leases: health.leases.map((lease) => ({ ...lease, ok: lease.name === 'tickLoop' })),
    };
    const { page } = await view(served, { at: '#/s/ema-cross', link: null });
    const panel = page.getByRole('region', { name: 'Leases' });
    await panel.getByText('broken').waitFor();
    expect(await panel.locator('.panel-head .badge').innerText()).toBe('its tick loop runs');
    strategy.healthView = { ...health, ok: false };
    await panel.getByText('its tick loop does not run').waitFor();
  });
});
