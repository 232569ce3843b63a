import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { QktError, Location } from '../../src/errors.ts';
import { compileStrategy } from '../../src/worker/compile.ts';
import { GuestFailure } from '../../src/worker/guest-failure.ts';
import type { GuestHost } from '../../src/worker/host.ts';
import { createWorkerHost } from '../../src/worker/worker-host.ts';
import { BROKEN_FILES, type BrokenFile } from './broken-files.ts';
import { barItem, startOn, strategyFile, StrategyFiles, type Started } from './strategy-files.ts';

const files = new StrategyFiles();
afterAll(() => files.remove());

let host: GuestHost | undefined;
afterEach(() => host?.terminate());

const started = async (text: string, name?: string): Promise<Started> => {
  host = createWorkerHost();
  return startOn(host, await files.compile(text, name));
};

interface Shown {
  readonly code: string;
  readonly message: string;
  readonly location: Location | undefined;
}

/** What an author is shown of a failure, from whichever step it comes. */
async function refusalOf({ text, name }: BrokenFile): Promise<Shown> {
  try {
    const compiled = await files.compile(text, name);
    host = createWorkerHost();
    try {
      await startOn(host, compiled);
    } catch (thrown) {
      if (!(thrown instanceof GuestFailure)) throw thrown;
      return { code: thrown.code, ...compiled.mapError(thrown.wire) };
    }
  } catch (thrown) {
    const { code, message, extras } = thrown as QktError;
    return { code, message, location: extras.location };
  }
  return { code: 'none', message: 'it was accepted', location: undefined };
}

describe('a strategy file that', () => {
  it.each(BROKEN_FILES)('$what is refused with $code', async (broken) => {
    const { code, message, location } = await refusalOf(broken);
    expect(message).toMatch(broken.message);
    if (typeof broken.message === 'string') expect(message).toBe(broken.message);
    expect(code).toBe(broken.code);
    expect(location?.file).toBe(join(files.dir, broken.name ?? 'strategy.ts'));
    const { line, column } = location ?? {};
    expect(line === undefined ? undefined : `${line}:${column}`).toBe(broken.at);
  });

  it('is not there, is a directory, or is no code by its name is refused as a file', async () => {
    const outDir = join(files.dir, 'out');
    mkdirSync(join(files.dir, 'folder.ts'));
    const attempts = [
      [join(files.dir, 'nowhere.ts'), 'there is no such file'],
      [join(files.dir, 'folder.ts'), 'it is a directory'],
      [files.write('', 'notes.txt'), 'a strategy file ends in .ts, .mts, .js, .mjs'],
    ] as const;
    for (const [file, message] of attempts)
      await expect(compileStrategy(file, { outDir })).rejects.toMatchObject({
        code: 'QKT_E_FILE',
        message,
        extras: { location: { file } },
      });
  });
});

describe('a strategy file', () => {
  it.each(['a.ts', 'a.mts', 'a.js', 'a.mjs'])('named %s is loaded as it is', async (name) => {
    const text = strategyFile('return { onBar() {} };').replaceAll(/: any/g, '');
    expect((await started(text, name)).definition.name).toBe('probe');
  });

  it('may import its own files, JSON, builtins, and packages that it can reach', async () => {
    const packageDir = join(files.dir, 'node_modules', 'near');
    mkdirSync(packageDir, { recursive: true });
    writeFileSync(join(packageDir, 'package.json'), '{ "name": "near", "type": "module", "exports": "./main.js" }');
    writeFileSync(join(packageDir, 'main.js'), 'export const near = import.meta.url;');
    files.write('export const level: number = 5;', 'levels.ts');
    files.write('{ "unit": "pips" }', 'units.json');
    await started(
      strategyFile(
        `return { onBar(bar, ctx) { ctx.log('info', [level, units.unit, sep.length, near.endsWith('near/main.js')].join()); } };`,
        `import { level } from './levels.ts'; import units from './units.json'; import { sep } from 'node:path'; import { near } from 'near';`,
      ),
    );
    expect(await host?.turn([barItem(1)])).toMatchObject({ logs: [{ message: '5,pips,1,true' }] });
  });

  it('is told of failures in the files that it imports', async () => {
    const path = files.write('\nexport function fail(): never {\n  throw new RangeError("in here");\n}', 'helper.ts');
    const { compiled } = await started(
      strategyFile('return { onBar() { fail(); } };', `import { fail } from './helper.ts';`),
    );
    const failure = (await Promise.resolve(host?.turn([barItem(1)])).catch(
      (thrown: unknown) => thrown,
    )) as GuestFailure;
    expect(compiled.mapError(failure.wire)).toEqual({
      message: 'RangeError: in here',
      location: { file: path, line: 3, column: 9 },
    });
  });

  it('is told of a wrong order option with the line of the order', async () => {
    const { compiled } = await started(
      strategyFile(`return { onBar(bar, ctx) {\n  ctx.buy('euro' as any, { qty: 1 });\n} };`),
    );
    const failure = (await Promise.resolve(host?.turn([barItem(1)])).catch(
      (thrown: unknown) => thrown,
    )) as GuestFailure;
    expect(failure.code).toBe('QKT_E_INTENT');
    expect(compiled.mapError(failure.wire)).toEqual({
      message: 'buy: no stream "euro"; did you mean "eur"?',
      location: { file: compiled.file, line: 10, column: 7 },
    });
  });

  it('is not changed by a tsconfig that lies beside it', async () => {
    files.write(
      '{ "compilerOptions": { "paths": { "qkt": ["./nothing.ts"] } }, "extends": "./missing" }',
      'tsconfig.json',
    );
    expect((await started(strategyFile('return {};'))).definition.name).toBe('probe');
  });

  it('may be compiled many times at once', async () => {
    const file = files.write(strategyFile('return {};'));
    const outDir = join(files.dir, 'at-once');
    const all = await Promise.all(Array.from({ length: 20 }, () => compileStrategy(file, { outDir })));
    expect(new Set(all.map(({ moduleUrl }) => moduleUrl)).size).toBe(1);
    const [module, map, ...rest] = readdirSync(outDir).toSorted();
    expect([map, rest]).toEqual([`${module}.map`, []]);
  });

  it('gets another hash whenever it or a file of its own changes', async () => {
    files.write('export const level = 1;', 'part.ts');
    const text = strategyFile('return { onBar() { level; } };', `import { level } from './part.ts';`);
    const first = await files.compile(text);
    expect((await files.compile(text)).hash).toBe(first.hash);
    files.write('export const level = 2;', 'part.ts');
    const second = await files.compile(text);
    expect(second.hash).not.toBe(first.hash);
    expect(second.moduleUrl).not.toBe(first.moduleUrl);
  });
});
