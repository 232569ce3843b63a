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
    await page.getByRole('link', { name: /Alerts.*1 firing/ }).waitFor();
  });

  it('that are resolved say from when to when they fired, and grow no older', async () => {
    const [since, resolvedAt] = ['2024-05-06T07:10:00.000Z', '2024-05-06T07:29:32.000Z'];
    const resolved = { ...ALERT, state: 'resolved', since, firingSince: since, resolvedAt } as const;
    const { page } = await view(await serveControl({ alerts: new ScriptedAlerts(resolved) }), { at: '#/alerts' });
    const header = await page.getByRole('article', { name: ALERT.key }).locator('header').innerText();
    expect(header).toMatch(/from 2024-05-06 07:10:00 to 2024-05-06 07:29:32 UTC, for 19 min 32 s$/);
  });

  it('tell their figures in words and with units, and nothing where there is none', async () => {
    const figures = [
      [
        { id: 'strategy_halted', limit: null, measured: 1, inputs: ALERT.inputs },
        'state: halted · halted by: manual · of the strategy · by: owner',
      ],
      [
        {
          id: 'strategy_halted',
          measured: 1564,
          limit: 1500,
          inputs: { state: 'failed', rules: ['onHang'], scope: 'strategy', by: null, restored: true, turnMs: 1564 },
        },
        'measured 1,564 ms, limit 1,500 ms · state: failed · halted by: onHang · of the strategy · brought back by a start',
      ],
      [
        { id: 'unprotected_position', measured: 1197, limit: 300, inputs: { withoutStop: ['EURUSD'], losing: [] } },
        'measured 19 min 57 s, limit 5 min 0 s · without a stop: EURUSD',
      ],
      [
        { id: 'journal_slow', measured: 0.13225, limit: 0.1, inputs: { slowShare: 0.0116732 } },
        'measured 132 ms, limit 100 ms · share of slow writes: 1.17%',
      ],
      [
        { id: 'headroom_low', measured: 0.9, limit: 0.8, inputs: { rule: 'maxDrawdown', used: 0.09, ruleLimit: 0.1 } },
        'measured 90%, limit 80% · rule: maxDrawdown · used: 9% · rule limit: 10%',
      ],
      [
        { id: 'deep_drawdown', measured: 0.05, limit: 0.04, inputs: { 'drawdown.ratio': 0.05 } },
        'measured 5%, limit 4%',
      ],
      [
        { id: 'equity_floor', measured: null, limit: 9500, inputs: { equity: null } },
        'measured unknown, limit 9,500.00',
      ],
    ] as const;
    const alerts = figures.map(([alert], n) => ({ ...ALERT, ...alert, key: `alert-${n}` }));
    const { page } = await view(await serveControl({ alerts: new ScriptedAlerts(...alerts) }), { at: '#/alerts' });
    await page.getByRole('article').first().waitFor();
    for (const [n, [, text]] of figures.entries())
      expect(
        await page
          .getByRole('article', { name: `alert-${n}` })
          .locator('p')
          .nth(1)
          .innerText(),
      ).toBe(text);
  });
});
