/** `<state>/tokens.json`: names, scopes and hashes of the tokens made by `qkt token add`; never a token itself. */
import { closeSync, constants, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { QktError } from '../errors.ts';
import { readOwnFile } from './owner-token.ts';
import { isScope, type Scope } from './scopes.ts';

export interface StoredToken {
  readonly name: string;
  readonly scope: Scope;
  /** SHA-256 of the token, hexadecimal. */
  readonly sha256: string;
  readonly createdAt: string;
  /** Of a session of the dashboard. */
  readonly expiresAt?: string;
}

export const tokenFilePath = (stateDir: string): string => join(stateDir, 'tokens.json');

/** @throws QktError QKT_E_TOKEN when the file is not private to us or is damaged */
export function readTokenFile(stateDir: string): readonly StoredToken[] {
  const path = tokenFilePath(stateDir);
  const text = readOwnFile(path);
  if (text === undefined) return [];
  try {
    const { tokens } = JSON.parse(text) as { tokens: unknown };
    if (Array.isArray(tokens) && tokens.every(isStored)) return tokens;
  } catch {
    // Falls through to the one refusal below.
  }
  throw new QktError('QKT_E_TOKEN', `${path} is damaged: remove it and add the tokens again`);
}

function isStored(row: unknown): row is StoredToken {
  const { name, scope, sha256, createdAt, expiresAt } = (row ?? {}) as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    isScope(scope) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof createdAt === 'string' &&
    (expiresAt === undefined || typeof expiresAt === 'string')
  );
}

/**
 * Reads, changes and replaces the file in one piece. The temporary file is created exclusively, so
 * that it is the lock between two changes as well.
 * @throws QktError QKT_E_TOKEN
 */
export function changeTokenFile(
  stateDir: string,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[],
): void {
  const path = tokenFilePath(stateDir);
  const temporary = `${path}.new`;
  const file = openExclusively(temporary);
  let renamed = false;
  try {
    writeSync(file, `${JSON.stringify({ tokens: change(readTokenFile(stateDir)) }, null, 2)}\n`);
    fsyncSync(file);
    renameSync(temporary, path);
    renamed = true;
  } finally {
    closeSync(file);
    if (!renamed) unlinkSync(temporary);
  }
}

function openExclusively(path: string): number {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    const detail =
      (error as NodeJS.ErrnoException).code === 'EEXIST'
        ? `another change of the tokens is under way; if none is, remove ${path}`
        : `${path} cannot be created`;
    throw new QktError('QKT_E_TOKEN', detail, { cause: error });
  }
}
