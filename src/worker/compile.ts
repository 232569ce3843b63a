/**
 * Makes a module of a strategy file, wherever it lies and without anything near it: esbuild strips
 * the types and bundles relative imports, `'qkt'` becomes this package's own file, packages that the
 * author's file can reach stay outside.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BuildFailure, Message, OutputFile, Plugin } from 'esbuild';
import { QktError, type Location } from '../errors.ts';
import { apiUrl } from './entry.ts';
import { errorMapper, type MappedError } from './map-error.ts';
import type { WireError } from './protocol.ts';
import type { SourceFile } from './source.ts';

/** A strategy that has just been compiled. */
export interface FreshStrategy extends CompiledStrategy {
  /** The code names `isolation`, so it may ask for a process: native code must not be tried anywhere else. */
  readonly namesIsolation: boolean;
}

export interface CompiledStrategy {
  /** `file:` URL of the module to load. */
  readonly moduleUrl: string;
  /** Absolute path of the author's file. */
  readonly file: string;
  /** Of the compiled content, relative imports included: changes whenever the strategy does. */
  readonly hash: string;
  readonly source: SourceFile;
  /** Finds where in the author's files a failure of the strategy's code lies. */
  mapError(wire: WireError): MappedError;
}

const EXTENSIONS: readonly string[] = ['.ts', '.mts', '.js', '.mjs'];

/**
 * Compiles a strategy file into `outDir`; it does not run it.
 * @throws QktError `QKT_E_FILE` when it cannot be read, `QKT_E_STRATEGY_SYNTAX` with file, line and column when it does not compile.
 */
export async function compileStrategy(file: string, options: { readonly outDir: string }): Promise<FreshStrategy> {
  const path = resolve(file);
  const source = { file: path, text: await readSource(path) };
  const { code, map } = await bundle(path);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const name = basename(path, extname(path)).replaceAll(/[^A-Za-z0-9_-]/g, '_');
  const out = join(resolve(options.outDir), `${name}.${hash}.mjs`);
  await writeWhole(out, code);
  await writeWhole(`${out}.map`, map);
  const moduleUrl = pathToFileURL(out).href;
  const namesIsolation = /\bisolation\b/.test(code);
  return { moduleUrl, file: path, hash, source, namesIsolation, mapError: errorMapper({ moduleUrl, map, source }) };
}

/** What was compiled before, from its module alone: the author's file may have changed since, or be gone. */
export async function reopenCompiled(compiled: {
  readonly file: string;
  readonly moduleUrl: string;
  readonly hash: string;
}): Promise<CompiledStrategy> {
  const { file, moduleUrl, hash } = compiled;
  const map = await readFile(`${fileURLToPath(moduleUrl)}.map`, 'utf8').catch(() => EMPTY_MAP);
  const { sources = [], sourcesContent = [] } = JSON.parse(map) as {
    readonly sources?: readonly string[];
    readonly sourcesContent?: readonly (string | null)[];
  };
  const own = sources.findIndex((source) => basename(source) === basename(file));
  const source = { file, text: sourcesContent[own] ?? '' };
  return { moduleUrl, file, hash, source, mapError: errorMapper({ moduleUrl, map, source }) };
}

const EMPTY_MAP = '{"version":3,"sources":[],"names":[],"mappings":""}';

async function readSource(path: string): Promise<string> {
  if (!EXTENSIONS.includes(extname(path)))
    throw new QktError('QKT_E_FILE', `a strategy file ends in ${EXTENSIONS.join(', ')}`, { location: { file: path } });
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
    const text =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a directory'
          : `it cannot be read (${String(code)})`;
    throw new QktError('QKT_E_FILE', text, { location: { file: path }, cause });
  }
}

/** A deploy of the same content may be reading it at this moment: the file is there whole, or not at all. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${randomUUID()}.part`;
  await writeFile(part, text);
  await rename(part, path);
}

async function bundle(path: string): Promise<{ readonly code: string; readonly map: string }> {
  // A daemon that only brings back what it has compiled before is up sooner without it.
  const { build } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      outdir: dirname(path),
      outExtension: { '.js': '.mjs' },
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'external',
      absWorkingDir: dirname(path),
      // A tsconfig that happens to lie nearby must not change what the file means.
      tsconfigRaw: {},
      logLevel: 'silent',
      plugins: [imports(path)],
    });
    return { code: textOf(outputFiles, '.mjs'), map: textOf(outputFiles, '.mjs.map') };
  } catch (thrown) {
    throw syntaxError(path, thrown);
  }
}

const textOf = (files: readonly OutputFile[], end: string): string =>
  files.find((output) => output.path.endsWith(end))?.text ?? '';

/** What imports mean: `qkt` this package, builtins and reachable packages outside, everything relative inside. */
function imports(entry: string): Plugin {
  return {
    name: 'qkt-imports',
    setup(builder) {
      builder.onResolve({ filter: /^qkt$/ }, () => ({ path: 'qkt', namespace: 'qkt' }));
      // Listing the exports lets the compiler itself refuse a name that is not there, with its place.
      builder.onLoad({ filter: /.*/, namespace: 'qkt' }, () => ({
        contents: `export { defineStrategy, param } from ${JSON.stringify(apiUrl().href)};`,
      }));
      builder.onResolve({ filter: /^file:/ }, ({ path }) => ({ path, external: true }));
      builder.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === entry || path.startsWith('file:')) return undefined;
        if (isBuiltin(path)) return { path, external: true };
        const found = await builder.resolve(path, { kind, resolveDir, pluginData: entry });
        if (found.errors.length > 0) return { errors: found.errors };
        return { path: pathToFileURL(found.path).href, external: true };
      });
    },
  };
}

function syntaxError(path: string, thrown: unknown): QktError {
  const errors: readonly Message[] = (thrown as Partial<BuildFailure>).errors ?? [];
  const first = errors[0];
  if (first === undefined)
    return new QktError('QKT_E_STRATEGY_SYNTAX', String(thrown), { location: { file: path }, cause: thrown });
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new QktError('QKT_E_STRATEGY_SYNTAX', `${first.text}${more}`, {
    location: placeOf(path, first),
    cause: thrown,
  });
}

function placeOf(path: string, { location }: Message): Location {
  if (location === null) return { file: path };
  return { file: resolve(dirname(path), location.file), line: location.line, column: location.column + 1 };
}
