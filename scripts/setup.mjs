/**
 * Makes a checkout ready to run: dependencies as the lock file has them, `dist` as the sources are.
 * Does nothing when both are current; says what it does on stderr. Several may run at once: one works,
 * the others wait. Only Node's own modules are used, because nothing else may be there yet.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isJoined } from './build.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];
const STAMP = join(ROOT, 'dist', '.sources');
const WAIT_MS = 300_000;

const say = (text) => process.stderr.write(`setup: ${text}\n`);

/** Ends the process with what went wrong. */
function fail(text) {
  say(text);
  process.exit(1);
}

/** Brings dependencies and `dist` up to date. */
export async function setup() {
  checkNode();
  if (dependenciesAreCurrent() && distIsCurrent()) return;
  const unlock = await lock();
  try {
    if (!dependenciesAreCurrent()) run('installing dependencies (npm ci)', npm('ci', '--no-audit', '--no-fund'));
    if (!distIsCurrent()) build();
  } finally {
    unlock();
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor))
    fail(`Node ${wantedMajor}.${wantedMinor} or newer is needed; this is ${process.versions.node}`);
}

/** Whether every package that the lock file asks for is installed in that version. */
function dependenciesAreCurrent() {
  const installed = packagesOf(join(ROOT, 'node_modules', '.package-lock.json'));
  return (
    Object.entries(packagesOf(join(ROOT, 'package-lock.json'))).every(
      // Packages for other platforms are optional, and are left out here.
      ([path, { version, optional }]) => path === '' || optional === true || installed[path]?.version === version,
    ) && existsSync(join(ROOT, 'node_modules'))
  );
}

function packagesOf(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')).packages : {};
}

function distIsCurrent() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sourcesHash() && isJoined();
}

function build() {
  const hash = sourcesHash();
  run('building dist', [process.execPath, join(ROOT, 'scripts', 'build.mjs')]);
  writeFileSync(STAMP, hash);
}

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function sourcesHash() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'diagrams/strategy.svg'].map((name) =>
    join(ROOT, name),
  );
  for (const file of [...sources, ...settings].toSorted(byText)) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

function run(what, [program, ...args]) {
  say(what);
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail(`${what} failed${error === undefined ? '' : `: ${error.message}`}`);
}

/** npm is the one that runs us, or the one on the path. */
function npm(...args) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, script, ...args] : ['npm', ...args];
}

/** One set-up of this checkout at a time. The lock appears with its holder's pid in it (a hard link). */
async function lock() {
  const path = join(tmpdir(), `qkt-setup-${createHash('sha256').update(ROOT).digest('hex').slice(0, 16)}`);
  const ticket = `${path}.${process.pid}`;
  writeFileSync(ticket, String(process.pid), { mode: 0o600 });
  // `fail` ends the process in the middle.
  process.once('exit', () => rmSync(ticket, { force: true }));
  const end = Date.now() + WAIT_MS;
  while (!tryLink(ticket, path)) {
    takeFromTheDead(path);
    if (Date.now() > end) fail(`another set-up has been running for long; if not, remove ${path}`);
    await sleep(100);
  }
  const unlock = () => {
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  };
  process.once('exit', unlock);
  return unlock;
}

function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

function takeFromTheDead(path) {
  const holder = holderOf(path);
  if (holder === undefined || isRunning(holder)) return;
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Another waiter may have been faster, and this is its lock: give it back.
  if (holderOf(aside) !== holder) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup();
