/** The head of the OpenAPI document; the rest comes from the schemas that validate. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { withAnswers } from './documented-answers.ts';

export function openapiOptions(title: string, version: string): FastifyDynamicSwaggerOptions {
  return {
    transform: withAnswers,
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        version,
        description:
          'Reading is open on loopback. Every change needs a bearer token. Errors are application/problem+json (RFC 9457).',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  };
}
