/**
 * The state directory: one daemon's, private to its user. Opening it creates what is missing,
 * checks that nobody else can reach it, and locks it.
 */
import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { QktError } from '../errors.ts';
import { takeLock } from './lock-file.ts';
import { replaceFile } from './replace-file.ts';

export interface StateDir {
  readonly path: string;
  /** Log files, one per strategy and `daemon.log`. */
  readonly logsDir: string;
  /** Compiled strategy modules. */
  readonly strategiesDir: string;
  readonly controlSocket: string;
  readonly controlToken: string;
  /** Tells the CLI where the control plane listens; replaced in one step. */
  writeControlPort(port: number): void;
  /** Removes the port file, then lets go of the lock. Idempotent. */
  close(): void;
}

/** Entries that show that a directory is one of ours, so that its mode may be corrected. */
const OURS = new Set(['daemon.lock', 'control.token', 'control.port', 'logs', 'strategies', 'journal']);

/** What the system says when a disk, or this user's share of it, is full. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Creates (0700) or checks the directory, and takes it for this daemon.
 * @throws QktError QKT_E_STATE_DIR when it cannot be used, QKT_E_DISK_FULL; QKT_E_LOCKED with the pid of the daemon that has it.
 */
export async function openStateDir(path: string, clock: Clock): Promise<StateDir> {
  const real = usable(path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const resolved = realpathSync(path);
    makePrivate(resolved);
    return resolved;
  });
  const release = await takeLock(join(real, 'daemon.lock'), clock).catch((error: unknown) => {
    throw error instanceof QktError ? error : unusable(path, error);
  });
  try {
    return usable(path, () => {
      // Still there now: left by a daemon that was killed.
      rmSync(portFile(real), { force: true });
      rmSync(join(real, 'control.sock'), { force: true });
      return opened(real, release);
    });
  } catch (error) {
    release();
    throw error;
  }
}

function opened(path: string, release: () => void): StateDir {
  let open = true;
  return {
    path,
    logsDir: privateSubdir(path, 'logs'),
    strategiesDir: privateSubdir(path, 'strategies'),
    controlSocket: join(path, 'control.sock'),
    controlToken: join(path, 'control.token'),
    writeControlPort: (port) => replaceFile(portFile(path), `${port}\n`),
    close: () => {
      if (!open) return;
      open = false;
      rmSync(portFile(path), { force: true });
      release();
    },
  };
}

const portFile = (stateDir: string): string => join(stateDir, 'control.port');

function makePrivate(path: string): void {
  const stat = statSync(path);
  if (!stat.isDirectory()) throw refusal(`${path} is not a directory`);
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid)
    throw refusal(`${path} belongs to another user (uid ${stat.uid}, this is ${uid})`);
  if ((stat.mode & 0o077) === 0) return;
  const entries = readdirSync(path);
  const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
  // Somebody's home given by mistake must not be closed to the world; a directory of ours may.
  if (entries.length > 0 && !entries.some((entry) => OURS.has(entry)))
    throw refusal(`${path} is open to others (mode ${mode}) and holds other files; give an empty or private directory`);
  if (entries.length > 0 && (stat.mode & 0o022) !== 0)
    throw refusal(`others can write to ${path} (mode ${mode}); look at what is in it, then chmod 700 it`);
  chmodSync(path, 0o700);
}

function privateSubdir(parent: string, name: string): string {
  const path = join(parent, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (lstatSync(path).isSymbolicLink()) throw refusal(`${path} is a symbolic link; it must be a directory`);
  chmodSync(path, 0o700);
  return path;
}

function usable<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw error instanceof QktError ? error : unusable(path, error);
  }
}

function unusable(path: string, error: unknown): QktError {
  const reason = error instanceof Error ? error.message : String(error);
  const isFull = FULL.has((error as NodeJS.ErrnoException).code ?? '');
  return new QktError(isFull ? 'QKT_E_DISK_FULL' : 'QKT_E_STATE_DIR', `${path} cannot be used: ${reason}`, {
    cause: error,
  });
}

const refusal = (detail: string): QktError => new QktError('QKT_E_STATE_DIR', detail);
