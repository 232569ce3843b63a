/**
 * The dashboard: `src/web` becomes a page, a script, a style sheet and pictures in `dist/web`, each named
 * by its content and with its compressed forms beside it. Nothing of it is loaded from elsewhere.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src', 'web');
const TARGET = join(ROOT, 'dist', 'web');
const ASSETS = '/assets/';
/** What brings `for await` over a stream, and colours with an alpha. */
const BROWSERS = ['chrome124', 'firefox125', 'safari17.4'];

/** A chart takes its colours from the page, whose policy applies no style that a picture brings. */
const CHARTS = {
  name: 'charts',
  setup: (build) =>
    build.onLoad({ filter: /\.svg$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/<style>[^]*?<\/style>\n?/, ''),
      loader: 'file',
    })),
};

export async function buildWeb() {
  const { build } = await import('esbuild');
  rmSync(TARGET, { recursive: true, force: true });
  mkdirSync(TARGET, { recursive: true });
  const { metafile } = await build({
    entryPoints: { qkt: join(SOURCE, 'main.tsx'), style: join(SOURCE, 'styles', 'index.css') },
    outdir: TARGET,
    bundle: true,
    minify: true,
    metafile: true,
    format: 'esm',
    target: BROWSERS,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    publicPath: ASSETS,
    plugins: [CHARTS],
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfig: join(SOURCE, 'tsconfig.json'),
    logLevel: 'error',
  });
  writePage([...Object.keys(metafile.outputs).map((path) => basename(path)), copyIcon()]);
  for (const name of readdirSync(TARGET)) compress(join(TARGET, name));
}

/** No code speaks of it, so no code names it. */
function copyIcon() {
  const content = readFileSync(join(SOURCE, 'icon.svg'));
  const name = `icon-${createHash('sha256').update(content).digest('hex').slice(0, 8)}.svg`;
  writeFileSync(join(TARGET, name), content);
  return name;
}

function writePage(outputs) {
  const find = (pattern) => ASSETS + outputs.find((name) => pattern.test(name));
  const addresses = { script: find(/^qkt-.*\.js$/), style: find(/^style-.*\.css$/), icon: find(/^icon-.*\.svg$/) };
  const template = readFileSync(join(SOURCE, 'index.html'), 'utf8');
  const page = template.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => addresses[name]);
  writeFileSync(join(TARGET, 'index.html'), page);
}

function compress(path) {
  const content = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
