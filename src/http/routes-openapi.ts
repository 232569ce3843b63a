/** `/openapi.json`: the document that the routes' own schemas make. */
import type { HttpApp } from './http-app.ts';
import { JSON_TYPE } from './negotiate.ts';
import { closed } from './schemas.ts';

export function registerOpenapi(app: HttpApp): void {
  app.get('/openapi.json', { schema: { summary: 'This document', querystring: closed({}) } }, (_request, reply) => {
    reply.header('content-type', JSON_TYPE).send(JSON.stringify(app.swagger()));
  });
}
