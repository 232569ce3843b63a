import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';

const text = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');

/** `qkt daemon start`, `qkt journal [name]` … of all that does something by itself. */
function usages(command: Command, path: string): readonly string[] {
  const below = command.commands.flatMap((child) => usages(child, `${path} ${child.name()}`));
  if (below.length > 0 && command.registeredArguments.length === 0) return below;
  const words = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [[path, ...words].join(' '), ...below];
}

describe('docs/cli.md', () => {
  it('has every verb with its arguments, and no other', async () => {
    const documented = [...text.matchAll(/^\| `(qkt [^`]+)` \|/gm)].map((match) => match[1]!);
    expect(documented.toSorted()).toEqual(usages(await buildProgram(() => true), 'qkt').toSorted());
  });
});

describe('every verb', () => {
  it('takes --state-dir and --json', async () => {
    const leaves = (command: Command): readonly Command[] =>
      command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
    for (const leaf of leaves(await buildProgram(() => true))) {
      const options = leaf.options.map(({ long }) => long);
      expect(options, leaf.name()).toEqual(expect.arrayContaining(['--state-dir', '--json']));
    }
  });
});
