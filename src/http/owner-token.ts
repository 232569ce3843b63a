/** The owner's token: `<state>/control.token`, made at the first start and never followed through a link. */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { QktError } from '../errors.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const TOKEN = /^[0-9a-f]{64}$/;

/** 32 random bytes in hexadecimal. */
export const newToken = (): string => randomBytes(32).toString('hex');

export const ownerTokenPath = (stateDir: string): string => join(stateDir, 'control.token');

/**
 * Reads the owner's token, and makes it when there is none.
 * @throws QktError QKT_E_TOKEN when the file is a link, belongs to someone else, is open to others or is damaged
 */
export function ensureOwnerToken(stateDir: string): string {
  const path = ownerTokenPath(stateDir);
  return create(path) ?? readPrivate(path);
}

/** Reads the owner's token, as the CLI does. @throws QktError QKT_E_TOKEN as {@link ensureOwnerToken}, or when it is missing */
export const readOwnerToken = (stateDir: string): string => readPrivate(ownerTokenPath(stateDir));

function create(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw refused(path, 'cannot be created', error);
  }
  try {
    const token = newToken();
    writeSync(file, token);
    fsyncSync(file);
    return token;
  } finally {
    closeSync(file);
  }
}

function readPrivate(path: string): string {
  const text = readPrivateFile(path);
  if (text === undefined) throw refused(path, 'is missing');
  if (!TOKEN.test(text.trim())) throw refused(path, 'is damaged: remove it, and a new one is made at the next start');
  return text.trim();
}

/**
 * The text of a file that holds secrets; `undefined` when there is none.
 * @throws QktError QKT_E_TOKEN when it is a link, is not ours or others may open it
 */
export function readPrivateFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw refused(path, code === 'ELOOP' ? 'is a symbolic link' : 'cannot be read', error);
  }
  try {
    const { uid, mode, nlink } = fstatSync(file);
    if ((mode & 0o170000) !== 0o100000) throw refused(path, 'is not a plain file');
    if (nlink > 1) throw refused(path, 'has a second name (a hard link)');
    if (uid !== process.getuid?.()) throw refused(path, 'belongs to another user');
    if ((mode & 0o077) !== 0) throw refused(path, 'is open to other users: chmod 600 it');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function refused(path: string, what: string, cause?: unknown): QktError {
  return new QktError('QKT_E_TOKEN', `${path} ${what}`, { cause });
}
