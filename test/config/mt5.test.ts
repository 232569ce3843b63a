import { describe, expect, it } from 'vitest';
import { effectiveValues } from '../../src/config/effective.ts';
import type { Mt5VenueConfig } from '../../src/config/mt5-venue.ts';
import { brokerSymbol, ourSymbol, PROFILES } from '../../src/venues/mt5-profiles.ts';
import { loadText, refusalOf } from './support.ts';

async function venue(yaml: string, env: NodeJS.ProcessEnv = {}, name = 'exness'): Promise<Mt5VenueConfig> {
  const { config } = await loadText(`venues: { ${name}: { type: mt5${yaml} } }`, { env });
  return config.venues.get(name) as Mt5VenueConfig;
}

describe('an MT5 venue', () => {
  it.each(['exness', 'icmarkets', 'ftmo', 'pepperstone'] as const)('called %s stands on its profile', async (name) => {
    const { suffix, aliases, magic, clock, port } = PROFILES[name];
    expect(await venue('', {}, name)).toMatchObject({
      profile: name,
      suffix,
      aliases,
      magic,
      clock,
      gatewayUrl: `http://127.0.0.1:${port}`,
      pollMs: 1000,
      deviation: 20,
      expect: {},
      reconcile: { position: 'halt', protectionMissing: 'halt', protectionMoved: 'adopt', foreign: 'ignore' },
      maintenance: [],
    });
  });

  it('of another name stands on the profile that it names', async () => {
    expect(await venue(', profile: ftmo, magic: 7', {}, 'prop-1')).toMatchObject({
      profile: 'ftmo',
      magic: 7,
      clock: 'newYorkClose',
      gatewayUrl: 'http://127.0.0.1:5003',
    });
  });

  it('says what differs, and keeps the rest of its profile', async () => {
    const yaml =
      ', suffix: "", aliases: { GER40: DE40, NAS100: NAS }, clock: 5.5, pollMs: 500, deviation: 0, apiKey: ""' +
      ', reconcile: { foreign: halt }, expect: { login: 7, server: S, tradeMode: demo, currency: USD, leverage: 30 }' +
      ', maintenance: [{ zone: Europe/Athens, from: "Sat 22:00", to: "Sun 01:00" }, { zone: UTC, from: "23:55", to: "23:59" }]';
    const config = await venue(yaml);
    expect(config).toMatchObject({
      suffix: '',
      aliases: { NAS100: 'NAS', GER40: 'DE40', UKOIL: 'XBRUSD' },
      clock: { hours: 5.5 },
      pollMs: 500,
      deviation: 0,
      reconcile: { position: 'halt', foreign: 'halt' },
      expect: { login: 7, server: 'S', tradeMode: 'demo', currency: 'USD', leverage: 30 },
      maintenance: [
        { zone: 'Europe/Athens', from: 'Sat 22:00', to: 'Sun 01:00' },
        { zone: 'UTC', from: '23:55', to: '23:59' },
      ],
    });
    expect(config).not.toHaveProperty('apiKey');
  });

  it('shows where each value is from', async () => {
    const loaded = await loadText('venues: { exness: { type: mt5, magic: 7, reconcile: { foreign: adopt } } }', {
      env: { QKT_BROKER_EXNESS_GATEWAY_URL: 'http://10.0.0.5:5001', QKT_BROKER_EXNESS_API_KEY: 's3cret' },
    });
    const shown = new Map(effectiveValues(loaded).map(({ key, value, origin }) => [key, [value, origin]]));
    const of = (key: string) => shown.get(`venues.exness.${key}`);
    expect(of('magic')).toEqual([7, 'file']);
    expect(of('profile')).toEqual(['exness', 'default']);
    expect(of('aliases.NAS100')).toEqual(['USTEC', 'default']);
    expect(of('reconcile.foreign')).toEqual(['adopt', 'file']);
    expect(of('reconcile.position')).toEqual(['halt', 'default']);
    expect(of('gatewayUrl')).toEqual(['http://10.0.0.5:5001', 'environment']);
    expect(of('apiKey')).toEqual(['***', 'environment']);
  });
});

describe('variables of a broker', () => {
  it('stand above the file, for every single value', async () => {
    const config = await venue(', magic: 1, expect: { login: 1, currency: USD }', {
      QKT_BROKER_EXNESS_PROFILE: 'icmarkets',
      QKT_BROKER_EXNESS_GATEWAYURL: 'http://gw:1',
      QKT_BROKER_EXNESS_MAGIC: '77',
      QKT_BROKER_EXNESS_POLL_MS: '250',
      QKT_BROKER_EXNESS_CLOCK: '3',
      QKT_BROKER_EXNESS_EXPECT_LOGIN: '4410021',
      QKT_BROKER_EXNESS_EXPECT_TRADE_MODE: 'demo',
      QKT_BROKER_EXNESS_RECONCILE_PROTECTION_MISSING: 'ignore',
      QKT_BROKER_EXNESS_API_KEY: '12345',
      QKT_BROKER_EXNESS_DEVIATION: '',
    });
    expect(config).toMatchObject({
      profile: 'icmarkets',
      suffix: '.raw',
      gatewayUrl: 'http://gw:1',
      magic: 77,
      pollMs: 250,
      clock: { hours: 3 },
      expect: { login: 4_410_021, tradeMode: 'demo', currency: 'USD' },
      reconcile: { protectionMissing: 'ignore' },
      apiKey: '12345',
      deviation: 20,
    });
  });

  it('name a venue whatever its signs', async () => {
    expect(await venue('', { QKT_BROKER_PROP_1_MAGIC: '5' }, 'prop-1')).toMatchObject({ magic: 5 });
  });

  it('name a venue that is called like a member of every object', async () => {
    const env = { QKT_BROKER_CONSTRUCTOR_MAGIC: '5', QKT_BROKER_CONSTRUCTOR_EXPECT_LOGIN: '7' };
    expect(await venue('', env, 'constructor')).toMatchObject({ magic: 5, expect: { login: 7 } });
    expect(Object.keys(Object)).toEqual([]);
  });

  it('mean the venue with the longer name', async () => {
    const { config } = await loadText(
      'venues: { ic: { type: mt5 }, ic-two: { type: mt5, magic: 1, gatewayUrl: "http://127.0.0.1:5002" } }',
      {
        env: { QKT_BROKER_IC_TWO_MAGIC: '5' },
      },
    );
    expect([...config.venues.values()]).toMatchObject([{ name: 'paper' }, { magic: 10_000 }, { magic: 5 }]);
  });

  it.each([
    ['QKT_BROKER_EXNESS_MAGIC', 'lots', ['"magic" must be a whole number from 1', '"lots"']],
    ['QKT_BROKER_EXNESS_GATEWAY_URL', 'ftp://x', ['"gatewayUrl"', 'http or https']],
    ['QKT_BROKER_EXNESS_RECONCILE_FOREIGN', 'adapt', ['adopt, ignore, halt', '"adopt"']],
    ['QKT_BROKER_EXNESS_GATEWAY_URI', 'http://x', ['no such field', '"GATEWAY_URL"']],
    ['QKT_BROKER_EXNESS_TYPE', 'paper', ['no such field']],
  ])('are refused by their name when they do not fit: %s=%s', async (variable, value, says) => {
    const error = await refusalOf(venue('', { [variable]: value }));
    expect(error.code).toBe('QKT_E_CONFIG');
    expect(error.located.startsWith(`${variable}: `)).toBe(true);
    for (const words of says) expect(error.message).toContain(words);
  });

  it('are all told of at once, each by its own name', async () => {
    const env = { QKT_BROKER_EXNESS_MAGIC: 'x', QKT_BROKER_EXNESS_POLLMS: '250', QKT_BROKER_EXNESS_CLOCK: 'noon' };
    const { extras } = await refusalOf(venue('', env));
    const details = (extras.members!['problems'] as readonly { detail: string }[]).map(({ detail }) => detail);
    expect(details.map((detail) => detail.split(':')[0])).toEqual([
      'QKT_BROKER_EXNESS_MAGIC',
      'QKT_BROKER_EXNESS_CLOCK',
    ]);
  });

  it('of a venue that there is not, or that is no MT5 one, are warned of', async () => {
    const { warnings } = await loadText('', {
      env: { QKT_BROKER_EXNESS_MAGIC: '1', QKT_BROKER_PAPER_MAGIC: '2', QKT_BROKERS: '3' },
    });
    expect(warnings).toEqual([
      'QKT_BROKER_EXNESS_MAGIC: no MT5 venue has that name',
      'QKT_BROKER_PAPER_MAGIC: no MT5 venue has that name',
    ]);
  });
});

describe("a broker's names of symbols", () => {
  it.each([
    ['exness', 'XAUUSD', 'XAUUSDm'],
    ['exness', 'NAS100', 'USTECm'],
    ['exness', 'US500', 'US500m'],
    ['exness', 'UKOIL', 'XBRUSDm'],
    ['icmarkets', 'EURUSD', 'EURUSD.raw'],
    ['ftmo', 'EURUSD', 'EURUSD'],
    ['pepperstone', 'EURUSD', 'EURUSD.cmd'],
  ] as const)('of %s: %s is %s, both ways', (profile, ours, theirs) => {
    expect(brokerSymbol(PROFILES[profile], ours)).toBe(theirs);
    expect(ourSymbol(PROFILES[profile], theirs)).toBe(ours);
  });

  it.each([
    ['exness', 'XAUUSD'],
    ['exness', 'm'],
    // Ours of that name is called otherwise there.
    ['exness', 'NAS100m'],
    ['icmarkets', 'EURUSDm'],
  ] as const)('of %s: %s is none of ours', (profile, name) => {
    expect(ourSymbol(PROFILES[profile], name)).toBeUndefined();
  });

  it('are found by a word that objects have as well', () => {
    expect(brokerSymbol({ suffix: '', aliases: {} }, 'constructor')).toBe('constructor');
  });
});
