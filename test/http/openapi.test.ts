import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { haltedStatus } from '../doubles/halted-status.ts';
import { MemoryJournal } from '../doubles/memory-journal.ts';
import { call, serveControl, serveStrategy } from './support.ts';

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Record<string, Record<string, RouteDocument>>;
}
interface RouteDocument {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly security?: unknown;
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>;
}

describe('/openapi.json', () => {
  it("of a strategy's server describes its routes with their parameters", async () => {
    const { port } = await serveStrategy();
    const document = (await call(port, '/openapi.json')).json() as unknown as Document;
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info.version).toBe('0.1.0');
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/equity',
      '/events',
      '/events/consumers',
      '/events/consumers/{consumer}',
      '/events/consumers/{consumer}/ack',
      '/events/schema',
      '/halt',
      '/health',
      '/health/ready',
      '/logs',
      '/machine',
      '/metrics',
      '/openapi.json',
      '/operations/{id}',
      '/past',
      '/resume',
      '/risk',
      '/status',
      '/stop',
      '/why',
    ]);
    const names = document.paths['/events']!.get!.parameters!.map(({ name }) => name);
    expect(names).toEqual(['since', 'types', 'symbol', 'consumer', 'limit', 'wait', 'follow', 'format']);
    expect(document.paths['/stop']!.post!.security).toEqual([{ token: [] }]);
  });

  it('of the control plane describes its routes', async () => {
    const { port } = await serveControl({ journal: new MemoryJournal() });
    const { paths } = (await call(port, '/openapi.json')).json() as unknown as Document;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes).toEqual(
      expect.arrayContaining([
        'GET /daemon/health',
        'GET /daemon/list',
        'GET /daemon/gateways',
        'GET /daemon/events',
        'GET /daemon/operations/{id}',
        'GET /daemon/strategies/{name}/status',
        'POST /daemon/strategies/{name}/stop',
        'POST /daemon/strategies/{name}/start',
        'POST /daemon/strategies/{name}/restart',
        'POST /daemon/strategies',
        'DELETE /daemon/strategies/{name}',
        'POST /daemon/strategies/{name}/halt',
        'POST /daemon/strategies/{name}/resume',
        'POST /daemon/halt',
        'POST /daemon/resume',
        'POST /daemon/kill',
        'GET /daemon/journal',
        'GET /daemon/journal/verify',
        'GET /daemon/strategies/{name}/export',
        'POST /daemon/backup',
        'POST /daemon/shutdown',
      ]),
    );
  });

  it.each(['/health', '/health/ready', '/status', '/risk', '/machine', '/equity', '/past'])(
    'describes what %s really answers',
    async (path) => {
      const { port } = await serveStrategy();
      await expectDescribed(port, path);
    },
  );

  it.each(['/daemon/health', '/daemon/list', '/daemon/gateways', '/daemon/journal', '/daemon/journal/verify'])(
    'describes what %s really answers',
    async (path) => {
      const { port } = await serveControl({ journal: new MemoryJournal() });
      await expectDescribed(port, path);
    },
  );

  it('describes every member of a halted status', async () => {
    const { port, strategy } = await serveStrategy();
    strategy.statusView = haltedStatus();
    await expectDescribed(port, '/status');
  });
});

/** Every member of the answer is in the document, and has the type that it says. */
async function expectDescribed(port: number, path: string): Promise<void> {
  const document = (await call(port, '/openapi.json')).json() as unknown as Document;
  const schema = document.paths[path]!.get!.responses['200']!.content['application/json']!.schema;
  const validate = new Ajv({ strict: false }).compile(closeObjects(schema) as object);
  const body = (await call(port, path)).json();
  expect([validate(body), validate.errors]).toEqual([true, null]);
}

function closeObjects(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closeObjects);
  if (typeof schema !== 'object' || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closeObjects(value)]));
  return 'properties' in closed ? { ...closed, additionalProperties: false } : closed;
}
