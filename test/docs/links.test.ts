import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const pages = (await readdir(new URL('docs/', root))).filter((name) => name.endsWith('.md'));
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');

/** Targets of links and pictures inside the repository, without what stands after `#`. */
function targets(text: string): readonly string[] {
  const all = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.split('#')[0]!);
  return all.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

describe('the documents', () => {
  it.each(['README.md', 'CHANGELOG.md', 'diagrams/README.md', ...pages.map((name) => `docs/${name}`)])(
    '%s has no link to a file that is not there',
    async (page) => {
      const dead = targets(await read(page)).filter((target) => !existsSync(new URL(target, new URL(page, root))));
      expect(dead).toEqual([]);
    },
  );

  it('are all in the index', async () => {
    const listed = new Set(targets(await read('docs/README.md')));
    expect(pages.filter((page) => page !== 'README.md' && !listed.has(page))).toEqual([]);
  });
});
