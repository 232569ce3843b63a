import { expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import type { HaltCauseView } from '../../src/domain/risk-views.ts';
import { serveControl } from '../http/support.ts';
import { describeInChromium, view } from './support.ts';

const EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
const CAUSE: HaltCauseView = {
  causeId: 'h1',
  rule: EVIL,
  scope: 'strategy',
  reason: `reason ${EVIL}`,
  since: '2026-11-22T07:28:33.123Z',
  by: EVIL,
  formula: EVIL,
  measured: dec(1),
  limit: dec(2),
};

/** A strategy whose every text is an attempt to become markup. */
async function evil() {
  const served = await serveControl();
  const strategy = served.daemon.strategies.get('ema-cross')!;
  const { statusView: status } = strategy;
  strategy.statusView = {
    ...status,
    state: 'halted',
    definition: EVIL,
    currency: EVIL,
    riskState: {
      ...status.riskState,
      halted: true,
      causes: [CAUSE],
      rule: CAUSE.rule,
      reason: CAUSE.reason,
      scope: 'strategy',
    },
    positions: status.positions.map((position) => ({ ...position, symbol: EVIL })),
    data: { ...status.data, stale: [EVIL] },
    gateway: { ...status.gateway, name: EVIL, state: EVIL },
  };
  strategy.healthView = {
    ...strategy.healthView,
    leases: [{ name: EVIL, ageMs: 1, limitMs: 2, ok: false, reason: EVIL }],
  };
  strategy.logs.lines.push(`2026-11-22T07:28:33.123Z INFO  strategy=ema-cross ${EVIL}`);
  return served;
}

describeInChromium('names, reasons, symbols and log lines full of markup', () => {
  it('are shown as the text that they are, everywhere', async () => {
    const served = await evil();
    const { page, complaints } = await view(served);
    await page.locator('tr[data-strategy=ema-cross]').getByText('onerror').first().waitFor();
    served.daemon.events.say(EVIL);
    for (const at of ['#/s/ema-cross', `#/s/${encodeURIComponent(EVIL)}`, '#/']) {
      await page.evaluate(`location.hash = ${JSON.stringify(at)}`);
      await page.getByText('onerror').first().waitFor();
      expect(await page.evaluate('[window.hacked, document.querySelectorAll("img").length]')).toEqual([undefined, 0]);
      expect(await page.evaluate('document.querySelectorAll("body script").length')).toBe(0);
    }
    await page.evaluate(`location.hash = '#/s/ema-cross'`);
    expect(await page.locator('.log').innerText()).toContain(EVIL);
    expect(await page.locator('.notice').innerText()).toContain(EVIL);
    await page.getByRole('button', { name: 'Halt', exact: true }).click();
    await page.getByRole('dialog').getByText('onerror').first().waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });
});
