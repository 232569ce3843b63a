import { describe, expect, it } from 'vitest';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import type { RuleChanges } from '../../src/alerts/settings.ts';
import { effectiveValues } from '../../src/config/effective.ts';
import { loadText, refusalOf } from '../config/support.ts';

const book = async (text: string): Promise<Rulebook> => {
  const { config } = await loadText(text);
  const changes = [...config.strategies].map(([name, { alerts = {} }]) => [name, alerts] as [string, RuleChanges]);
  return new Rulebook(config.alerts, new Map(changes));
};

describe('alerts in the configuration', () => {
  it('change limit, severity and times of a rule, for all and for one strategy', async () => {
    const rules = await book(`
alerts: { rules: { equity_floor: { limit: 0.9, for: 5m }, stale_feed: { off: true } } }
strategies: { gold: { alerts: { equity_floor: { limit: 0.8, severity: P1 }, no_trades: { keepFiringFor: 2m } } } }
`);
    expect(rules.find('equity_floor')).toMatchObject({ severity: 'P2', forMs: 300_000 });
    expect(rules.find('equity_floor')!.limit.toString()).toBe('0.9');
    expect(rules.find('equity_floor', 'gold')).toMatchObject({ severity: 'P1', forMs: 300_000 });
    expect(rules.find('equity_floor', 'gold')!.limit.toString()).toBe('0.8');
    expect(rules.find('no_trades', 'gold')!.keepFiringMs).toBe(120_000);
    expect(rules.find('stale_feed', 'gold')).toBeUndefined();
    expect(rules.find('stale_feed')).toBeUndefined();
    expect(rules.special).toEqual(['gold']);
  });

  it('add rules over a named figure', async () => {
    const rules = await book(
      'alerts: { rules: { deep: { field: drawdown.ratio, above: 0.04, for: 30s, severity: P1 } } }',
    );
    expect(rules.find('deep')).toMatchObject({ severity: 'P1', forMs: 30_000, rule: { scope: 'strategy' } });
  });

  it.each([
    [
      'rules: { strategy_hated: { off: true } }',
      'there is no alert rule "strategy_hated" (did you mean "strategy_halted"?)',
    ],
    ['rules: { mine: { for: 30s } }', 'a rule of your own needs a "field"'],
    ['rules: { strategy_down: { limit: 3 } }', 'the rule "strategy_down" has no limit'],
    [
      'rules: { mine: { field: drawdwn.ratio, above: 1 } }',
      'no figure is named "drawdwn.ratio" (did you mean "drawdown.ratio"?)',
    ],
    ['rules: { mine: { field: equity } }', '"mine" needs either "above" or "below"'],
    ['rules: { mine: { field: equity, above: 1, below: 2 } }', '"mine" needs either "above" or "below"'],
    ['rules: { strategy_down: { field: equity, above: 1 } }', '"strategy_down" is a rule of the table'],
    ['rules: { mine: { field: equity, above: 1, for: soon } }', '"for" must be a duration such as 30s or 15m, or 0s'],
    ...['book_equity_drop', 'rejection_rate', 'headroom_low', 'equity_floor', 'disk_low', 'unprotected_position'].map(
      (rule): [string, string] => [
        `rules: { ${rule}: { limit: 5 } }`,
        '"limit" must be a share from 0 to 1, not 5; a share: 0.05 is 5 %',
      ],
    ),
    ['rules: { equity_floor: { limit: -0.1 } }', '"limit" must be a share from 0 to 1, not -0.1'],
    ['rules: { deep: { field: drawdown.ratio, above: 4 } }', '"above" must be a share from 0 to 1, not 4'],
    ['channels: { w: { type: webhook, url: "ftp://x/y" } }', 'the "url" of "w" must be an http or https URL'],
    ['routes: { P1: [fone] }', 'no channel is named "fone"'],
    ['channels: { phone: { type: telegram, chatId: 1 } }', '"phone" needs a value for "token" or "tokenFile"'],
    ['channels: { phone: { type: telegram, chatId: 1, token: 12345:abcdef } }', '"token" is a secret'],
    ['channels: { s: { type: slack, url: "https://hooks.example/T/B/x" } }', '"url" is a secret'],
    ['channels: { log: { type: telegram, chatId: 1, tokenFile: x } }', `"log" is the daemon's log`],
    ['channels: { p: { type: pager } }', '"type" must be one of webhook, alertmanager'],
    ['channels: { d: { type: deadman, urlFile: x } }\n  routes: { P1: [d] }', '"d" is a dead-man ping'],
    ['channels: { m: { type: email, host: h, from: a@b, to: [c@d], user: u } }', '"password" or "passwordFile"'],
  ])('are refused by name: %s', async (lines, words) => {
    const refusal = await refusalOf(loadText(`alerts:\n  ${lines}\n`));
    expect(refusal.code).toBe('QKT_E_CONFIG');
    expect(refusal.message).toContain(words);
  });

  it('may compare figures that are no shares with anything, and a share of one strategy with a share alone', async () => {
    const yaml = (limit: number): string => `
alerts: { rules: { journal_slow: { limit: 2 }, leveraged: { field: exposure.ratio, above: 5 } } }
strategies: { gold: { alerts: { headroom_low: { limit: ${limit} } } } }
`;
    await expect(loadText(yaml(1))).resolves.toBeDefined();
    const refusal = await refusalOf(loadText(yaml(80)));
    expect(refusal.extras.location).toMatchObject({ line: 3 });
    expect(refusal.message).toContain('"limit" must be a share from 0 to 1, not 80');
  });

  it('take a secret from the environment and never show it', async () => {
    const loaded = await loadText(
      'alerts: { channels: { phone: { type: telegram, chatId: 1, token: "${T}" }, hook: { type: webhook, url: "http://127.0.0.1/?key=hidden" } } }',
      { env: { T: 'very-secret-token' } },
    );
    expect(loaded.config.alerts.channels.get('phone')).toMatchObject({ token: { value: 'very-secret-token' } });
    const shown = JSON.stringify(effectiveValues(loaded));
    expect(shown).not.toContain('very-secret-token');
    expect(shown).not.toContain('hidden');
  });
});
