import { expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { PREVIEW } from '../doubles/strategy-port.ts';
import { call, serveControl } from '../http/support.ts';
import { holderWithEntry, trader, trading } from './scene.ts';
import { describeInChromium, linkTo, PATIENCE_MS, view, type View } from './support.ts';

const REASON = 'spread too wide';

/** The dialog that is open, filled with a reason, done, and what it says came of it. */
async function act({ page }: View, button: string, verb: string, reason?: string): Promise<string> {
  await page.locator('.heading').getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  if (reason !== undefined) await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: verb }).click();
  await dialog.getByText('Done.').waitFor();
  const outcome = await dialog.locator('.outcome').innerText();
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();
  return outcome;
}

describeInChromium('from the page', () => {
  it('strategies are seen trading, without a reload', async () => {
    const scene = await trading(['trader', trader('trader')]);
    const { page, sees, complaints } = await view(scene.daemon);
    const row = page.locator('tr[data-strategy=trader]');
    await row.getByText('trading').waitFor();
    const trades = async (): Promise<number> => Number(await row.locator('td').nth(6).innerText());
    const before = await trades();
    await expect.poll(trades, { timeout: PATIENCE_MS }).toBeGreaterThan(before);
    await sees(/BUY 10000 EURUSD @ 1\.1002/);
    expect(complaints).toEqual([]);
  });

  it('one is halted, and why is read; then resumed after a preview, with a reason', async () => {
    const scene = await trading(['holder', holderWithEntry('holder')]);
    const shown = await view(scene.daemon, { at: '#/s/holder' });
    const { page, sees } = shown;
    await sees('0 of 5000');
    await page.getByRole('button', { name: 'Halt' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 open position, 1 working order').waitFor();
    await dialog.getByText(/1 working entry and 0 waiting layers are cancelled/).waitFor();
    expect(await dialog.getByRole('button', { name: 'Halt it' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');

    expect(await act(shown, 'Halt', 'Halt it', REASON)).toContain('holder is halted: 1 entry cancelled.');
    await sees(/Halted by manual/);
    await sees(new RegExp(`${REASON} \\(.*by dashboard-`));
    await sees(/Blocked: every order that adds exposure/);
    await page.getByText('No order is working.').waitFor();
    await page.evaluate(`location.hash = '#/'`);
    await page.locator('tr[data-strategy=holder]').getByText(`manual: ${REASON}`).waitFor();
    await page.evaluate(`location.hash = '#/s/holder'`);

    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByText('It would resume.').waitFor();
    expect(await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await act(shown, 'Resume', 'Resume', 'looked at it')).toContain('holder is trading: 1 halt lifted.');
    await page.locator('.heading').getByText('trading').waitFor();
    const journal = (await scene.daemon.get('/daemon/journal?strategy=holder')).text;
    expect(journal).toMatch(/"by":"dashboard-[0-9a-f]{6}","command":"halt"/);
    expect(shown.complaints).toEqual([]);
  });

  it('one is stopped and closed, and the page says that it is flat', async () => {
    const scene = await trading(['holder', holderWithEntry('holder')]);
    const { page, sees } = await view(scene.daemon, { at: '#/s/holder' });
    await sees('0 of 5000');
    await page.getByRole('button', { name: 'Stop' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 position stays open, 1 without a stop.').waitFor();
    await dialog.getByLabel('Close all positions').check();
    await dialog.getByRole('button', { name: 'Stop and close positions' }).click();
    await dialog.getByText(/holder is stopped: flat, verified, 1 order cancelled/).waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await page.locator('.heading').getByText('stopped').waitFor();
    await sees('Flat: nothing is open.');
    const status = (await scene.daemon.get('/daemon/strategies/holder/status')).json();
    expect([status['state'], status['positions']]).toEqual(['stopped', []]);
  });

  it('one that was stopped with its position open is closed afterwards', async () => {
    const scene = await trading(['holder', holderWithEntry('holder')]);
    const { page, sees } = await view(scene.daemon, { at: '#/s/holder' });
    await sees('0 of 5000');
    await scene.daemon.post('/daemon/strategies/holder/stop');
    await page.locator('.heading').getByText('stopped').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Stop and close positions' }).click();
    await dialog.getByText(/holder is stopped: flat, verified/).waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'detached' });
  });

  it('all are killed only by who types the word', async () => {
    const scene = await trading(['one', holderWithEntry('one')], ['two', trader('two')]);
    const { page } = await view(scene.daemon);
    await page.getByRole('button', { name: 'Kill all' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/2 strategies, .* open position/).waitFor();
    const kill = dialog.getByRole('button', { name: 'Kill all' });
    expect(await kill.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('kill');
    await kill.click();
    await dialog.getByText(/one is stopped: flat, verified/).waitFor();
    await dialog.getByText(/two is stopped: flat, verified/).waitFor();
  });

  it('the book is resumed only while a halt of it is in force, and why it would not be is said', async () => {
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    const { statusView: status } = strategy;
    const { page, sees } = await view(served);
    await page.getByRole('button', { name: 'Halt all' }).waitFor();
    expect(await page.getByRole('button', { name: 'Resume the book' }).count()).toBe(0);
    const causes = [{ causeId: 'h1', rule: 'manual', scope: 'book', reason: 'news', since: status.asOf, by: 'owner' }];
    strategy.statusView = { ...status, riskState: { ...status.riskState, halted: true, causes } };
    // It ends just as the button is pressed.
    served.daemon.preview = { ...PREVIEW, wouldResume: false };
    await page.getByRole('button', { name: 'Resume the book' }).click();
    await sees(/It would NOT resume\. No halt of the book is in force\./);
  });

  it('all are killed after one has seen which positions are open, and which have stops', async () => {
    const served = await serveControl();
    const strategy = served.daemon.strategies.get('ema-cross')!;
    const { statusView: status } = strategy;
    const position = {
      venue: 'paper',
      qty: dec('0.3'),
      avgPrice: dec(2000),
      markPrice: dec(2007),
      openedAt: status.asOf,
    };
    const stop = { symbol: 'XAUUSD', side: 'SELL', type: 'stop', role: 'stopLoss', status: 'working' } as const;
    strategy.statusView = {
      ...status,
      unrealized: dec('2.18'),
      positions: [
        { ...position, symbol: 'XAUUSD', unrealized: dec('2.1'), stopLoss: dec(1990) },
        { ...position, symbol: 'EURUSD', unrealized: dec('0.08') },
      ],
      orders: [{ ...stop, id: 'o1', qty: dec('0.2'), filledQty: dec(0), tif: 'GTC', createdAt: status.asOf }],
    };
    const { page } = await view(served);
    await page.getByRole('button', { name: 'Kill all' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/unrealized \+2\.18 USD/).waitFor();
    const positions = await dialog.getByRole('list', { name: 'Open positions' }).getByRole('listitem').allInnerTexts();
    expect(positions).toEqual([
      'ema-cross: XAUUSD 0.3 @ 2000, unrealized +2.10 USD, stop 1990, none for 0.1',
      'ema-cross: EURUSD 0.3 @ 2000, unrealized +0.08 USD, no stop',
    ]);
  });

  it('nothing can be done without a link, or with one that is for reading', async () => {
    const scene = await trading(['holder', holderWithEntry('holder')]);
    for (const link of [null, 'read'] as const) {
      const { page, sees } = await view(scene.daemon, { link });
      await page.locator('tr[data-strategy=holder]').waitFor();
      await page.getByRole('link', { name: 'holder' }).click();
      await sees('Looking only');
      expect(await page.getByRole('button', { name: /Halt|Stop|Resume|Kill/ }).count()).toBe(0);
    }
  });

  it('a link works once, leaves no trace in the address, and its token stays in its tab', async () => {
    const served = await serveControl();
    const { page } = await view(served, { link: null });
    const link = await linkTo(served);
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByText(/dashboard-[0-9a-f]{6}: admin/).waitFor();
    expect(page.url()).toBe(`http://127.0.0.1:${served.port}/`);
    expect(await page.evaluate('[localStorage.length, document.cookie, sessionStorage.length]')).toEqual([0, '', 1]);
    await page.reload();
    await page.getByText(/dashboard-[0-9a-f]{6}: admin/).waitFor();
    const other = await view(served, { link: null });
    await other.page.goto('about:blank');
    await other.page.goto(link);
    await other.page.getByText('This link was used before, or is too old.').waitFor();
    await other.page.getByText('looking only').waitFor();
  });

  it('beyond loopback the page loads without a token, and says that reading needs one', async () => {
    const served = await serveControl({ bind: '0.0.0.0', expose: true });
    expect((await call(served.port, '/daemon/list')).status).toBe(401);
    const { page, sees } = await view(served, { link: null });
    await sees('Reading needs a token here.');
    await page.goto('about:blank');
    await page.goto(await linkTo(served, true));
    await page.locator('tr[data-strategy=ema-cross]').waitFor();
  });
});
