import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { ALERT, ScriptedAlerts } from '../doubles/alert-port.ts';
import { poll } from '../doubles/daemon.ts';
import { ScriptedStrategy } from '../doubles/strategy-port.ts';
import { call, serveControl } from '../http/support.ts';
import { describeInChromium, view, type View } from './support.ts';
import { holderWithEntry, trader, trading } from './scene.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Bytes over the wire for a whole page, its stream apart. */
const MOST_BYTES = 200 * 1024;

const FOCUSED = `(() => {
  const { activeElement: at } = document;
  return [at.tagName, at.textContent.trim().slice(0, 40), getComputedStyle(at).outlineStyle];
})()`;

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** Through the debugger: the page's policy lets no foreign script in. */
async function axe({ page }: View): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResult>('axe.run(document, { resultTypes: ["violations"] })');
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
}

describeInChromium('the page', () => {
  it('is a page, a script, a style sheet and pictures of its own, under 200 kB in all, and breaks no policy', async () => {
    const scene = await trading(['holder', holderWithEntry('holder')]);
    const shown = await view(scene.daemon);
    const client = await shown.page.context().newCDPSession(shown.page);
    let bytes = 0;
    client.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await client.send('Network.enable');
    await client.send('Network.setCacheDisabled', { cacheDisabled: true });
    await shown.page.reload();
    await shown.page.getByRole('link', { name: 'holder' }).click();
    await shown.page.locator('.chart svg .state.active').first().waitFor();
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect([shown.complaints, shown.foreign]).toEqual([[], []]);
  });

  it('begins with what happened before it was opened', async () => {
    const scene = await trading();
    await scene.deploy('holder', holderWithEntry('holder'));
    await scene.command('holder', 'stop');
    const { page } = await view(scene.daemon);
    const first = page.getByLabel('Events, newest first').getByRole('listitem');
    await first.filter({ hasText: 'holder' }).filter({ hasText: '→ stopped' }).first().waitFor();
  });

  it('is served with a policy that lets nothing inline and nothing from elsewhere in', async () => {
    const { port } = await serveControl();
    const { headers, text, status } = await call(port, '/');
    expect(status).toBe(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    expect([headers['cache-control'], headers['x-content-type-options']]).toEqual(['no-store', 'nosniff']);
    expect(headers['set-cookie']).toBeUndefined();
    expect(text).not.toMatch(/<script>|<style|style=|onclick|https?:/);
    const [, script] = /src="(\/assets\/[^"]+)"/.exec(text)!;
    const packed = await call(port, script!, { headers: { 'accept-encoding': 'gzip, br' } });
    expect([packed.status, packed.headers['content-encoding']]).toEqual([200, 'br']);
    expect((await call(port, script!)).headers['content-encoding']).toBeUndefined();
    expect((await call(port, '/assets/../package.json')).status).toBe(404);
  });

  it('draws the curves of a strategy that nothing new comes from', async () => {
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    const [first] = strategy.equity('10m').ts;
    const ts = [0, 1000, 2000].map((ms) => new Date(Date.parse(first!) + ms).toISOString());
    const columns = { ts, equity: [10_000, 9990, null], balance: [10_000, 10_000, 10_000], drawdown: [0, 0.001, null] };
    strategy.equity = (span) => ({ ...new ScriptedStrategy().equity(span), ...columns });
    const { page } = await view(served, { at: '#/s/ema-cross', link: null });
    await page.locator('.plots canvas').nth(1).waitFor();
    // Below a plot are its times, where it knows which: as many rows of points as letters are high, and more than a line.
    const rowsOf = `[...document.querySelectorAll('.plots canvas')].map((canvas) => {
      const [left, height] = [90 * devicePixelRatio, 40 * devicePixelRatio];
      const width = canvas.width - left;
      const { data } = canvas.getContext('2d').getImageData(left, canvas.height - height, width, height);
      const isInked = (row) => data.subarray(row * width * 4, (row + 1) * width * 4).some((value) => value > 0);
      return Array.from({ length: height }, (_, row) => row).filter(isInked).length;
    })`;
    const inked = await poll('the times below both plots', async () => {
      const rows = await page.evaluate<readonly number[]>(rowsOf);
      return rows.every((count) => count >= 6) ? rows : undefined;
    });
    expect(inked).toHaveLength(2);
  });

  it('marks in the curve of all fills those of before a restart, and says which starts it does not mark', async () => {
    const { page, sees } = await view(await serveControl(), { link: null });
    const at = (minute: number): string => `2024-05-06T07:${10 + minute}:00.000Z`;
    const event = (seq: number, minute: number, rest: object): string =>
      JSON.stringify({ seq, ts: at(minute), strategy: 'ema-cross', ...rest });
    const kept = [
      event(1, 0, { type: 'fill', side: 'BUY' }),
      event(2, 1, { type: 'fill', side: 'SELL' }),
      event(3, 2, { type: 'halt', rule: 'manual' }),
    ];
    const started = event(1_000_001, 8, { type: 'lifecycle', from: 'stopped', to: 'starting' });
    const fresh = event(1_000_005, 9, { type: 'fill', side: 'BUY' });
    const pages: Readonly<Record<string, readonly string[]>> = { '0': kept, '3': [fresh], memory: [started, fresh] };
    const unknown = [null, null, null, null];
    const columns = { ts: [0, 1, 2, 9].map(at), equity: unknown, balance: [1, 2, 3, 4], drawdown: unknown };
    await page.route('**/strategies/ema-cross/equity?*', (route) =>
      route.fulfill({
        json: { ...new ScriptedStrategy().equity('1d'), startingBalance: 1, span: 'all', stepMs: null, ...columns },
      }),
    );
    await page.route('**/strategies/ema-cross/events?*', (route) => {
      const since = new URL(route.request().url()).searchParams.get('since') ?? 'memory';
      const headers = { 'qkt-next-since': since === '0' ? '3' : '1000005' };
      return route.fulfill({ body: (pages[since] ?? []).join('\n'), headers });
    });
    await page.getByRole('link', { name: 'ema-cross' }).click();
    await page.getByRole('button', { name: 'all fills' }).click();
    await sees(/Marked: 3 fills, 1 halt, 0 resumes, 1 start\. Starts before 2024-05-06 07:18:00 UTC are not marked\./);
    expect(await page.locator('.legend').innerText()).toMatch(/buy\s+sell\s+halt\s+resume\s+start/);
  });

  it('says since when equity is not known, not that it was something until now', async () => {
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    const ts = [0, 1, 2, 3].map((second) => `2024-05-06T07:27:3${second}.000Z`);
    const unknown = [null, 0, 0, null];
    const columns = { ts, equity: [null, 9990, 9995, null], balance: [1, 1, 1, 1], drawdown: unknown };
    strategy.equity = (span) => ({ ...new ScriptedStrategy().equity(span), ...columns });
    const { sees } = await view(served, { at: '#/s/ema-cross', link: null });
    await sees(
      /From 2024-05-06 07:27:31 to 2024-05-06 07:27:32 UTC: Equity 9,990.00 to 9,995.00 USD.*\. Not known since 2024-05-06 07:27:33 UTC\./,
    );
  });

  it('gives every time with its zone, and with its date where it is another day', async () => {
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    const what = { id: 'o1', symbol: 'EURUSD', side: 'BUY', type: 'limit', role: 'entry', status: 'working' } as const;
    const order = { ...what, qty: dec(1), filledQty: dec(0), price: dec(1), tif: 'GTC' };
    strategy.statusView = {
      ...strategy.statusView,
      orders: [{ ...order, createdAt: '2024-05-06T07:28:33.123Z' }],
    };
    served.daemon.events.say('told');
    const { page } = await view(served, { at: '#/s/ema-cross', link: null });
    const orders = page.getByRole('table', { name: 'Working orders' });
    await orders.getByText('Since (UTC)').waitFor();
    const since = orders.locator('time');
    expect([await since.innerText(), await since.getAttribute('title')]).toEqual([
      '2024-05-06 07:28:33',
      '2024-05-06 07:28:33 UTC',
    ]);
    await page.evaluate(`location.hash = '#/'`);
    await page.getByText('times in UTC').waitFor();
    await page.locator('.feed time').first().waitFor();
    expect(await page.locator('time:not([title$=" UTC"])').count()).toBe(0);
  });

  it('has nothing that axe complains of, in both themes, on every view', async () => {
    const scene = await trading(['trader', trader('trader')], ['holder', holderWithEntry('holder')]);
    for (const dark of [false, true]) {
      const shown = await view(scene.daemon, { dark });
      await shown.page.locator('tr[data-strategy=holder]').waitFor();
      expect(await axe(shown)).toEqual([]);
      for (const at of ['#/s/holder', '#/alerts', '#/gateways']) {
        await shown.page.evaluate(`location.hash = ${JSON.stringify(at)}`);
        await shown.page
          .locator(at === '#/s/holder' ? '.chart svg' : 'main .panel')
          .first()
          .waitFor();
        expect(await axe(shown)).toEqual([]);
      }
      await shown.page.evaluate(`location.hash = '#/s/holder'`);
      await shown.page.getByRole('button', { name: 'Stop' }).click();
      expect(await axe(shown)).toEqual([]);
    }
  });

  it('fits from 360 to 2560 pixels, without a bar to scroll sideways', async () => {
    const scene = await trading(['trader', trader('trader')]);
    const { page } = await view(scene.daemon);
    for (const at of ['#/', '#/s/trader']) {
      await page.evaluate(`location.hash = ${JSON.stringify(at)}`);
      await page
        .locator(at === '#/' ? 'tr[data-strategy=trader]' : '.chart svg')
        .first()
        .waitFor();
      for (const width of [360, 768, 1280, 2560]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
    }
  });

  it('has a header of one line on a small screen, of two on a telephone, with the number of the halted', async () => {
    const served = await serveControl({ alerts: new ScriptedAlerts(ALERT) });
    const strategies = { total: 5, trading: 2, halted: 3 };
    served.daemon.healthView = { ...served.daemon.healthView, uptimeMs: 1_183_000, strategies };
    const { page } = await view(served);
    await page.locator('.badge.firing').waitFor();
    const header = page.locator('.top');
    for (const [width, most] of [
      [1024, 60],
      [700, 60],
      [390, 100],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      expect([width, (await header.boundingBox())!.height < most]).toEqual([width, true]);
      expect(await header.innerText()).toContain('3 halted');
    }
  });

  it('is worked with the keyboard alone', async () => {
    const scene = await trading(['holder', holderWithEntry('holder')]);
    const { page } = await view(scene.daemon, { at: '#/s/holder' });
    await page.getByRole('button', { name: 'Halt' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.skip').focus();
    const seen = new Set<string>();
    for (let n = 0; n < 40; n++) {
      await page.keyboard.press('Tab');
      const [tag, text, outline] = await page.evaluate<[string, string, string]>(FOCUSED);
      // After the last element the focus goes round.
      if (tag === 'BODY') break;
      expect([text, outline]).not.toEqual([text, 'none']);
      seen.add(text);
    }
    for (const name of ['Fleet', 'Alerts', 'Halt', 'Stop', '1 day', 'Event before', 'Whole chart'])
      expect([...seen]).toContain(name);
  });

  it('says in words what its plots show', async () => {
    const scene = await trading(['trader', trader('trader')]);
    const { page, sees } = await view(scene.daemon, { at: '#/s/trader' });
    await sees(/From .* UTC: Equity .* lowest .* highest .* largest drawdown/);
    await sees(/Marked: \d+ fills?, 0 halts, 0 resumes, 1 start\./);
    const label = await page.locator('.chart svg').getAttribute('aria-label');
    expect(label).toMatch(/trading is active/);
    await page.evaluate(`location.hash = '#/'`);
    await expect
      .poll(() => page.locator('.spark').first().getAttribute('aria-label'), { timeout: 15_000 })
      .toMatch(/Equity of trader/);
  });
});
