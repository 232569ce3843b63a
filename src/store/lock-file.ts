/**
 * An exclusive lock that a killed process cannot leave behind for good.
 *
 * The lock is a file that appears with its content (a hard link to one written beforehand). One
 * whose process is gone is taken over under a claim: a second file named after that very lock, so
 * that of several daemons that find it at once only one replaces it. Who gets a claim looks again
 * before replacing, because another may have had the claim before. A claim whose process died is
 * claimed in the same way.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { QktError } from '../errors.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

interface Holder extends ProcessIdentity {
  /** Different for every attempt to lock: names this lock and no other. */
  readonly nonce: string;
}

/** How long to wait for another daemon that is taking over a dead one's lock. */
const PATIENCE_MS = 5000;
const LOOK_AGAIN_MS = 20;

/**
 * Takes the lock at `path`; what comes back lets it go again.
 * @throws QktError QKT_E_LOCKED with the pid of the process that holds it.
 */
export async function takeLock(path: string, clock: Clock): Promise<() => void> {
  const holder: Holder = { ...ownIdentity(), nonce: randomBytes(12).toString('hex') };
  const ticket = `${path}.${holder.nonce}.ticket`;
  writeFileSync(ticket, JSON.stringify(holder), { flag: 'wx', mode: 0o600, flush: true });
  try {
    await acquire(path, ticket, clock);
  } finally {
    rmSync(ticket, { force: true });
  }
  sweep(path);
  return () => {
    if (readHolder(path)?.nonce === holder.nonce) rmSync(path, { force: true });
  };
}

/** The process that the lock at `path` names, and whether it still runs; undefined when there is no lock. */
export function lockedBy(path: string): { readonly pid: number; readonly runs: boolean } | undefined {
  const holder = readHolder(path);
  return holder === undefined ? undefined : { pid: holder.pid, runs: isRunning(holder) };
}

async function acquire(path: string, ticket: string, clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    if (tryLink(ticket, path)) return;
    const holder = readHolder(path);
    if (holder !== undefined) {
      if (isRunning(holder)) throw locked(path, holder);
      if (takeOver(path, ticket, holder.nonce, holder.nonce)) return;
    }
    if (clock.monotonic() > deadline) throw locked(path, holder);
    await new Promise<void>((resolve) => clock.at(clock.now() + LOOK_AGAIN_MS, resolve));
  }
}

/** Replaces the lock `stale` under the claim on `claimed`: on itself, or on a dead claimer. */
function takeOver(path: string, ticket: string, stale: string, claimed: string): boolean {
  const claim = `${path}.${claimed}.claim`;
  if (!tryLink(ticket, claim)) {
    const rival = readHolder(claim);
    if (rival === undefined || rival === NOBODY || isRunning(rival)) return false;
    return takeOver(path, ticket, stale, rival.nonce);
  }
  try {
    if (readHolder(path)?.nonce !== stale) return false;
    renameSync(ticket, path);
    return true;
  } finally {
    rmSync(claim, { force: true });
  }
}

/** Removes what killed processes left of their attempts. Only for the holder of the lock. */
function sweep(path: string): void {
  const prefix = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const file = join(dirname(path), name);
    const owner = readHolder(file);
    if (owner === undefined || !isRunning(owner)) rmSync(file, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** `undefined` when the file is gone; a file that says nothing usable belongs to nobody alive. */
function readHolder(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { pid, started, nonce } = JSON.parse(text) as Partial<Holder>;
    if (Number.isInteger(pid) && typeof nonce === 'string' && /^[0-9a-f]+$/.test(nonce))
      return { pid: pid!, started: typeof started === 'string' ? started : null, nonce };
  } catch {
    // Cut short by a power failure: falls through.
  }
  return NOBODY;
}

/** No process has this pid. */
const NOBODY: Holder = { pid: 2 ** 31 - 2, started: null, nonce: 'unreadable' };

function locked(path: string, holder: Holder | undefined): QktError {
  const known = holder !== undefined && holder !== NOBODY;
  const who = known ? `process ${holder.pid}` : 'another process';
  return new QktError(
    'QKT_E_LOCKED',
    `${dirname(path)} is in use by ${who}`,
    known ? { members: { pid: holder.pid } } : {},
  );
}
