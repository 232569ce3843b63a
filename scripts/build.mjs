/**
 * `npm run build`: compiles `src` into `dist`, builds the dashboard, and makes one file of each dependency that
 * consists of hundreds. Node opens and compiles every file by itself, in the daemon and in every strategy's thread
 * anew: a thread starts in a third of the time and in half of the memory. Without the second step all
 * works the same, only slower.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildWeb } from './build-web.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const JOINED = ['rxjs', 'trading-signals', 'typebox'];
/** As the compiler writes it, all names of an import and then its module, or as it is after the second step. */
const IMPORT = new RegExp(
  String.raw`^import \{([^}]*)\} from '(?:\.[./]*/packages/)?(${JOINED.join('|')})(?:\.js)?';`,
  'gm',
);
/** Left by a compiler that was run by itself. */
const NOT_JOINED = new RegExp(`^import .* from '(${JOINED.join('|')})';`, 'm');

/** Ends the process when it does not compile. */
export async function build() {
  const { buildSync } = await import('esbuild');
  compile();
  const files = filesOf(DIST).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  for (const name of JOINED) joinFiles(buildSync, name, namesImported(files, name));
  for (const { path, text } of files) {
    const joined = text.replaceAll(IMPORT, (_, names, name) => `import {${names}} from '${pathTo(name, path)}';`);
    if (joined !== text) writeFileSync(path, joined);
  }
  await buildWeb();
}

/** Whether all has been done since the last compilation, by whomever that was. */
export function isJoined() {
  return (
    existsSync(join(DIST, 'web', 'index.html')) &&
    filesOf(DIST).every((path) => !NOT_JOINED.test(readFileSync(path, 'utf8')))
  );
}

function compile() {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}

function filesOf(directory) {
  return readdirSync(directory, { recursive: true })
    .filter((name) => name.endsWith('.js') && !name.startsWith(`packages${sep}`) && !name.startsWith(`web${sep}`))
    .map((name) => join(directory, name));
}

function namesImported(files, wanted) {
  const names = new Set();
  for (const { text } of files)
    for (const [, list, name] of text.matchAll(IMPORT))
      if (name === wanted) for (const item of list.split(',')) names.add(item.trim().split(' as ')[0]);
  names.delete('');
  return [...names];
}

/** What is imported of a package, and nothing else of it, as one file. */
function joinFiles(buildSync, name, names) {
  buildSync({
    stdin: { contents: `export { ${names.join(', ')} } from '${name}';`, resolveDir: ROOT },
    outfile: join(DIST, 'packages', `${name}.js`),
    bundle: true,
    format: 'esm',
    // Of what a package brings for browsers, bundlers and Node, the modules that let unused parts be left out.
    platform: 'neutral',
    conditions: ['es2015'],
    target: 'node20',
    logLevel: 'error',
  });
}

function pathTo(name, from) {
  const path = relative(dirname(from), join(DIST, 'packages', `${name}.js`)).replaceAll(sep, '/');
  return path.startsWith('.') ? path : `./${path}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await build();
