/** Who may do what: reading is open on loopback, every change needs a bearer token of the route's scope. */
import type { onRequestHookHandler } from 'fastify';
import { QktError } from '../errors.ts';
import { covers, type Scope } from './scopes.ts';
import type { Identity, TokenStore } from './tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a token needs for this route; `admin` when it is not said. */
    scope?: Scope;
    /** Taken without a token: the page itself, which tells nothing that a read would, and what checks a credential of its own. */
    open?: boolean;
  }
  interface FastifyRequest {
    /** Who sent the request; null where reading is open. */
    identity: Identity | null;
  }
}

export interface AuthorizeOptions {
  readonly tokens: TokenStore;
  readonly readsNeedToken: boolean;
}

/** A wrong token is answered late; a missing one at once, and a valid one always at once. */
export function authorize({ tokens, readsNeedToken }: AuthorizeOptions): onRequestHookHandler {
  return (request, _reply, done) => {
    const reads = isRead(request.method);
    if (request.routeOptions.config.open === true || (reads && !readsNeedToken)) {
      done();
      return;
    }
    const { authorization } = request.headers;
    if (authorization === undefined) {
      done(unauthorized('there is no Authorization header'));
      return;
    }
    const identity = tokens.verify(authorization);
    if (identity === undefined) {
      tokens.failures.hold(() => done(unauthorized('the token is not known')));
      return;
    }
    request.identity = identity;
    done(missingScope(identity, reads ? 'read' : (request.routeOptions.config.scope ?? 'admin')));
  };
}

export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

function unauthorized(why: string): QktError {
  return new QktError(
    'QKT_E_UNAUTHORIZED',
    `${why}: send "Authorization: Bearer <token>" with the token in <state>/control.token or one made by qkt token add`,
  );
}

function missingScope(identity: Identity, needed: Scope): QktError | undefined {
  if (covers(identity.scope, needed)) return undefined;
  return new QktError(
    'QKT_E_FORBIDDEN',
    `the token ${identity.name} has the scope ${identity.scope}, and this needs ${needed}`,
  );
}
