/** A request and its answer as they are on the wire, whatever carries them: what Flask does around every route. */
import { randomUUID } from 'node:crypto';
import { toJson } from '../domain/json.ts';
import { internalError, invalid, Refused, unauthorized, type Answer } from './answers.ts';
import type { Members } from './fields.ts';
import type { Gateway } from './gateway.ts';
import { notFoundPage, wrongMethodPage } from './pages.ts';
import { CUT, respond } from './respond.ts';
import type { Call } from './route.ts';
import { findRoute, isPath, type FoundRoute } from './find-route.ts';

export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** With names in lower case. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Empty or absent: no body. */
  readonly body?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request on its way. */
interface Asked {
  readonly request: WireRequest;
  readonly id: string;
  readonly path: string;
  readonly found: FoundRoute | undefined;
}

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };
/** Pages of its documentation need no key. */
const OPEN_PATHS = /^\/(apidocs|apispec_|flasgger_static\/)/;

export async function exchange(gateway: Gateway, request: WireRequest): Promise<WireAnswer | typeof CUT> {
  const asked = read(request);
  const { found } = asked;
  // What the simulator is asked about itself is not what a client has sent to the gateway.
  const n = found?.isOwn === true ? undefined : log(gateway, asked);
  const answer = await answered(gateway, asked);
  if (answer === CUT) return CUT;
  if (n !== undefined) gateway.log.amend(n, { status: answer.status });
  return answer;
}

function read(request: WireRequest): Asked {
  const given = request.headers?.['x-request-id'];
  const path = request.url.split('?')[0]!;
  const id = typeof given === 'string' ? given : randomUUID();
  return { request, id, path, found: findRoute(request.method, path) };
}

/** @returns the number under which it was written down */
function log({ log: requests, clock }: Gateway, { request, id, found }: Asked): number {
  const { method, url, body = '' } = request;
  const idempotencyKey = keyOf(request) ?? null;
  const sent = { at: clock.now(), method, url, route: found?.label ?? null, requestId: id };
  return requests.add({ ...sent, idempotencyKey, body: body === '' ? null : body });
}

function keyOf({ headers }: WireRequest): string | undefined {
  const key = headers?.['idempotency-key'];
  return typeof key === 'string' ? key : undefined;
}

async function answered(gateway: Gateway, asked: Asked): Promise<WireAnswer | typeof CUT> {
  if (!mayAsk(gateway, asked)) return written(gateway, asked, unauthorized().answer);
  const { request, path, found } = asked;
  if (found === undefined) {
    const [status, body] = isPath(path) ? [405, wrongMethodPage] : [404, notFoundPage];
    return { status, headers: { ...HTML, 'x-request-id': asked.id }, body };
  }
  const call = (): Call => callOf(request, found);
  const answer = found.isOwn
    ? await plainly(found, call, gateway)
    : await respond(found.route, call, gateway, found.label);
  return answer === CUT ? CUT : written(gateway, asked, answer);
}

function mayAsk({ options: { apiKey } }: Gateway, { request, found, path }: Asked): boolean {
  const open = apiKey === '' || found?.route.open === true || OPEN_PATHS.test(path);
  return open || request.headers?.['authorization'] === `Bearer ${apiKey}`;
}

async function plainly({ route, label }: FoundRoute, call: () => Call, gateway: Gateway): Promise<Answer> {
  try {
    return await route.handle(call(), gateway);
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    return internalError(label, error instanceof Error ? error.message : String(error)).answer;
  }
}

function callOf(request: WireRequest, { route, label, parameter, isOwn }: FoundRoute): Call {
  const cut = request.url.indexOf('?');
  const query = cut < 0 ? {} : Object.fromEntries(new URLSearchParams(request.url.slice(cut)));
  const writes = route.method === 'POST' || route.method === 'PUT';
  const body = writes ? bodyOf(request, label, isOwn) : {};
  return { query, parameter, body, route: label, idempotencyKey: keyOf(request) };
}

const BAD_REQUEST = '400 Bad Request: The browser (or proxy) sent a request that this server could not understand.';
const WRONG_TYPE = "415 Unsupported Media Type: Content-Type was not 'application/json'.";

/** Anything but a JSON object in application/json ends in an exception of the framework; `/sim` takes no body for an empty one. */
function bodyOf({ headers, body = '' }: WireRequest, label: string, isOwn: boolean): Members {
  if (isOwn && body === '') return {};
  const type = headers?.['content-type'];
  if (!isOwn && !/^application\/([\w.-]+\+)?json\b/i.test(typeof type === 'string' ? type : ''))
    throw internalError(label, WRONG_TYPE);
  const members = objectIn(body);
  if (members === undefined)
    throw isOwn ? invalid('the body must be a JSON object') : internalError(label, BAD_REQUEST);
  return members;
}

function objectIn(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value === null || typeof value !== 'object' || Array.isArray(value) ? undefined : (value as Members);
  } catch {
    return undefined;
  }
}

function written(gateway: Gateway, asked: Asked, { status, body, headers = {} }: Answer): WireAnswer {
  const id = { 'x-request-id': asked.id };
  if (typeof body === 'string') return { status, headers: { ...id, ...headers }, body };
  return {
    status,
    headers: { ...id, ...JSON_TYPE, ...headers },
    body: toJson(enveloped(gateway, asked, status, body)),
  };
}

function enveloped(gateway: Gateway, { id, found }: Asked, status: number, body: object): object {
  const envelope = { ok: status < 400, request_id: id };
  if (!Array.isArray(body)) return { ...body, ...envelope };
  const bare = gateway.faults.hit('bare-arrays', found?.label ?? '') !== undefined;
  return bare ? body : { data: body as unknown, ...envelope };
}
