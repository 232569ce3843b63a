import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DAEMON_FAMILIES, STRATEGY_FAMILIES } from '../../src/observe/metric-families.ts';
import { SERIES_CAP, type Family } from '../../src/observe/metrics-text.ts';

const text = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

/** The rows of the table under a heading, as they should be. */
const rows = (families: Readonly<Record<string, Family>>, common: string): readonly string[] =>
  Object.values(families).map(({ name, type, labels, help }) => {
    const further = labels.filter((label) => label !== common).map((label) => `\`${label}\``);
    return `| \`${name}\` | ${type} | ${further.join(', ')} | ${help.replace(/\.$/, '')} |`;
  });

const documented = (heading: string): readonly string[] =>
  text
    .split('\n## ')
    .find((part) => part.startsWith(heading))!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replaceAll(/ {2,}/g, ' ').replaceAll('| |', '|  |'));

describe('docs/metrics.md', () => {
  it('has every family with its type, labels and meaning, and no other', () => {
    expect(documented('Of a strategy')).toEqual(rows(STRATEGY_FAMILIES, 'strategy'));
    expect(documented('Of the daemon')).toEqual(rows(DAEMON_FAMILIES, ''));
  });

  it('states the cap of a family', () => {
    expect(text).toContain(SERIES_CAP.toLocaleString('en').replace(',', ' '));
  });
});

describe('a family', () => {
  it.each(Object.values({ ...STRATEGY_FAMILIES, ...DAEMON_FAMILIES }))('$name is named as its type asks', (family) => {
    const { name, type, help } = family;
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).toMatch(/\.$/);
  });
});
