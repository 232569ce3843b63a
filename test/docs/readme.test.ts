import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileStrategy } from '../../src/worker/compile.ts';
import { createInlineHost } from '../../src/worker/inline-host.ts';

const root = new URL('../../', import.meta.url);
const readme = await readFile(new URL('README.md', root), 'utf8');
const performance = await readFile(new URL('docs/performance.md', root), 'utf8');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'qkt-readme-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('README.md', () => {
  it('shows a strategy file that loads as it is', async () => {
    const [, text] = /```ts\n([\s\S]*?)```/.exec(readme)!;
    const file = join(directory, 'first.ts');
    await writeFile(file, text!);
    const { moduleUrl } = await compileStrategy(file, { outDir: directory });
    const host = createInlineHost();
    const definition = await host.load(moduleUrl);
    host.terminate();
    expect(definition).toMatchObject({ name: 'first', streams: [{ symbol: 'EURUSD', warmup: 20 }] });
  });

  it('names only scripts that package.json has', async () => {
    const { scripts } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const named = [...`${readme}\n${performance}`.matchAll(/npm (?:run )?(start|test|(?<=run )[\w:-]+)/g)];
    expect(named.length).toBeGreaterThan(2);
    expect(named.map(([, name]) => name!).filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
