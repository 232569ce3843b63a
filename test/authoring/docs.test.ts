import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { compileStrategy } from '../../src/worker/compile.ts';
import { createInlineHost } from '../../src/worker/inline-host.ts';
import { indicators } from '../../src/worker/indicators.ts';
import type { WireItem } from '../../src/worker/protocol.ts';
import { barItem, startOn } from './strategy-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/writing-a-strategy.md'), 'utf8');
const files = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text]) => text!);

const dir = mkdtempSync(join(tmpdir(), 'qkt-docs-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('docs/writing-a-strategy.md', () => {
  it('has files that type-check', async () => {
    for (const [index, text] of files.entries()) writeFileSync(join(dir, `doc-${index}.mts`), text);
    const tsconfig = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        paths: { qkt: [join(root, 'src/worker/api.ts')] },
        typeRoots: [join(root, 'node_modules/@types')],
      },
      include: ['doc-*.mts'],
    };
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(tsconfig));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', dir]).catch(
      (thrown: unknown) => thrown as { stdout: string },
    );
    expect(stdout).toBe('');
  });

  it.each(files.map((text, index) => [index, text] as const))('has file %i, which runs', async (index, text) => {
    const file = join(dir, `run-${index}.ts`);
    writeFileSync(file, text);
    const host = createInlineHost();
    const { definition, callbacks } = await startOn(host, await compileStrategy(file, { outDir: join(dir, 'out') }));
    const stream = definition.streams[0]!.key;
    const items: WireItem[] = [
      ...Array.from({ length: callbacks.includes('onBar') ? 30 : 0 }, (_, i) => barItem(i + 1, { stream })),
      ...definition.timers.map(({ name }): WireItem => ({ kind: 'timer', now: 1, name })),
    ];
    const { intents } = await host.turn(items);
    host.terminate();
    expect(intents[0]).toMatchObject({ kind: 'place', stream });
  });

  it('names every indicator', () => {
    for (const name of Object.keys(indicators)) expect(page).toContain(`\`${name}(`);
  });
});
