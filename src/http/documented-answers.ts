/**
 * The schemas of answers are for the document alone. Left in the route's schema, Fastify would keep an entry for
 * every status of every route of every strategy's server, in lists that are as long as the status is high.
 */
import type { HttpApp } from './http-app.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route answers, by status. */
    answers?: readonly (readonly [status: string, schema: unknown])[];
  }
}

/** Takes the answers out of the schema of each route that is registered from now on. */
export function setAnswersAside(app: HttpApp): void {
  app.addHook('onRoute', (route) => {
    if (route.schema?.response === undefined) return;
    const { response, ...schema } = route.schema;
    route.schema = schema;
    route.config = { ...route.config, answers: Object.entries(response as object) };
  });
}

interface Described {
  readonly schema: object;
  readonly url: string;
  readonly route: { readonly config?: unknown };
}

/** Puts them into the document. */
export function withAnswers({ schema, url, route }: Described): { schema: object; url: string } {
  const { answers } = (route.config ?? {}) as { readonly answers?: Iterable<readonly [string, unknown]> };
  return { schema: answers === undefined ? schema : { ...schema, response: Object.fromEntries(answers) }, url };
}
