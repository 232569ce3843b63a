/** A Fastify instance with all that our servers have in common: limits, gate, tokens, problems, OpenAPI. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { toJson } from '../domain/json.ts';
import { toProblem } from '../errors.ts';
import { AllowedMethods } from './allowed-methods.ts';
import { authorize, isRead } from './authorize.ts';
import { answerClientError } from './client-errors.ts';
import { setAnswersAside } from './documented-answers.ts';
import { discardBody } from './discard-body.ts';
import type { HttpCounters } from './http-counters.ts';
import { misdirected } from './misdirected.ts';
import { openapiOptions } from './openapi.ts';
import { asRefusal, hiddenFailure, PROBLEM_TYPE, problemHeaders, type HttpFailure } from './problems.ts';
import type { Gate } from './request-gate.ts';
import { BODY_LIMIT, createGatedServer, LIMITS } from './server-options.ts';
import type { TokenStore } from './tokens.ts';
import { compileValidator } from './validation.ts';

export type HttpApp = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

export interface HttpAppOptions {
  readonly title: string;
  readonly version: string;
  readonly gate: Gate;
  readonly tokens: TokenStore;
  readonly readsNeedToken: boolean;
  readonly counters: HttpCounters;
  readonly report: (failure: HttpFailure) => void;
}

/** @param routes registers the routes, after everything that stands before them. */
export function createHttpApp(options: HttpAppOptions, routes: (app: HttpApp) => void): HttpApp {
  const answer = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void =>
    answerProblem(thrown, request, reply, options);
  const app: HttpApp = fastify({
    serverFactory: (handle) => createGatedServer(countedGate(options), handle),
    clientErrorHandler: (error, socket) => {
      const refused = answerClientError(error, socket);
      if (refused !== undefined) options.counters.refused(refused, 'malformed');
    },
    frameworkErrors: answer,
    bodyLimit: BODY_LIMIT,
    // Open streams would keep close() waiting for ever.
    forceCloseConnections: true,
    return503OnClosing: false,
    genReqId: requestIds(),
    // A name that is too long is to be refused as a name.
    routerOptions: { maxParamLength: LIMITS.maxHeaderSize },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setErrorHandler(answer);
  app.setValidatorCompiler(compileValidator);
  app.setReplySerializer((body) => toJson(body));
  setAnswersAside(app);
  takeJsonOnly(app);
  guardRoutes(app, options);
  countRequests(app, options);
  void app.register(swagger, openapiOptions(options.title, options.version));
  void app.register((instance, _options, done) => {
    routes(instance);
    done();
  });
  return app;
}

function countedGate({ gate, counters }: HttpAppOptions): Gate {
  return (request) => {
    const refusal = gate(request);
    if (refusal !== undefined) counters.refused(refusal.code, 'target');
    return refusal;
  };
}

function countRequests(app: HttpApp, { counters, readsNeedToken }: HttpAppOptions): void {
  app.addHook('onRoute', ({ url, method, config }) => {
    const methods = [method].flat();
    const good = (config?.answers ?? []).map(([code]) => code).filter((code) => /^\d{3}$/.test(code));
    counters.route(url, !methods.every(isRead), readsNeedToken, good.length === 0 ? ['200'] : good);
  });
  app.addHook('onResponse', (request, reply, done) => {
    counters.answered(request.routeOptions.url, reply.statusCode);
    done();
  });
}

/** Ids that do not repeat over servers and starts, so that one can be found in a log. */
function requestIds(): () => string {
  const server = randomUUID().slice(0, 8);
  let count = 0;
  return () => `${server}-${++count}`;
}

function takeJsonOnly(app: HttpApp): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {});
    else void parse(request, body as string, done);
  });
}

function guardRoutes(app: HttpApp, { tokens, readsNeedToken }: HttpAppOptions): void {
  const methods = new AllowedMethods();
  app.addHook('onRoute', ({ url, method }) => methods.add(url, method));
  app.decorateRequest('identity', null);
  app.addHook('onRequest', (request, reply, done) => {
    // Commands take an empty body for an empty object.
    if (!isRead(request.method)) request.body = {};
    done(misdirected(request, reply, methods));
  });
  app.addHook('onRequest', authorize({ tokens, readsNeedToken }));
}

function answerProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { report, counters }: HttpAppOptions,
): void {
  let refusal = asRefusal(thrown);
  if (refusal.code === 'QKT_E_INTERNAL') {
    report({ requestId: request.id, method: request.method, path: request.url, error: thrown });
    refusal = hiddenFailure(request.id);
  }
  counters.refused(refusal.code);
  const problem = toProblem(refusal);
  discardBody(request.raw);
  // The framework closes the connection over some bodies; the sender would see a reset, not the answer.
  if (reply.hasHeader('connection')) reply.removeHeader('connection');
  reply
    .code(problem.status)
    .headers(problemHeaders(problem))
    .header('content-type', PROBLEM_TYPE)
    .send(Buffer.from(toJson(problem)));
}
