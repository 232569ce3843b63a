import { expect, it } from 'vitest';
import { readOwnerToken } from '../../src/http/owner-token.ts';
import { HostedDaemon } from '../doubles/hosted-daemon.ts';
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
    const { serveControl } = await import('../http/support.ts');
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    const { dec } = await import('../../src/domain/decimal.ts');
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
});
