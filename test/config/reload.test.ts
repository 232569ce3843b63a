import { describe, expect, it } from 'vitest';
import { loadConfig, type Loaded } from '../../src/config/load.ts';
import { changesOf, liveConfig } from '../../src/config/reload.ts';
import type { RawConfig } from '../../src/config/schema.ts';

const under = (flags: RawConfig): Promise<Loaded> => loadConfig({ env: { HOME: '/nonexistent' }, cwd: '/', flags });

describe('a configuration that is read again', () => {
  it('without a change comes to nothing', async () => {
    const changes = changesOf(await under({}), await under({}));
    expect(changes).toEqual({ applied: [], atNextDeploy: [], needsRestart: [] });
  });

  it('names every changed key by when it comes into force', async () => {
    const before = await under({ logging: { level: 'info' }, risk: { gate: { maxTradesPerDay: 5 } } });
    const after = await under({
      logging: { level: 'debug' },
      risk: { halt: [{ rule: 'maxDailyLoss', limit: 100 }], dayRollover: '17:00 America/New_York' },
      strategies: { ema: { params: { fast: 3 }, expectTradesEvery: '8h', highSlippage: 0.1 } },
      http: { controlPort: 5 },
    });
    expect(changesOf(before, after)).toEqual({
      applied: [
        'risk.gate.maxTradesPerDay',
        'risk.halt',
        'logging.level',
        'strategies.ema.expectTradesEvery',
        'strategies.ema.highSlippage',
      ],
      atNextDeploy: ['strategies.ema.params.fast'],
      needsRestart: ['risk.dayRollover', 'http.controlPort'],
    });
  });

  it('never takes what needs a restart', async () => {
    const before = await under({});
    const after = await under({
      account: { startingBalance: 5 },
      risk: { dayRollover: '17:00 America/New_York', gate: { maxTradesPerDay: 1 } },
      logging: { level: 'warn', totalMB: 9 },
    });
    const live = liveConfig(before.config, after.config);
    expect(live).toMatchObject({
      account: before.config.account,
      risk: { dayRollover: '00:00 UTC', gate: { maxTradesPerDay: 1 } },
      logging: { level: 'warn', totalMB: 9 },
    });
  });

  it('tells of a changed secret by its key and never by its value', async () => {
    const venue = (apiKey: string): RawConfig => ({
      venues: { live: { type: 'mt5', gatewayUrl: 'http://127.0.0.1:5001', apiKey } },
    });
    const changes = changesOf(await under(venue('one')), await under(venue('two')));
    expect(changes.needsRestart).toEqual(['venues.live.apiKey']);
  });
});
