import { describe, expect, it } from 'vitest';
import { loadText, refusalOf } from './support.ts';

interface Mistake {
  readonly what: string;
  readonly yaml: string;
  /** line:column */
  readonly at: string;
  readonly says: readonly string[];
}

const MISTAKES: readonly Mistake[] = [
  { what: 'an unknown section', yaml: 'acount: { currency: USD }', at: '1:1', says: ['"acount"', '"account"'] },
  { what: 'an unknown key', yaml: 'http:\n  controlport: 1', at: '2:3', says: ['"controlport"', '"controlPort"'] },
  { what: 'a key that resembles none', yaml: 'zzz: 1', at: '1:1', says: ['"zzz"', 'account, defaultVenue, venues'] },
  {
    what: 'an unknown key of a venue',
    yaml: 'venues:\n  p: { type: paper, latency: 5 }',
    at: '2:21',
    says: ['"latency"', '"latencyMs"'],
  },
  {
    what: 'an unknown kind of venue',
    yaml: 'venues:\n  p: { type: papr }',
    at: '2:14',
    says: ['paper, mt5', '"paper"'],
  },
  { what: 'a venue without a kind', yaml: 'venues:\n  p: { seed: 1 }', at: '2:6', says: ['"type"', 'paper, mt5'] },
  {
    what: 'a key of another kind of venue',
    yaml: 'venues:\n  p: { type: mt5, gatewayUrl: "http://h", seed: 1 }',
    at: '2:43',
    says: ['unknown key "seed"'],
  },
  {
    what: 'a profile that there is not',
    yaml: 'venues:\n  p: { type: mt5, profile: exnes }',
    at: '2:28',
    says: ['exness, icmarkets, ftmo, pepperstone', '"exness"'],
  },
  {
    what: 'a server clock that there is not',
    yaml: 'venues:\n  p: { type: mt5, clock: newyorkclose }',
    at: '2:26',
    says: ['utc, newYorkClose, or hours', '"newYorkClose"'],
  },
  {
    what: 'a server further from UTC than any zone',
    yaml: 'venues:\n  p: { type: mt5, clock: 99 }',
    at: '2:26',
    says: ['-14 to 14', '99'],
  },
  {
    what: 'a magic number that marks nothing',
    yaml: 'venues:\n  p: { type: mt5, magic: 0 }',
    at: '2:26',
    says: ['"magic"', '1 to 4294967295'],
  },
  {
    what: 'two MT5 venues with one magic number',
    yaml: 'venues:\n  exness: { type: mt5 }\n  other: { type: mt5, magic: 10001, gatewayUrl: "http://127.0.0.1:7001" }',
    at: '3:30',
    says: ['"exness"', '"other"', '10001'],
  },
  {
    what: 'two MT5 venues on one gateway',
    yaml: 'venues:\n  exness: { type: mt5 }\n  other: { type: mt5, gatewayUrl: "http://127.0.0.1:5001/" }',
    at: '3:35',
    says: ['"exness"', '"other"', 'the same gateway'],
  },
  {
    what: 'an MT5 account in a currency that the book is not in',
    yaml: 'venues:\n  exness: { type: mt5, expect: { currency: EUR } }',
    at: '2:44',
    says: ['EUR', 'USD'],
  },
  {
    what: 'two MT5 venues of one profile',
    yaml: 'venues:\n  exness: { type: mt5 }\n  second: { type: mt5, profile: exness }',
    at: '3:11',
    says: ['"exness"', '"second"', 'the same magic'],
  },
  {
    what: 'a policy that there is not',
    yaml: 'venues:\n  p: { type: mt5, reconcile: { foreign: adapt } }',
    at: '2:41',
    says: ['adopt, ignore, halt', '"adopt"'],
  },
  {
    what: 'a kind of difference that there is not',
    yaml: 'venues:\n  p: { type: mt5, reconcile: { foreigner: halt } }',
    at: '2:32',
    says: ['"foreigner"', '"foreign"'],
  },
  {
    what: 'an account that is expected to be what none is',
    yaml: 'venues:\n  p: { type: mt5, expect: { tradeMode: live } }',
    at: '2:40',
    says: ['demo, contest, real', '"live"'],
  },
  {
    what: 'maintenance that begins on a weekday and ends on none',
    yaml: 'venues:\n  p: { type: mt5, maintenance: [{ zone: UTC, from: "Sat 22:00", to: "23:00" }] }',
    at: '2:69',
    says: ['a weekday', 'neither'],
  },
  {
    what: 'maintenance in no zone',
    yaml: 'venues:\n  p: { type: mt5, maintenance: [{ from: "22:00", to: "23:00" }] }',
    at: '2:33',
    says: ['"zone"'],
  },
  {
    what: 'a URL of another scheme',
    yaml: 'venues:\n  p: { type: mt5, gatewayUrl: "ftp://h" }',
    at: '2:31',
    says: ['"gatewayUrl"', 'http or https', '"ftp://h"'],
  },
  {
    what: 'a rate above one',
    yaml: 'venues:\n  p: { type: paper, rejectionRate: 1.5 }',
    at: '2:36',
    says: ['0 to 1', '1.5'],
  },
  {
    what: 'a speed of zero',
    yaml: 'venues:\n  p: { type: paper, speed: 0 }',
    at: '2:28',
    says: ['"speed"', 'max', '0'],
  },
  {
    what: 'a seed with a fraction',
    yaml: 'venues:\n  p: { type: paper, seed: 1.5 }',
    at: '2:27',
    says: ['whole number'],
  },
  { what: 'a replay without a file', yaml: 'venues:\n  p: { type: paper, feed: replay }', at: '2:6', says: ['"file"'] },
  {
    what: 'a file that nothing replays',
    yaml: 'venues:\n  p: { type: paper, file: a.csv }',
    at: '2:27',
    says: ['feed: replay', 'synthetic'],
  },
  { what: 'a default venue that is not there', yaml: 'defaultVenue: papre', at: '1:15', says: ['"papre"', '"paper"'] },
  {
    what: 'a venue name with a blank',
    yaml: 'venues:\n  "my venue": { type: paper }',
    at: '2:3',
    says: ['"my venue"'],
  },
  {
    what: 'no amount of money',
    yaml: 'account: { startingBalance: 0 }',
    at: '1:29',
    says: ['greater than 0', 'not 0'],
  },
  { what: 'money in words', yaml: 'account: { startingBalance: lots }', at: '1:29', says: ['"lots"'] },
  { what: 'a number with separators', yaml: 'account: { startingBalance: 10_000 }', at: '1:29', says: ['"10_000"'] },
  { what: 'an infinite number', yaml: 'account: { startingBalance: .inf }', at: '1:29', says: ['startingBalance'] },
  { what: 'a value where a map belongs', yaml: 'account: 10000', at: '1:10', says: ['"account"', 'a map', '10000'] },
  { what: 'a key without value', yaml: 'risk:\n  gate: { maxOrderQty: }', at: '2:24', says: ['not nothing'] },
  {
    what: 'an instrument of a new symbol without its terms',
    yaml: 'instruments:\n  AUDUSD: { contractSize: 1 }',
    at: '2:11',
    says: ['"AUDUSD"', '"tickSize"'],
  },
  {
    what: 'a session that is not there',
    yaml: 'instruments:\n  EURUSD: { session: fxx }',
    at: '2:22',
    says: ['"fxx"', '"fx"'],
  },
  { what: 'a negative spread', yaml: 'instruments:\n  EURUSD: { spread: -1 }', at: '2:21', says: ['0 or more', '-1'] },
  { what: 'a port beyond the last', yaml: 'http: { controlPort: 70000 }', at: '1:22', says: ['65535', '70000'] },
  { what: 'a range of ports backwards', yaml: 'http: { portPool: 5-4 }', at: '1:19', says: ['47000-47100', '"5-4"'] },
  { what: 'a list written as text', yaml: 'http: { allowedHosts: a }', at: '1:23', says: ['a list', '"a"'] },
  { what: 'an unknown log level', yaml: 'logging: { level: wran }', at: '1:19', says: ['trace', '"wran"', '"warn"'] },
  {
    what: 'an unknown halt rule',
    yaml: 'risk:\n  halt:\n    - { rule: maxDrawdwn, limit: 1 }',
    at: '3:15',
    says: ['"maxDrawdown"'],
  },
  {
    what: 'a drawdown without its reference',
    yaml: 'risk:\n  halt: [{ rule: maxDrawdown, limit: 0.1 }]',
    at: '2:10',
    says: ['"basis"'],
  },
  {
    what: 'a streak with a fraction',
    yaml: 'risk:\n  halt: [{ rule: maxLosingStreak, limit: 2.5 }]',
    at: '2:42',
    says: ['"limit"', '2.5'],
  },
  {
    what: 'a rule that no book has',
    yaml: 'risk:\n  book: [{ rule: maxRejections, limit: 3 }]',
    at: '2:18',
    says: ['maxDailyLoss'],
  },
  {
    what: 'a roll-over in no zone',
    yaml: 'risk: { dayRollover: "17:00 Mars/Base" }',
    at: '1:22',
    says: ['"17:00 Mars/Base"'],
  },
  { what: 'a session in no zone', yaml: 'sessions: { fx: { zone: New York } }', at: '1:25', says: ['"New York"'] },
  { what: 'a session half by weekday', yaml: 'sessions: { fx: { close: "17:00" } }', at: '1:26', says: ['weekday'] },
  {
    what: 'a holiday that is no day',
    yaml: 'sessions: { fx: { holidays: [2026-02-30] } }',
    at: '1:30',
    says: ['2026-02-30'],
  },
  {
    what: 'a duration without unit',
    yaml: 'strategies: { a: { expectTradesEvery: 8 } }',
    at: '1:39',
    says: ['8h', 'not 8'],
  },
  {
    what: 'a list as parameter',
    yaml: 'strategies: { a: { params: { x: [1] } } }',
    at: '1:33',
    says: ['"x"', 'a list'],
  },
  { what: 'a rate of a pair that is none', yaml: 'rates: { JPY: 0.006 }', at: '1:10', says: ['"JPY"', 'JPYUSD'] },
  { what: 'the same key twice', yaml: 'http: {}\nhttp: {}', at: '2:1', says: ['unique'] },
  { what: 'YAML that does not parse', yaml: 'http: { controlPort: 1\nlogging: {}', at: '2:1', says: [] },
  { what: 'a list in place of the whole', yaml: '- 1', at: '1:1', says: ['a map of keys'] },
  { what: 'an unset variable', yaml: 'account:\n  currency: ${NOT_SET}', at: '2:13', says: ['NOT_SET', 'not set'] },
  { what: 'a malformed variable', yaml: 'account:\n  currency: "${1X}"', at: '2:13', says: ['${1X}'] },
  { what: 'a variable of the wrong type', yaml: 'http:\n  controlPort: ${P:-abc}', at: '2:16', says: ['"abc"'] },
];

describe('a mistake in qkt.config.yaml', () => {
  it.each(MISTAKES)('names line, column and what was meant: $what', async ({ yaml, at, says }) => {
    const error = await refusalOf(loadText(yaml));
    const { line, column, file } = error.extras.location!;
    expect(error.code).toBe('QKT_E_CONFIG');
    expect(`${line}:${column} ${error.message}`).toContain(`${at} `);
    for (const words of says) expect(error.message).toContain(words);
    expect(error.located.startsWith(`${file}:${at}: `)).toBe(true);
  });

  it('does not hide the others: all of them are told, in the order of the file', async () => {
    const error = await refusalOf(loadText('logging: { level: loud }\nhttp: { controlPort: -1, port: 2 }'));
    const problems = error.extras.members!['problems'] as { line: number; column: number }[];
    expect(problems.map(({ line, column }) => `${line}:${column}`)).toEqual(['1:19', '2:22', '2:26']);
  });

  it('is told once for a value that misses both its type and its bounds', async () => {
    const error = await refusalOf(loadText('logging: { level: 5 }'));
    expect(error.extras.members!['problems']).toHaveLength(1);
  });

  it('cannot be an alias that blows up', async () => {
    const levels = Array.from({ length: 12 }, (_, n) => `  k${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}*a${n}]`);
    const error = await refusalOf(loadText(`alerts:\n  k0: &a0 [x]\n${levels.join('\n')}`));
    expect(error.message).toContain('values');
  });
});

describe('mistakes of different kinds', () => {
  const told = async (yaml: string): Promise<readonly string[]> => {
    const { extras } = await refusalOf(loadText(yaml));
    const { problems } = extras.members as { readonly problems: readonly { line: number; detail: string }[] };
    return problems.map(({ line, detail }) => `${line}: ${detail}`);
  };

  it('show nothing that is secret in what was written', async () => {
    expect(
      await told(`venues:
  a: { type: mt5, gatewayUrl: "htp://joe:s3cret@h", apiKey: 12345 }
alerts:
  channels:
    am: { type: alertmanager, urls: ["https://joe:s3/cret@h", "joe:s3cret@h"] }
    phone: { type: telegram, chatId: 1, token: [12345] }
`),
    ).toEqual([
      '2: "gatewayUrl" must be an http or https URL, not "htp://***@h"',
      '2: "apiKey" must be text, not a number',
      '5: "alerts.channels.am.urls[0]" must be an http or https URL, not "https://***@h"',
      '5: "alerts.channels.am.urls[1]" must be an http or https URL, not "joe:***@h"',
      '6: "token" must be text from the environment, "${VARIABLE}", not a list',
    ]);
  });

  it('are told together: of shape, of names, of secrets, of variables', async () => {
    expect(
      await told(`alerts:
  rules:
    totl: { field: trades.totl, above: 1 }
    strategy_haltd: { for: 30s }
    both: { field: equity, above: 1, below: 2 }
    daemon_down: { limit: 3 }
  channels:
    hook: { type: webhok, url: "http://h/" }
    log: { type: slack, url: "https://hooks.example/T" }
    phone: { type: telegram, chatId: 1, token: "\${UNSET}" }
  routes: { P1: [hok, phone], P2: [hook] }
http: { controlPort: high }
defaultVenue: papr
`),
    ).toEqual([
      expect.stringMatching(/^3: no figure is named "trades.totl"/),
      expect.stringMatching(/^4: there is no alert rule "strategy_haltd"/),
      expect.stringMatching(/^5: "both" needs either/),
      '6: the rule "daemon_down" has no limit',
      expect.stringMatching(/^8: "type" must be one of webhook/),
      expect.stringMatching(/^9: "log" is the daemon's log/),
      expect.stringMatching(/^9: "url" is a secret/),
      expect.stringMatching(/^10: .*UNSET/),
      expect.stringMatching(/^11: no channel is named "hok"/),
      expect.stringMatching(/^12: "controlPort" must be/),
      expect.stringMatching(/^13: no venue is named "papr"/),
    ]);
  });

  it('name what stands in a list by its place, not by its number alone', async () => {
    expect(await told('risk:\n  halt:\n    - { rule: maxDrawdown, limit: 0.05 }\n')).toEqual([
      '3: "risk.halt[0]" needs a value for "basis"',
    ]);
    expect(await told('http: { allowedHosts: [a, 5] }\n')).toEqual([
      expect.stringMatching(/^1: "http\.allowedHosts\[1\]" must be/),
    ]);
  });

  it('bring no others with them: what a mistake takes away is not missed', async () => {
    expect(await told('defaultVenue: x\nvenues:\n  x: { type: papr }\n')).toEqual([
      expect.stringMatching(/^3: "type"/),
    ]);
    expect(await told('alerts:\n  rules:\n    mine: { field: 5, above: 1 }\n')).toEqual([
      expect.stringMatching(/^3: "field" must be/),
    ]);
  });
});
