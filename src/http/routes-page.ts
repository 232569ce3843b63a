/** The dashboard: its files, and the one-time link that gives it a token. */
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { iso } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import * as Answer from './answer-schemas.ts';
import type { HttpApp } from './http-app.ts';
import { sendObject } from './negotiate.ts';
import { formFor, readPageFiles, type PageFile } from './page-files.ts';
import { Text, Time } from './schema-parts.ts';
import { closed, FormatQuery, NoBody, SECURED } from './schemas.ts';
import type { TokenStore } from './tokens.ts';

/** Nothing inline, nothing from elsewhere, and no text that becomes markup. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export function registerPage(app: HttpApp, tokens: TokenStore): void {
  registerFiles(app);
  registerLink(app, tokens);
}

function registerFiles(app: HttpApp): void {
  let files: ReadonlyMap<string, PageFile> | undefined;
  const send = (name: string, request: FastifyRequest, reply: FastifyReply): void => {
    files ??= readPageFiles();
    const file = files.get(name);
    if (file === undefined)
      throw new QktError(
        'QKT_E_UNKNOWN_PATH',
        files.size === 0 ? 'the dashboard has not been built: npm run build' : 'the dashboard has no such file',
      );
    const { body, encoding } = formFor(file, request.headers);
    if (encoding !== undefined) reply.header('content-encoding', encoding);
    reply
      .headers({
        'content-type': file.type,
        vary: 'Accept-Encoding',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      })
      .send(body);
  };
  const page = { summary: 'The dashboard', querystring: closed({}), response: Answer.textAnswer('text/html') };
  app.get('/', { config: { open: true }, schema: page }, (request, reply) => send('index.html', request, reply));
  const file = {
    summary: 'A file of the dashboard',
    querystring: closed({}),
    params: Type.Object({ file: Type.String() }),
    response: Answer.textAnswer('text/javascript'),
  };
  app.get('/assets/:file', { config: { open: true }, schema: file }, (request, reply) =>
    send(request.params.file, request, reply),
  );
}

function registerLink(app: HttpApp, tokens: TokenStore): void {
  const link = {
    summary: 'A code for one link to the dashboard, good for two minutes and once',
    querystring: FormatQuery,
    body: closed({ readOnly: Type.Optional(Type.Boolean()) }),
    security: SECURED,
    response: Answer.answers({ 201: Type.Object({ code: Text, scope: Text, expiresAt: Time }) }),
  };
  app.post('/daemon/dashboard/links', { config: { scope: 'read' }, schema: link }, (request, reply) => {
    const own = request.identity!.scope;
    const scope = request.body.readOnly === true ? 'read' : own;
    const { code, expiresAt } = tokens.links.make(scope);
    sendObject(request, reply, 201, { code, scope, expiresAt: iso(expiresAt) });
  });
  const session = {
    summary: 'A token for the dashboard, for the code of a link in the place of one',
    querystring: FormatQuery,
    body: NoBody,
    security: SECURED,
    response: Answer.answers({ 201: Type.Object({ token: Text, name: Text, scope: Text, expiresAt: Time }) }),
  };
  app.post('/daemon/dashboard/sessions', { config: { open: true }, schema: session }, async (request, reply) => {
    const scope = tokens.redeem(request.headers.authorization ?? '');
    if (scope === undefined) {
      await new Promise<void>((resolve) => tokens.failures.hold(resolve));
      throw new QktError(
        'QKT_E_UNAUTHORIZED',
        'this link was used before, or is too old: qkt dashboard makes a new one',
      );
    }
    const { token, name, expiresAt } = tokens.openSession(scope);
    return sendObject(request, reply, 201, { token, name, scope, expiresAt });
  });
}
