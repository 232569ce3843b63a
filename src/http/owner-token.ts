/** The owner's token: `<state>/control.token`, made at the first start and never followed through a link. */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { QktError } from '../errors.ts';
import { NotPrivate, readPrivateFile } from '../private-file.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const TOKEN = /^[0-9a-f]{64}$/;

/** 32 random bytes in hexadecimal. */
export const newToken = (): string => randomBytes(32).toString('hex');

const ownerTokenPath = (stateDir: string): string => join(stateDir, 'control.token');

/**
 * Reads the owner's token, and makes it when there is none.
 * @throws QktError QKT_E_TOKEN when the file is a link, belongs to someone else, is open to others or is damaged
 */
export function ensureOwnerToken(stateDir: string): string {
  const path = ownerTokenPath(stateDir);
  return create(path) ?? readToken(path);
}

/** Reads the owner's token, as the CLI does. @throws QktError QKT_E_TOKEN as {@link ensureOwnerToken}, or when it is missing */
export const readOwnerToken = (stateDir: string): string => readToken(ownerTokenPath(stateDir));

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

function readToken(path: string): string {
  const text = readOwnFile(path);
  if (text === undefined) throw refused(path, 'is missing');
  if (!TOKEN.test(text.trim())) throw refused(path, 'is damaged: remove it, and a new one is made at the next start');
  return text.trim();
}

/** As {@link readPrivateFile}. @throws QktError QKT_E_TOKEN when the file is not private to us */
export function readOwnFile(path: string): string | undefined {
  try {
    return readPrivateFile(path);
  } catch (error) {
    throw error instanceof NotPrivate ? refused(path, error.message, error) : error;
  }
}

function refused(path: string, what: string, cause?: unknown): QktError {
  return new QktError('QKT_E_TOKEN', `${path} ${what}`, { cause });
}
