/** The HTTP face: what Flask does around every route. It stands in for a foreign service and shares nothing with ours. */
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { toJson } from '../domain/json.ts';
import { internalError, invalid, Refused, unauthorized, type Answer } from './answers.ts';
import type { Members } from './fields.ts';
import type { Gateway } from './gateway.ts';
import { notFoundPage, wrongMethodPage } from './pages.ts';
import { CUT, respond } from './respond.ts';
import { labelOf, type Call, type Route } from './route.ts';
import { GATEWAY_ROUTES } from './routes.ts';
import { SIM_ROUTES } from './routes-sim.ts';

const BODY_LIMIT = 16_384;
/** Pages of its documentation need no key. */
const OPEN_PATHS = /^\/(apidocs|apispec_|flasgger_static\/)/;

interface Sent {
  readonly type: string;
  readonly text: string;
}

export function createServer(gateway: Gateway): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    requestIdHeader: 'x-request-id',
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, text, parsed) =>
    parsed(null, { type: request.headers['content-type'] ?? '', text: String(text) } satisfies Sent),
  );
  const numbers = logRequests(app, gateway);
  requireKey(app, gateway);
  for (const route of GATEWAY_ROUTES) serve(app, gateway, route, false);
  for (const route of SIM_ROUTES) serve(app, gateway, route, true);
  app.setNotFoundHandler(noSuchRoute);
  app.setErrorHandler((error: Error, request, reply) =>
    send(gateway, request, reply, internalError(`${request.method} ${request.url}`, error.message).answer),
  );
  app.addHook('onResponse', (request, reply, done) => {
    gateway.log.amend(numbers.get(request) ?? 0, { status: reply.statusCode });
    done();
  });
  return app;
}

/** Fastify writes `/orders/:parameter` for `/orders/<ticket>`. */
const urlOf = (path: string): string => path.replace(/<\w+>/, ':parameter');

function serve(app: FastifyInstance, gateway: Gateway, route: Route, own: boolean): void {
  const label = labelOf(route);
  app.route({
    method: route.method,
    url: urlOf(route.path),
    config: { label, open: route.open === true },
    handler: async (request, reply) => {
      const call = (): Call => callOf(request, route, label, own);
      const answer = own ? await plainly(route, call, gateway) : await respond(route, call, gateway, label);
      if (answer !== CUT) return send(gateway, request, reply, answer);
      reply.hijack();
      reply.raw.destroy();
      return reply;
    },
  });
}

async function plainly(route: Route, call: () => Call, gateway: Gateway): Promise<Answer> {
  try {
    return await route.handle(call(), gateway);
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}

function callOf(request: FastifyRequest, route: Route, label: string, own: boolean): Call {
  const { parameter = '' } = request.params as { readonly parameter?: string };
  const key = request.headers['idempotency-key'];
  const writes = route.method === 'POST' || route.method === 'PUT';
  return {
    query: request.query as Members,
    parameter,
    body: writes ? bodyOf(request, label, own) : {},
    route: label,
    idempotencyKey: typeof key === 'string' ? key : undefined,
  };
}

/** Anything but a JSON object in application/json ends in an exception of the framework; `/sim` takes no body for an empty one. */
function bodyOf({ body }: FastifyRequest, label: string, own: boolean): Members {
  const sent = body as Sent | undefined;
  if (own) return sent === undefined || sent.text === '' ? {} : (objectIn(sent.text) ?? refuseBody());
  if (sent === undefined || !/^application\/([\w.-]+\+)?json\b/i.test(sent.type))
    throw internalError(label, "415 Unsupported Media Type: Content-Type was not 'application/json'.");
  const read = objectIn(sent.text);
  if (read === undefined)
    throw internalError(
      label,
      '400 Bad Request: The browser (or proxy) sent a request that this server could not understand.',
    );
  return read;
}

function refuseBody(): never {
  throw invalid('the body must be a JSON object');
}

function objectIn(text: string): Members | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return read === null || typeof read !== 'object' || Array.isArray(read) ? undefined : (read as Members);
  } catch {
    return undefined;
  }
}

/** @returns the number under which a request was written down */
function logRequests(app: FastifyInstance, { log, clock }: Gateway): WeakMap<FastifyRequest, number> {
  const numbers = new WeakMap<FastifyRequest, number>();
  app.addHook('onRequest', (request, reply, next) => {
    void reply.header('X-Request-ID', request.id);
    const { url, method, headers, id } = request;
    const route = (request.routeOptions.config as { readonly label?: string }).label ?? null;
    // What the simulator is asked about itself is not what a client has sent to the gateway.
    if (route === null || !route.includes(' /sim/')) {
      const key = headers['idempotency-key'];
      const idempotencyKey = typeof key === 'string' ? key : null;
      const entry = { at: clock.now(), method, url, route, requestId: id, idempotencyKey, body: null };
      numbers.set(request, log.add(entry));
    }
    next();
  });
  app.addHook('preHandler', (request, _reply, next) => {
    const sent = request.body as Sent | undefined;
    if (sent !== undefined) log.amend(numbers.get(request) ?? 0, { body: sent.text });
    next();
  });
  return numbers;
}

function requireKey(app: FastifyInstance, gateway: Gateway): void {
  const { apiKey } = gateway.options;
  if (apiKey === '') return;
  app.addHook('onRequest', (request, reply, next) => {
    const open =
      (request.routeOptions.config as { readonly open?: boolean }).open === true || OPEN_PATHS.test(request.url);
    if (open || request.headers.authorization === `Bearer ${apiKey}`) next();
    else send(gateway, request, reply, unauthorized().answer);
  });
}

const PATHS: readonly RegExp[] = [...GATEWAY_ROUTES, ...SIM_ROUTES].map(
  ({ path }) => new RegExp(`^${path.replace(/<\w+>/, '[^/]+')}$`),
);

function noSuchRoute({ url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = url.split('?')[0]!;
  const [status, page] = PATHS.some((known) => known.test(path)) ? [405, wrongMethodPage] : [404, notFoundPage];
  return reply.code(status).type('text/html; charset=utf-8').send(page);
}

function send(gateway: Gateway, request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, body, headers = {} } = answer;
  void reply.code(status).headers(headers);
  if (typeof body === 'string') return reply.send(body);
  return reply.type('application/json').send(toJson(enveloped(gateway, request, status, body)));
}

function enveloped(gateway: Gateway, request: FastifyRequest, status: number, body: object): object {
  const envelope = { ok: status < 400, request_id: request.id };
  if (!Array.isArray(body)) return { ...body, ...envelope };
  const label = (request.routeOptions.config as { readonly label?: string }).label ?? '';
  return gateway.faults.hit('bare-arrays', label) === undefined ? { data: body as unknown, ...envelope } : body;
}
