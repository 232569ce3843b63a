import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { effectiveValues } from '../../src/config/effective.ts';
import { loadConfig, type LoadOptions } from '../../src/config/load.ts';
import type { PaperVenueConfig } from '../../src/config/types.ts';
import { inTempDir, loadText, refusalOf } from './support.ts';

const example = await readFile(new URL('contract-example.yaml', import.meta.url), 'utf8');

describe('the example of the contract', () => {
  it('loads with everything in it', async () => {
    const { config } = await loadText(example);
    expect([...config.venues.keys()]).toEqual(['paper', 'history', 'exness']);
    expect(config.instruments.get('EURUSD')!.spread.toString()).toBe('0');
    expect(
      config.risk.halt.map(({ rule, limit, basis, onBreach }) => [rule, limit.toString(), basis, onBreach]),
    ).toEqual([
      ['maxDrawdown', '0.05', 'peak', 'hold'],
      ['maxDailyLoss', '300', undefined, 'hold'],
    ]);
    expect(config.risk.book[0]!.onBreach).toBe('flatten');
    expect(config.risk.strategies['ema-cross']!.halt![0]!.rule).toBe('maxLosingStreak');
    expect(config.http).toEqual({
      portPool: { from: 47_000, to: 47_100 },
      controlPort: 47_101,
      bind: '127.0.0.1',
      allowedHosts: [],
    });
  });

  it('is taken without a warning', async () => {
    expect((await loadText(example)).warnings).toEqual([]);
  });

  it('leaves out an API key that its variable does not set', async () => {
    const unset = await loadText(example);
    const set = await loadText(example, { env: { QKT_MT5_KEY: 's3cret' } });
    expect(unset.config.venues.get('exness')).not.toHaveProperty('apiKey');
    expect(set.config.venues.get('exness')).toHaveProperty('apiKey', 's3cret');
  });
});

describe('the effective configuration', () => {
  it('is the defaults where there is no file', async () => {
    await inTempDir(async (cwd) => {
      const { config, file, warnings, origins } = await loadConfig({ env: { HOME: cwd }, cwd });
      expect(file).toBeUndefined();
      expect(warnings).toEqual([]);
      expect(new Set(origins.values())).toEqual(new Set(['default']));
      expect(config.account.startingBalance.toString()).toBe('10000');
      expect([...config.instruments.keys()]).toEqual(['EURUSD', 'GBPUSD', 'USDJPY', 'XAUUSD', 'BTCUSD']);
      expect(config.venues.get('paper')).toMatchObject({ type: 'paper', feed: 'synthetic', seed: 1, speed: 1 });
    });
  });

  it('has default spreads that are whole ticks and not nothing', async () => {
    const { config } = await loadText('');
    for (const { spread, tickSize } of config.instruments.values()) {
      expect(spread.sign()).toBe(1);
      expect(spread.flooredTo(tickSize).equals(spread)).toBe(true);
    }
  });

  it('merges an instrument with its defaults by field', async () => {
    const { config, origins } = await loadText('instruments: { EURUSD: { spread: 0.0002 } }');
    const euro = config.instruments.get('EURUSD')!;
    expect([euro.spread.toString(), euro.tickSize.toString(), euro.session]).toEqual(['0.0002', '0.00001', 'fx']);
    expect(origins.get('/instruments/EURUSD/spread')).toBe('file');
    expect(origins.get('/instruments/EURUSD/tickSize')).toBe('default');
  });

  it('takes the currencies of a new pair from its symbol', async () => {
    const { config } = await loadText('instruments: { AUDNZD: { tickSize: 0.00001, volumeMin: 1, volumeStep: 1 } }');
    expect(config.instruments.get('AUDNZD')).toMatchObject({ base: 'AUD', quote: 'NZD', session: '24x7' });
  });

  it('lets nothing of a venue show through one of another type', async () => {
    const { config } = await loadText('venues: { paper: { type: mt5, gatewayUrl: "http://127.0.0.1:5001" } }');
    expect(config.venues.get('paper')).toEqual({
      type: 'mt5',
      name: 'paper',
      profile: undefined,
      gatewayUrl: 'http://127.0.0.1:5001',
      suffix: '',
      aliases: {},
      magic: 10_000,
      clock: 'utc',
      pollMs: 1000,
      deviation: 20,
      expect: {},
      reconcile: { position: 'halt', protectionMissing: 'halt', protectionMoved: 'adopt', foreign: 'ignore' },
      maintenance: [],
    });
  });

  it('puts flags above the file, and says so', async () => {
    const { config, origins } = await loadText('http: { controlPort: 1234, bind: "::1" }', {
      flags: { http: { controlPort: 0 } },
    });
    expect([config.http.controlPort, config.http.bind]).toEqual([0, '::1']);
    expect([origins.get('/http/controlPort'), origins.get('/http/bind')]).toEqual(['flag', 'file']);
  });

  it('finds a replay file beside the configuration that names it', async () => {
    const { config, file } = await loadText(
      'venues: { h: { type: paper, feed: replay, file: data/t.csv, speed: max } }',
    );
    const venue = config.venues.get('h') as PaperVenueConfig;
    expect(venue.file).toBe(file!.replace('qkt.config.yaml', 'data/t.csv'));
    expect(venue.speed).toBe('max');
  });

  it('reads a section whose keys are all commented out as empty', async () => {
    const { config } = await loadText('http:\n  # controlPort: 1\nlogging:\n');
    expect(config.http.controlPort).toBe(47_101);
  });

  it('reads durations and overrides of a strategy', async () => {
    const { config } = await loadText(
      'strategies: { ema-cross: { params: { fast: 5, name: x, on: true }, expectTradesEvery: 8h, highSlippage: 0.0002 } }',
    );
    const overrides = config.strategies.get('ema-cross')!;
    expect(overrides.params).toEqual({ fast: 5, name: 'x', on: true });
    expect([overrides.expectTradesEveryMs, overrides.highSlippage!.toString()]).toEqual([28_800_000, '0.0002']);
  });

  it('never shows a secret in its list of values', async () => {
    const loaded = await loadText(example, { env: { QKT_MT5_KEY: 's3cret' } });
    const values = effectiveValues(loaded);
    expect(values.find(({ key }) => key === 'venues.exness.apiKey')).toMatchObject({
      value: '***',
      origin: 'environment',
    });
    expect(JSON.stringify(values)).not.toContain('s3cret');
  });

  it('shows addresses without a name and password that are in them', async () => {
    const values = effectiveValues(
      await loadText(
        `
venues:
  broker: { type: mt5, profile: exness, gatewayUrl: "http://joe:s3cret@10.0.0.5:5001/mt5" }
  plain: { type: mt5, profile: exness, magic: 8, gatewayUrl: "http://10.0.0.6:5001/@x" }
alerts:
  channels:
    am: { type: alertmanager, urls: ["https://s3cret@am.example", "http://127.0.0.1:9093"] }
    phone: { type: telegram, token: "\${TOKEN}", chatId: 1, apiUrl: "https://joe:s%403cret@tg.example" }
    mail: { type: email, host: h, from: qkt@example.org, to: [joe@example.org] }
`,
        { env: { TOKEN: 't0ken' } },
      ),
    );
    const of = (name: string) => values.find(({ key }) => key === name)?.value;
    expect(of('venues.broker.gatewayUrl')).toBe('http://***@10.0.0.5:5001/mt5');
    expect(of('venues.plain.gatewayUrl')).toBe('http://10.0.0.6:5001/@x');
    expect(of('alerts.channels.am.urls')).toEqual(['https://***@am.example/', 'http://127.0.0.1:9093']);
    expect(of('alerts.channels.phone.apiUrl')).toBe('https://***@tg.example/');
    expect(of('alerts.channels.mail.from')).toBe('qkt@example.org');
    expect(JSON.stringify(values)).not.toMatch(/s3cret|3cret|joe:/);
  });
});

describe('a decimal', () => {
  it.each([
    ['0.1', '0.1'],
    ['10000.10', '10000.1'],
    ['"10000.01"', '10000.01'],
    ['123456789012345678.123456789', '123456789012345678.123456789'],
    ['1e-7', '0.0000001'],
    ['0x10', '16'],
  ])('written %s is %s to the last digit', async (written, exact) => {
    const { config } = await loadText(`account: { startingBalance: ${written} }`);
    expect(config.account.startingBalance.toString()).toBe(exact);
  });
});

describe('variables', () => {
  it('fill scalars of any type, quoted or not', async () => {
    const env = { PORT: '4000', LEVEL: 'debug', REAL: 'true', BALANCE: '0.30' };
    const { config, origins } = await loadText(
      'http: { controlPort: "${PORT}" }\nlogging:\n  level: ${LEVEL}\naccount:\n  startingBalance: ${BALANCE}\n' +
        'risk: { halt: [{ rule: maxDailyLoss, limit: 1, realizedOnly: "${REAL}" }] }',
      { env },
    );
    expect([config.http.controlPort, config.logging.level]).toEqual([4000, 'debug']);
    expect(config.account.startingBalance.toString()).toBe('0.3');
    expect(config.risk.halt[0]!.realizedOnly).toBe(true);
    expect(origins.get('/http/controlPort')).toBe('environment');
  });

  it('stay text where text is wanted', async () => {
    const { config } = await loadText('venues: { m: { type: mt5, gatewayUrl: "http://${H}:1", apiKey: "${K}" } }', {
      env: { H: 'gw', K: '12345' },
    });
    expect(config.venues.get('m')).toMatchObject({ gatewayUrl: 'http://gw:1', apiKey: '12345' });
  });

  it('have defaults, for an empty value too, and an escape', async () => {
    const { effective, origins } = await loadText(
      'strategies: { s: { params: { a: "${A:-x y}", b: "${B:-}", c: "$${C}" } } }',
      { env: { A: '' } },
    );
    expect(effective.strategies!['s']!.params).toEqual({ a: 'x y', b: '', c: '${C}' });
    expect(origins.get('/strategies/s/params/a')).toBe('file');
  });
});

const write = async (file: string, port: number): Promise<void> => writeFile(file, `http: { controlPort: ${port} }`);

const portOf = async (options: LoadOptions): Promise<number> => (await loadConfig(options)).config.http.controlPort;

describe('the file', () => {
  it('is looked for in --config, QKT_CONFIG, the working directory, XDG_CONFIG_HOME and ~/.config, in this order', async () => {
    await inTempDir(async (root) => {
      const [named, cwd, xdg, home] = ['named', 'cwd', 'xdg', 'home'].map((name) => join(root, name)) as [
        string,
        string,
        string,
        string,
      ];
      for (const directory of [named, cwd, join(xdg, 'qkt'), join(home, '.config', 'qkt')])
        await mkdir(directory, { recursive: true });
      const places = [
        join(named, 'a.yaml'),
        join(named, 'b.yaml'),
        join(cwd, 'qkt.config.yaml'),
        join(xdg, 'qkt/qkt.config.yaml'),
        join(home, '.config/qkt/qkt.config.yaml'),
      ];
      for (const [index, place] of places.entries()) await write(place, index + 1);
      const env = { QKT_CONFIG: places[1], XDG_CONFIG_HOME: xdg, HOME: home };
      expect(await portOf({ file: places[0]!, env, cwd })).toBe(1);
      expect(await portOf({ env, cwd })).toBe(2);
      expect(await portOf({ env: { ...env, QKT_CONFIG: '' }, cwd })).toBe(3);
      expect(await portOf({ env: { XDG_CONFIG_HOME: xdg, HOME: home }, cwd: named })).toBe(4);
      expect(await portOf({ env: { HOME: home }, cwd: named })).toBe(5);
    });
  });

  it('is refused when it is named and missing, or is a directory', async () => {
    await inTempDir(async (cwd) => {
      expect((await refusalOf(loadConfig({ file: 'none.yaml', env: {}, cwd }))).code).toBe('QKT_E_CONFIG_FILE');
      expect((await refusalOf(loadConfig({ env: { QKT_CONFIG: cwd }, cwd }))).code).toBe('QKT_E_CONFIG_FILE');
    });
  });
});
