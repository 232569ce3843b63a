/** What tables show: alerts, and long words on a terminal of 80 columns. */
import { describe, expect, it } from 'vitest';
import { qkt, scripted } from './support.ts';
import { HAS_TERMINALS, Terminal } from './terminal.ts';

const WORDS = 'a long reason that somebody on the night shift has typed, because the spread of gold was very wide';
const TS = '2026-11-23T00:33:49.776Z';

const ACT = { n: 114, ts: TS, by: 'dashboard-f486b3', command: 'restart', target: 'breakout-bracket' };
const CHANGE = { ts: TS, severity: 'P1', key: 'strategy_halted:breakout-bracket', from: 'resolved', to: 'firing' };
const CHANNEL = { name: 'operations-telegram', type: 'telegram', state: 'working', delivered: 1234, failed: 12 };
const RULE = { rule: 'maxConsecutiveLosses', limit: 300, onBreach: 'flatten', autoResume: 'nextDay' };

const ALERT = {
  id: 'strategy_halted',
  severity: 'P1',
  state: 'resolved',
  target: 'breakout-bracket',
  since: '2026-01-05T10:00:00.000Z',
  resolvedAt: '2026-01-05T10:02:03.000Z',
  measured: true,
  limit: null,
  acknowledged: null,
  silencedBy: null,
  inhibitedBy: null,
};

describe('qkt alerts', () => {
  it('says of one that is over when it ended and how long it lasted, not how long ago it began', async () => {
    const firing = { ...ALERT, state: 'firing', resolvedAt: null, key: 'k', summary: 's', command: 'c', runbook: 'r' };
    const inhibited = { ...firing, inhibitedBy: 'daemon_unhealthy:daemon' };
    const now = Date.now();
    const ended = { ...ALERT, resolvedAt: new Date(now - 90_500).toISOString() };
    const rows = [firing, inhibited, { ...ended, since: new Date(now - 213_500).toISOString() }];
    const stateDir = await scripted((_request, response) => void response.end(JSON.stringify(rows)));
    const { stdout } = await qkt(['alerts', '--state-dir', stateDir]);
    const cells = stdout.split('\n').map((line) => line.trim().split(/\s{2,}/));
    expect(cells[0]).toEqual(['SEVERITY', 'STATE', 'ALERT', 'TARGET', 'SINCE', 'LASTED', 'MEASURED', 'LIMIT']);
    expect(cells[1]!.slice(1, 6)).toEqual(['firing', ALERT.id, ALERT.target, expect.stringMatching(/^\d.* ago$/), '-']);
    expect(cells[2]![1]).toBe('inhibited');
    expect(cells[3]!.slice(4, 6)).toEqual([expect.stringMatching(/^ended 1m 3\ds ago$/), '2m 03s']);
  });
});

describe.skipIf(!HAS_TERMINALS)('on 80 columns (skipped where there is no `script`)', () => {
  it.each([
    ['journal', [{ ...ACT, outcome: 'QKT_E_STOP_UNVERIFIED', reason: WORDS }], ['QKT_E_', 'bracket', 'typed,']],
    ['alerts history', [{ ...CHANGE, summary: WORDS }], ['halted:', 'bracket', 'firing', 'typed,']],
    ['alerts channels', [], ['CHANNEL', 'LAST ERROR']],
    [
      'alerts channels',
      [{ ...CHANNEL, dropped: 0, lastProven: TS, lastError: `connect ECONNREFUSED: ${WORDS}` }],
      ['telegram', 'typed,'],
    ],
    [
      'risk ema-cross',
      {
        strategy: 'ema-cross',
        gate: [{ code: 'COOLDOWN', sparesReducing: true, cap: 'cooldown', value: { losses: 3, forMs: 900_000 } }],
        halt: [{ ...RULE, formula: 'losing round trips in a row that were closed since the start of the day ≥ limit' }],
      },
      ['maxConsecutiveLosses', 'flatten', 'the next'],
    ],
  ])('qkt %s fits, and nothing of its words is lost', async (verb, view, parts) => {
    const stateDir = await scripted((_request, response) => void response.end(JSON.stringify(view)));
    const { screen, ended } = await Terminal.open([...verb.split(' '), '--state-dir', stateDir], {
      columns: 80,
      rows: 60,
    });
    expect(await ended).toBe(0);
    const drawn = screen.lines.filter((line) => /^[┌│├└]/.test(line));
    for (const line of drawn) expect(line.length).toBeLessThanOrEqual(80);
    const text = screen.lines.join('\n');
    for (const part of parts) expect(text).toContain(part);
    expect(text).not.toContain('…');
  });
});
