/**
 * Bearer tokens. The owner's lies in `<state>/control.token`; named ones are kept as hashes. A token's
 * name is the "who" of every journaled act. Tokens are compared by hash in constant time, and appear
 * in no query string, log or answer.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { lstatSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { iso, type EpochMs } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { ensureOwnerToken, newToken } from './owner-token.ts';
import { OneTimeLinks } from './one-time-links.ts';
import type { Scope } from './scopes.ts';
import { changeTokenFile, readTokenFile, tokenFilePath, type StoredToken } from './token-file.ts';

const OWNER = 'owner';
const SESSION_PREFIX = 'dashboard-';
const SESSION_MS = 12 * 3_600_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*) *$/i;

export interface Identity {
  readonly name: string;
  readonly scope: Scope;
}
export interface TokenRow extends Identity {
  /** ISO time; null for the owner's, which is as old as the state directory. */
  readonly createdAt: string | null;
  /** Of a session of the dashboard. */
  readonly expiresAt?: string;
}
interface HashedIdentity extends Identity {
  readonly hash: Buffer;
  /** Absent for one that lasts. */
  readonly expiresAt?: EpochMs;
}

/** An opened session of the dashboard: the only time that its token can be seen. */
export interface Session extends Identity {
  readonly token: string;
  readonly expiresAt: string;
}

/** The tokens of a state directory, which must exist. Changes by another process are seen at the next request. */
export class TokenStore {
  readonly #stateDir: string;
  readonly #clock: Clock;
  readonly #owner: HashedIdentity;
  #named: readonly HashedIdentity[] = [];
  #stamp = '';
  /** Shared by all servers that ask this store. */
  readonly failures: FailedAttempts;
  /** Of the dashboard; shared in the same way. */
  readonly links: OneTimeLinks;

  /** @throws QktError QKT_E_TOKEN when the owner's token cannot be made or trusted */
  constructor(stateDir: string, clock: Clock) {
    this.#stateDir = stateDir;
    this.#clock = clock;
    this.#owner = { name: OWNER, scope: 'admin', hash: sha256(ensureOwnerToken(stateDir)) };
    this.failures = new FailedAttempts(clock);
    this.links = new OneTimeLinks(clock);
  }

  /** Makes a token and returns it: this is the only time that it can be seen. @throws QktError QKT_E_TOKEN */
  add(name: string, scope: Scope): string {
    if (!NAME.test(name) || name === OWNER) {
      throw new QktError('QKT_E_TOKEN', `a token's name is letters, digits, _ and -, at most 64, and not ${OWNER}`);
    }
    const token = newToken();
    const row = { name, scope, sha256: sha256(token).toString('hex'), createdAt: iso(this.#clock.now()) };
    changeTokenFile(this.#stateDir, (rows) => {
      if (rows.some((other) => other.name === name)) {
        throw new QktError('QKT_E_TOKEN', `there is a token named ${name} already: revoke it first`);
      }
      return [...rows, row];
    });
    return token;
  }

  /** A token of the dashboard for a working day; those that have run out go from the file. @throws QktError QKT_E_TOKEN */
  openSession(scope: Scope): Session {
    const token = newToken();
    const now = this.#clock.now();
    const name = `${SESSION_PREFIX}${sha256(token).toString('hex').slice(0, 6)}`;
    const session = { name, scope, createdAt: iso(now), expiresAt: iso(now + SESSION_MS) };
    changeTokenFile(this.#stateDir, (rows) => [
      ...rows.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now),
      { ...session, sha256: sha256(token).toString('hex') },
    ]);
    return { ...session, token };
  }

  /** @throws QktError QKT_E_TOKEN when the file cannot be trusted */
  list(): readonly TokenRow[] {
    const named = readTokenFile(this.#stateDir).map(({ name, scope, createdAt, expiresAt }) => ({
      name,
      scope,
      createdAt,
      ...(expiresAt !== undefined && { expiresAt }),
    }));
    return [{ name: OWNER, scope: 'admin', createdAt: null }, ...named];
  }

  /** @throws QktError QKT_E_TOKEN when there is none of that name */
  revoke(name: string): void {
    changeTokenFile(this.#stateDir, (rows) => {
      const rest = rows.filter((row) => row.name !== name);
      if (rest.length === rows.length) throw new QktError('QKT_E_TOKEN', `there is no token named ${name}`);
      return rest;
    });
  }

  /** The code of a one-time link, sent as a token is. */
  redeem(authorization: string): Scope | undefined {
    return this.links.redeem(BEARER.exec(authorization)?.[1] ?? '');
  }

  /** Who the value of an Authorization header belongs to. Looks at every token, whichever one matches. */
  verify(authorization: string): Identity | undefined {
    this.#reread();
    const hash = sha256(BEARER.exec(authorization)?.[1] ?? '');
    let found: Identity | undefined;
    for (const known of [this.#owner, ...this.#named]) {
      const { name, scope, expiresAt = Infinity } = known;
      if (timingSafeEqual(known.hash, hash) && expiresAt > this.#clock.now()) found = { name, scope };
    }
    return found;
  }

  #reread(): void {
    const stamp = stampOf(tokenFilePath(this.#stateDir));
    if (stamp === this.#stamp) return;
    try {
      this.#named = readTokenFile(this.#stateDir).map(hashed);
    } catch {
      // A file that cannot be trusted gives nobody access; `qkt token list` says what is wrong with it.
      this.#named = [];
    }
    this.#stamp = stamp;
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

const hashed = ({ name, scope, sha256: hex, expiresAt }: StoredToken): HashedIdentity => ({
  name,
  scope,
  ...(expiresAt !== undefined && { expiresAt: Date.parse(expiresAt) }),
  hash: Buffer.from(hex, 'hex'),
});

/** Changes whenever the file is replaced or written; empty when there is none. */
function stampOf(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? '' : `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}
