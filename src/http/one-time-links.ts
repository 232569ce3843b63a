/** Codes of the dashboard's links: each opens one session, once, soon after it was made. They live in memory alone. */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import { newToken } from './owner-token.ts';
import type { Scope } from './scopes.ts';

const LIFE_MS = 120_000;
/** The oldest goes first. */
const MOST = 16;

interface Link {
  readonly scope: Scope;
  readonly expiresAt: EpochMs;
}

export class OneTimeLinks {
  readonly #clock: Clock;
  /** By the hash of its code: a look-up tells nothing of how near a guess was. */
  readonly #links = new Map<string, Link>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  make(scope: Scope): Link & { readonly code: string } {
    const code = newToken();
    const link = { scope, expiresAt: this.#clock.now() + LIFE_MS };
    this.#links.set(hashOf(code), link);
    for (const [hash] of this.#links) if (this.#links.size > MOST) this.#links.delete(hash);
    return { ...link, code };
  }

  /** The scope that the code opens; undefined for one that is not known, too old, or was used before. */
  redeem(code: string): Scope | undefined {
    const hash = hashOf(code);
    const link = this.#links.get(hash);
    this.#links.delete(hash);
    return link !== undefined && link.expiresAt > this.#clock.now() ? link.scope : undefined;
  }
}

const hashOf = (code: string): string => createHash('sha256').update(code).digest('hex');
