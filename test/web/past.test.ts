import { expect, it } from 'vitest';
import { dec, type Decimal } from '../../src/domain/decimal.ts';
import { poll } from '../doubles/daemon.ts';
import { trader, trading } from './scene.ts';
import { describeInChromium, view } from './support.ts';

type Line = Readonly<Record<string, unknown>>;

/** What the journal's events come to up to a number, worked out beside the product's own fold. */
function fold(lines: readonly Line[], upTo: number) {
  let balance: Decimal = dec(10_000);
  let qty: Decimal = dec(0);
  let trades = 0;
  for (const line of lines) {
    if ((line['seq'] as number) > upTo) break;
    if (line['type'] === 'fill') {
      balance = balance.plus(dec(line['realized'] as number));
      trades += 1;
    }
    if (line['type'] === 'position') qty = dec(line['qty'] as number);
  }
  return { balance: balance.toNumber(), qty: qty.toNumber(), trades };
}

describeInChromium('the slider', () => {
  it('shows chart and figures at five past moments as a fresh fold of the journal has them', async () => {
    const scene = await trading(['trader', trader('trader')]);
    await poll('some trades', async () => {
      const { tradesTotal } = (await scene.daemon.get('/daemon/strategies/trader/status')).json();
      return (tradesTotal as number) >= 12 ? true : undefined;
    });
    await scene.daemon.post('/daemon/strategies/trader/halt', { reason: 'enough' });
    const exported = async (): Promise<readonly Line[]> => {
      const { text } = await scene.daemon.get('/daemon/strategies/trader/export?what=events&format=ndjson');
      return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
    };
    const lines = await exported();
    const fills = lines.filter(({ type }) => type === 'position');
    const moments = [0, 3, 5, 8, 11].map((n) => fills[n]!['seq'] as number);

    const { page } = await view(scene.daemon, { at: '#/s/trader' });
    await page.locator('.chart svg .state.active').first().waitFor();
    expect(await page.locator('.chart .state.active').getAttribute('id')).toBe('state-halted');
    for (const seq of moments) {
      const expected = fold(lines, seq);
      const past = (await scene.daemon.get(`/daemon/strategies/trader/past?at=${seq}`)).json();
      const { balance, tradesTotal, state, positions, halted } = past;
      const held = (positions as readonly { qty: number }[])[0]?.qty ?? 0;
      expect({ balance, trades: tradesTotal, qty: held }).toEqual(expected);
      expect([state, halted]).toEqual(['trading', false]);
    }

    // As a person does it: to the end of the slider's way, then event by event, then to its middle.
    await page.locator('input[type=range]:enabled').waitFor();
    const figures = page.locator('.facts.past');
    const move = (share: number): Promise<unknown> =>
      page.evaluate(`{
        const slider = document.querySelector('input[type=range]');
        slider.value = String(Number(slider.min) + (Number(slider.max) - Number(slider.min)) * ${share});
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      }`);
    for (const share of [0.2, 0.35, 0.5, 0.65, 0.8]) {
      const asked = page.waitForResponse((response) => response.url().includes('/past?at='));
      await move(share);
      const past = (await (await asked).json()) as { at: { seq: number; ts: string }; balance: number; state: string };
      // A stop may have closed what was still open at the halt.
      const expected = fold(await exported(), past.at.seq);
      expect(past.balance).toBe(expected.balance);
      await page.getByText(`of ${past.at.ts}`).waitFor();
      await figures
        .getByText(expected.balance.toLocaleString('en-US', { minimumFractionDigits: 2 }))
        .first()
        .waitFor();
      expect(await page.locator('.chart .state.active').first().getAttribute('id')).toBe(`state-${past.state}`);
    }
    await page.getByRole('button', { name: 'Event before' }).click();
    await page.getByText(/Moment \(after/).waitFor();
    await page.getByRole('button', { name: 'Now' }).click();
    await page.getByText('Moment (now)').waitFor();
    expect(await page.locator('.chart .state.active').getAttribute('id')).toBe('state-halted');
  });
});
