import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/errors.ts';

const text = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const documented = text
  .split('\n')
  .filter((line) => line.startsWith('| `QKT_E_'))
  .map((line) => line.slice(2, -2).replaceAll('&lt;', '<').split(' | '));

describe('docs/errors.md', () => {
  it('has every row of the catalogue as it is, and no other', () => {
    const catalogue = Object.entries(CATALOGUE).map(([code, { status, exit, title, hint }]) => [
      `\`${code}\``,
      String(status),
      String(exit),
      title,
      hint,
    ]);
    expect(documented).toEqual(catalogue);
  });
});
