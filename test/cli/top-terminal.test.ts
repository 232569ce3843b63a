/** `qkt top` on a real pseudo-terminal, keys and signals included. */
import { describe, expect, it } from 'vitest';
import { ScriptedStrategy } from '../doubles/strategy-port.ts';
import { serveControl } from '../http/support.ts';
import { HAS_TERMINALS, Terminal, type Size } from './terminal.ts';

const USUAL = { columns: 80, rows: 24 };
const NARROW = { columns: 40, rows: 10 };

describe.skipIf(!HAS_TERMINALS)('qkt top at a terminal (skipped where there is no `script`)', () => {
  const open = async (size: Size) => {
    const { daemon, stateDir, close } = await serveControl();
    daemon.strategies.set('zebra', new ScriptedStrategy('zebra'));
    const terminal = await Terminal.open(['top', '--state-dir', stateDir], size);
    await terminal.sees(/> ema-cross/);
    const ema = daemon.strategies.get('ema-cross')!;
    return { terminal, daemon, ema, close };
  };
  const halted = (strategy: ScriptedStrategy): void => {
    const { riskState } = strategy.statusView;
    strategy.statusView = { ...strategy.statusView, state: 'halted', riskState: { ...riskState, halted: true } };
  };
  /** Nothing of it is left: neither the other screen, nor the hidden cursor, nor how it takes keys. */
  const isLeft = ({ screen }: Terminal): boolean =>
    !screen.isOther && screen.hasCursor && screen.lines.includes('settings as before');

  it('draws the fleet on a screen of its own, draws it again as it changes, and leaves the terminal as it was at q', async () => {
    const { terminal, ema } = await open(USUAL);
    const { screen } = terminal;
    expect([screen.isOther, screen.hasCursor]).toEqual([true, false]);
    expect(screen.lines[0]).toBe('qkt top   2 strategies, 0 halted');
    expect(screen.lines[1]).toMatch(/^ {2}NAME +STATE +HALTED +HEALTH +EQUITY +UNREALIZED/);
    expect(screen.lines[2]).toMatch(/^> ema-cross +trading +- .* 9997\.6 +-2\.4/);
    expect(screen.lines.at(-1)).toContain('q: leave');
    halted(ema);
    await terminal.sees(/2 strategies, 1 halted\n.*\n> ema-cross +halted +halted/);
    expect(screen.lines.filter((line) => line.includes('ema-cross'))).toHaveLength(1);
    terminal.type('q');
    expect(await terminal.ended).toBe(0);
    expect(isLeft(terminal)).toBe(true);
    expect(screen.lines.join('\n')).not.toContain('ema-cross');
    expect(screen.overflows).toBe(0);
  });

  it('selects with arrows, and halts with a typed reason what is selected', async () => {
    const { terminal, daemon } = await open(USUAL);
    terminal.type('\u001b[B');
    await terminal.sees(/\n> zebra/);
    terminal.type('h');
    await terminal.sees(/This halts zebra[\s\S]*1 open position[\s\S]*\n>$/);
    terminal.type('quiet, please\u007f\u007f');
    await terminal.sees(/\n> quiet, plea$/);
    terminal.type('\r');
    await terminal.sees(/zebra is halted/);
    expect(daemon.strategies.get('zebra')!.halts).toMatchObject([{ reason: 'quiet, plea', by: 'owner' }]);
    expect(daemon.strategies.get('ema-cross')!.halts).toEqual([]);
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(0);
    expect(isLeft(terminal)).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves the terminal as it was on %s', async (signal) => {
    const { terminal } = await open(USUAL);
    terminal.signal(signal);
    expect(await terminal.ended).toBe(0);
    expect(isLeft(terminal)).toBe(true);
  });

  it('fits a narrow terminal, and follows its size: columns are left out whole, questions are wrapped', async () => {
    const { terminal } = await open(NARROW);
    const { screen } = terminal;
    expect(screen.lines[1]).toBe('  NAME       STATE    HALTED  HEALTH');
    terminal.type('s');
    await terminal.sees(/Escape\s+leaves\s+it\s+as\s+it\s+is\.\n>$/);
    expect(screen.lines.length).toBeLessThanOrEqual(NARROW.rows);
    terminal.type('\u001b');
    await terminal.sees(/Nothing was done/);
    terminal.resize(USUAL);
    await terminal.sees(/EQUITY +UNREALIZED/);
    terminal.resize(NARROW);
    await terminal.sees(/HEALTH\n/);
    screen.columns = NARROW.columns;
    terminal.type('s');
    await terminal.sees(/Escape\s+leaves\s+it\s+as\s+it\s+is\.\n>$/);
    expect(screen.overflows).toBe(0);
    terminal.type('\u001b');
    await terminal.sees(/Nothing was done/);
    terminal.type('q');
    expect(await terminal.ended).toBe(0);
  });

  it('says that the daemon is lost, and takes keys all the same', async () => {
    const { terminal, close } = await open(USUAL);
    await close();
    await terminal.sees(/THE DAEMON IS LOST for/);
    terminal.type('q');
    expect(await terminal.ended).toBe(0);
    expect(isLeft(terminal)).toBe(true);
  });
});
