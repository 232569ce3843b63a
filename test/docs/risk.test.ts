import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { haltRule } from '../../src/risk/halt-rule.ts';
import { formulaOf } from '../../src/risk/halt-rules.ts';
import { STAGES, type Stage } from '../../src/risk/stages.ts';

const text = await readFile(new URL('../../docs/risk.md', import.meta.url), 'utf8');

/** The cells of the table under a heading, without the backticks. */
function rows(heading: string): readonly (readonly string[])[] {
  const section = text.split('\n## ').find((part) => part.startsWith(heading))!;
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/ ?\| /)
        .map((cell) => cell.replaceAll('`', '').trim()),
    )
    .slice(1);
}

describe('docs/risk.md', () => {
  it('has the stages of the gate as they are, in their order', () => {
    const documented = rows('The gate').map(([n, code, , cap, reducing]) => [Number(n), code, cap, reducing]);
    const stages = STAGES.map(({ code, cap, sparesReducing }: Stage, index) => [
      index + 1,
      code,
      cap ?? '',
      sparesReducing ? 'pass' : 'are asked too',
    ]);
    expect(documented).toEqual(stages);
  });

  it('has each halt rule with its formula', () => {
    const limit = dec('0.5');
    const documented = rows('Halt rules').map(([rule, basis, formula]) => [rule, basis, formula]);
    const rules = documented.map(([rule, basis]) => {
      const settings = basis === 'realized' ? { realizedOnly: true } : { basis: basis! };
      return [rule, basis, formulaOf(haltRule({ rule: rule!, limit, ...settings }, 'strategy'))];
    });
    expect(documented).toEqual(rules);
    expect(new Set(documented.map(([rule]) => rule)).size).toBe(6);
  });
});
