import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { STRATEGY_STATES } from '../../src/domain/strategy-states.ts';
import { ALLOWED, DEFAULT_SETTINGS } from '../../src/actors/strategy-events.ts';
import { strategyMachine } from '../../src/actors/strategy.ts';
import { durationText } from '../../src/observe/diagrams/machine-chart.ts';
import { allNodes } from './transition-coverage.ts';

const text = await readFile(new URL('../../docs/lifecycle.md', import.meta.url), 'utf8');

/** The rows of the table under a heading, as cells without Markdown. */
function table(heading: string): string[][] {
  const section = text.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll(/[`*]/g, '').trim()),
  );
}

const leaves = allNodes(strategyMachine.root).filter((node) => node.type === 'atomic');

const stateRow = (state: string): string =>
  table('States')
    .find(([name]) => name === state)!
    .join(' | ');

describe('docs/lifecycle.md', () => {
  it('names exactly the states of the machine, which are those that a person sees', () => {
    const names = leaves.map((node) => node.key).toSorted();
    expect(
      table('States')
        .map(([name]) => name!)
        .toSorted(),
    ).toEqual(names);
    expect([...STRATEGY_STATES].toSorted()).toEqual(names);
  });

  it('says where the gate is open as the machine does', () => {
    for (const [name, , gate] of table('States')) {
      const node = leaves.find((one) => one.key === name)!;
      expect(gate).toBe(node.tags.includes('gateOpen') ? 'open' : 'closed');
    }
  });

  it('gives the deadlines that the machine has', () => {
    expect(stateRow('starting')).toContain(durationText(DEFAULT_SETTINGS.launchTimeoutMs));
    expect(stateRow('recovering')).toContain(durationText(DEFAULT_SETTINGS.recoverTimeoutMs));
    expect(stateRow('halting')).toContain(durationText(DEFAULT_SETTINGS.haltTimeoutMs));
    expect(stateRow('unresponsive')).toContain(durationText(DEFAULT_SETTINGS.hangGraceMs));
    expect(text).toContain(`Up to ${DEFAULT_SETTINGS.restartBudget} are answered by a restart`);
    expect(text).toContain(`counted for ${DEFAULT_SETTINGS.restartWindowMs / 60_000} minutes`);
  });

  it('lists the commands that each state accepts', () => {
    const rows = new Map(table('What a person may do').map(([state, commands]) => [state!, commands!]));
    for (const [state, allowed] of Object.entries(ALLOWED)) {
      const told = (rows.get(state) ?? rows.get('every other')!).replace(' (when flat)', '').split(', ');
      expect({ state, commands: told.toSorted() }).toEqual({ state, commands: [...allowed].toSorted() });
    }
  });
});
