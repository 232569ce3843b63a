import { describe, expect, it } from 'vitest';
import { DaemonClient } from '../../src/cli/client.ts';
import { topLines, type TopRow, type TopState } from '../../src/cli/top-screen.ts';
import { TopSession } from '../../src/cli/top-session.ts';
import { serveControl } from '../http/support.ts';
import { qkt } from './support.ts';

const row = (name: string, change: Partial<TopRow> = {}): TopRow => ({
  name,
  version: '1',
  state: 'trading',
  halted: false,
  port: '47000',
  uptimeMs: '61000',
  equity: '10000.5',
  unrealized: '0.5',
  realized: '0',
  trades: '3',
  restarts: '0',
  health: 'ok',
  ...change,
});
const state = (change: Partial<TopState>): TopState => ({
  rows: [],
  selected: undefined,
  lost: undefined,
  message: [],
  typed: undefined,
  ...change,
});
const SIZE = { columns: 120, rows: 24 };
const texts = (change: Partial<TopState>, size = SIZE): readonly string[] =>
  topLines(state(change), size).map(({ text }) => text);

describe('the screen of qkt top', () => {
  it('shows each strategy in a line, the selected one marked, and unknown figures as unknown', () => {
    const rows = [row('a'), row('b', { equity: null, halted: true, state: 'halted' })];
    const lines = texts({ rows, selected: 'b' });
    expect(lines[0]).toContain('2 strategies, 1 halted');
    expect(lines.find((line) => line.startsWith('> b'))).toMatch(/halted.*unknown/);
    expect(lines.at(-1)).toContain('q: leave');
  });

  it('never has more lines or columns than the terminal, and keeps the selected one in sight', () => {
    const rows = Array.from({ length: 100 }, (_, n) => row(`strategy-${n}`));
    const lines = texts({ rows, selected: 'strategy-77', message: ['one', 'two'] }, { columns: 40, rows: 12 });
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
    expect(lines.some((line) => line.startsWith('> strategy-77'))).toBe(true);
  });

  it('says that the daemon is lost, and lets no text move the cursor', () => {
    expect(texts({ lost: 'for 12s' })[0]).toContain('THE DAEMON IS LOST for 12s');
    expect(texts({ message: ['a\u001b[2Jb'] }).join('')).not.toContain('\u001b');
  });
});

describe('qkt top', () => {
  const open = async () => {
    const served = await serveControl();
    const session = new TopSession(new DaemonClient(served.stateDir), () => undefined);
    await session.look();
    const type = async (text: string): Promise<void> => {
      for (const character of text) await session.key(character, character);
      await session.key('return', '\r');
    };
    return { ...served, session, type, strategy: served.daemon.strategies.get('ema-cross')! };
  };

  it('halts the selected strategy after asking for a reason, with what is at stake', async () => {
    const { session, type, strategy } = await open();
    await session.key('h', 'h');
    expect(session.state.message.join('\n')).toMatch(/halts ema-cross[\s\S]*open position/);
    expect(strategy.halts).toEqual([]);
    await type('spread too wide, quit');
    expect(strategy.halts).toMatchObject([{ reason: 'spread too wide, quit', by: 'owner' }]);
    expect(session.state.message.join('\n')).toContain('ema-cross is halted');
  });

  it('stops it only for a word that says how, and Escape leaves it as it is', async () => {
    const { session, type, strategy } = await open();
    await session.key('s', 's');
    await type('yes');
    await session.key('s', 's');
    await session.key('escape', '\u001b');
    expect(strategy.stops).toEqual([]);
    await session.key('s', 's');
    await type('flatten');
    expect(strategy.stops).toMatchObject([{ flatten: true }]);
  });

  it('says when the daemon is gone', async () => {
    const { session, close } = await open();
    await close();
    await session.look();
    expect(session.state.lost).toMatch(/^for /);
    expect(session.state.rows).toHaveLength(1);
    expect(await session.key('q', 'q')).toBe(false);
  });

  it('says that it has no terminal, and prints the table once', async () => {
    const { stateDir } = await serveControl();
    const { code, stdout, stderr } = await qkt(['top', '--state-dir', stateDir]);
    expect([code, stderr]).toEqual([0, 'This is no terminal: the table once, as qkt list prints it.\n']);
    expect(stdout).toMatch(/NAME .*\nema-cross/);
  });
});

describe('qkt dashboard', () => {
  it('prints a link that opens one session, with the scope of who asks or to look only', async () => {
    const { stateDir, port } = await serveControl();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${stateDir}/control.port`, String(port));
    for (const [flags, scope] of [
      [[], 'admin'],
      [['--read-only'], 'read'],
    ] as const) {
      const { code, stdout } = await qkt(['dashboard', '--print', ...flags, '--state-dir', stateDir]);
      expect(code).toBe(0);
      const [, link, at] = /^http:\/\/127\.0\.0\.1:(\d+)\/#link=([0-9a-f]{64})\n$/.exec(stdout)!;
      expect(link).toBe(String(port));
      const enter = () =>
        fetch(`http://127.0.0.1:${port}/daemon/dashboard/sessions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${at}`, 'content-type': 'application/json' },
          body: '{}',
        });
      expect(await (await enter()).json()).toMatchObject({ scope });
      expect((await enter()).status).toBe(401);
    }
  });
});
