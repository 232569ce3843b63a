import { expect, it } from 'vitest';
import { serveControl } from '../http/support.ts';
import { describeInChromium, view } from './support.ts';

describeInChromium('the gateways on the page', () => {
  it('show where our books and a venue differ, and say so where they agree', async () => {
    const served = await serveControl();
    const { daemon } = served;
    const agreed = await view(served, { at: '#/gateways' });
    await agreed.sees('Everywhere they agree.');
    const [gateway] = daemon.gatewayViews;
    const found = { id: 'd1', strategy: 'ema-cross', policy: 'halt', since: '2026-11-22T07:28:33.123Z' } as const;
    daemon.gatewayViews = [
      {
        ...gateway!,
        differences: [
          { ...found, kind: 'position', symbol: 'XAUUSD', ours: 'long 0.3', theirs: null, done: 'halted' },
          {
            ...found,
            id: 'd2',
            kind: 'foreign',
            strategy: null,
            symbol: 'EURUSD',
            ours: null,
            theirs: 'short 0.02',
            done: 'shown',
          },
        ],
      },
    ];
    const { page } = await view(served, { at: '#/gateways' });
    const rows = page.getByRole('table', { name: 'Differences' }).locator('tbody tr');
    await rows.first().waitFor();
    const texts = await rows.allInnerTexts();
    expect(texts[0]).toMatch(/XAUUSD\s+the quantity\s+ema-cross\s+long 0\.3\s+nothing\s+halted/);
    expect(texts[1]).toMatch(/EURUSD\s+nobody here knows it\s+none\s+nothing\s+short 0\.02\s+shown/);
  });
});
