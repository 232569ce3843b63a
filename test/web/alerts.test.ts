import { expect, it } from 'vitest';
import { ALERT, ScriptedAlerts } from '../doubles/alert-port.ts';
import { serveControl } from '../http/support.ts';
import { trader, trading } from './scene.ts';
import { describeInChromium, view } from './support.ts';

describeInChromium('alerts', () => {
  it('are shown with their figures, acknowledged, and silenced with an end and a reason', async () => {
    const scene = await trading(['trader', trader('trader')]);
    const { page, sees } = await view(scene.daemon);
    await scene.daemon.post('/daemon/strategies/trader/halt', { reason: 'for a test' });
    await page.getByRole('link', { name: /Alerts.*firing/ }).click();
    const alert = page.getByRole('article', { name: 'strategy_halted:trader' });
    await alert.getByText('firing').waitFor();
    await alert.getByText('P1').waitFor();

    await alert.getByRole('button', { name: 'Acknowledge' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Comment').fill('on it');
    await dialog.getByRole('button', { name: 'Acknowledge' }).click();
    await dialog.getByText('Done.').waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await alert.getByText(/Acknowledged by dashboard-[0-9a-f]{6}.*: on it/).waitFor();

    await alert.getByRole('button', { name: 'Silence' }).click();
    await dialog.getByText('That it is a P1 must be said.').waitFor();
    await dialog.getByLabel(/keeps a P1 alert from waking/).check();
    await dialog.getByLabel('For').selectOption('15 minutes');
    await dialog.getByLabel('Reason').fill('maintenance');
    await dialog.getByRole('button', { name: 'Silence' }).click();
    await dialog.getByText(/Silent until/).waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await sees('strategy_halted, trader, P1 included');
  });

  it('that another one speaks for are shown as inhibited, and not counted', async () => {
    const inhibited = { ...ALERT, id: 'no_trades', key: 'no_trades:ema-cross', inhibitedBy: ALERT.key };
    const { page } = await view(await serveControl({ alerts: new ScriptedAlerts(ALERT, inhibited) }), {
      at: '#/alerts',
    });
    const card = page.getByRole('article', { name: inhibited.key });
    await card.getByText('inhibited', { exact: true }).waitFor();
    expect(await card.getByText('firing').count()).toBe(0);
    await card.getByText('strategy_halted:ema-cross is its cause, and speaks for it.').waitFor();
    await page.getByRole('article', { name: ALERT.key }).getByText('firing').waitFor();
    await page.getByRole('link', { name: 'Alerts, 1 firing' }).waitFor();
  });

  it('that are resolved say from when to when they fired, and grow no older', async () => {
    const [since, resolvedAt] = ['2026-11-22T07:10:00.000Z', '2026-11-22T07:29:32.000Z'];
    const resolved = { ...ALERT, state: 'resolved', since, firingSince: since, resolvedAt } as const;
    const { page } = await view(await serveControl({ alerts: new ScriptedAlerts(resolved) }), { at: '#/alerts' });
    const header = await page.getByRole('article', { name: ALERT.key }).locator('header').innerText();
    expect(header).toMatch(/from \S+ ?07:10:00 to \S+ ?07:29:32, for 19 min 32 s$/);
  });
});
