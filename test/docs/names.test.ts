import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const DOCUMENTS = ['docs/life-of-a-tick.md', 'docs/life-of-an-order.md'];

const FILE = /^[\w./-]+\.(?:ts|md|svg)$/;
/** `name`, `Type.member`, `stream$`, `STAGES`. */
const NAME = /^(?:([A-Za-z]\w*)\.)?([A-Za-z]\w*\$?)$/;

const sources = await readSources();

async function readSources(): Promise<readonly string[]> {
  const files = await readdir(new URL('src/', root), { recursive: true });
  const code = files.filter((file) => file.endsWith('.ts'));
  return Promise.all(code.map((file) => readFile(new URL(`src/${file}`, root), 'utf8')));
}

/** What stands in backticks outside fenced blocks. */
async function spans(document: string): Promise<readonly string[]> {
  const text = (await readFile(new URL(document, root), 'utf8')).replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span!);
}

const has = (source: string, word: string): boolean =>
  new RegExp(`(?<![\\w$])${word.replace('$', '\\$')}(?![\\w$])`).test(source);

function exists(name: string): boolean {
  const [, owner, member] = NAME.exec(name)!;
  // A member is looked for where its class is: the same word elsewhere proves nothing.
  const where =
    owner === undefined || owner === 'ctx'
      ? sources
      : sources.filter((source) => new RegExp(`(?:class|interface|type) ${owner}\\b`).test(source));
  return where.some((source) => has(source, member!));
}

describe.each(DOCUMENTS)('%s', (document) => {
  it('names files that are there', async () => {
    const files = (await spans(document)).filter((span) => FILE.test(span));
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
  });

  it('names functions, classes and members that are there', async () => {
    const names = (await spans(document)).filter((span) => !FILE.test(span) && NAME.test(span));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !exists(name))).toEqual([]);
  });
});
