/** Servers over doubles on real sockets, and clients that send what ordinary ones would not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WallClock, type Clock } from '../../src/clock.ts';
import type { AlertPort } from '../../src/domain/alerts.ts';
import type { JournalPort } from '../../src/domain/ports.ts';
import { listenControl, type Control } from '../../src/http/control-server.ts';
import type { HttpOptions } from '../../src/http/http-server.ts';
import { OperationRegistry } from '../../src/http/operations.ts';
import { HttpCounters } from '../../src/http/http-counters.ts';
import { ReaderShare } from '../../src/http/reader-share.ts';
import { readOwnerToken } from '../../src/http/owner-token.ts';
import type { HttpFailure } from '../../src/http/problems.ts';
import { createStrategyServer } from '../../src/http/strategy-server.ts';
import { TokenStore } from '../../src/http/tokens.ts';
import { ScriptedDaemon } from '../doubles/daemon-port.ts';
import { ScriptedStrategy } from '../doubles/strategy-port.ts';

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'qkt-http-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export interface Served {
  readonly port: number;
  readonly stateDir: string;
  readonly tokens: TokenStore;
  /** The owner's. */
  readonly token: string;
  readonly failures: HttpFailure[];
  readonly counters: HttpCounters;
  readonly close: () => Promise<void>;
}

interface ServeOptions extends Partial<HttpOptions> {
  readonly stateDir?: string;
}

function baseOptions(given: ServeOptions) {
  const stateDir = given.stateDir ?? temporaryDir();
  const clock: Clock = given.clock ?? new WallClock();
  const tokens = new TokenStore(stateDir, clock);
  const failures: HttpFailure[] = [];
  const options = {
    clock,
    tokens,
    version: '0.1.0',
    bind: '127.0.0.1',
    expose: false,
    allowedHosts: [],
    share: new ReaderShare(clock),
    historyShare: new ReaderShare(clock),
    counters: new HttpCounters(),
    report: (failure: HttpFailure) => void failures.push(failure),
    operations: new OperationRegistry(clock),
    ...given,
  };
  return { options, stateDir, tokens, failures, counters: options.counters, token: readOwnerToken(stateDir) };
}

export async function serveStrategy(
  given: ServeOptions & { readonly strategy?: ScriptedStrategy } = {},
): Promise<Served & { readonly strategy: ScriptedStrategy }> {
  const { options, ...rest } = baseOptions(given);
  const strategy = given.strategy ?? new ScriptedStrategy();
  const server = createStrategyServer({ ...options, strategy });
  const port = await server.listen({ port: 0 });
  onTestFinished(() => server.close());
  return { ...rest, strategy, port, close: () => server.close() };
}

export async function serveControl(
  given: ServeOptions & {
    readonly daemon?: ScriptedDaemon;
    readonly journal?: JournalPort;
    readonly alerts?: AlertPort;
  } = {},
): Promise<Served & Omit<Control, 'close'> & { readonly daemon: ScriptedDaemon }> {
  const { options, ...rest } = baseOptions(given);
  const daemon = given.daemon ?? new ScriptedDaemon('ema-cross');
  const control = await listenControl({ ...options, daemon, port: 0, stateDir: rest.stateDir });
  onTestFinished(() => control.close());
  return { ...rest, ...control, daemon, close: () => control.close() };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The body as a JSON object. */
  json(): Record<string, unknown>;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
  readonly token?: string;
  readonly socketPath?: string;
}

/** One request over its own connection. */
export async function call(port: number, path: string, options: Call = {}): Promise<Answer> {
  const response = await open(port, path, options);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const text = body.toString('utf8');
  return {
    status: response.statusCode!,
    headers: response.headers,
    body,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

/** The answer once its headers are there; the body is the caller's to read. */
export function open(port: number, path: string, options: Call = {}): Promise<IncomingMessage> {
  const { method = 'GET', body, token, socketPath } = options;
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const headers: Record<string, string | string[]> = {};
  if (payload !== undefined) headers['content-type'] = 'application/json';
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = value as string;
  return new Promise((resolve, reject) => {
    const where = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath };
    const outgoing = request({ ...where, path, method, headers, agent: false }, resolve);
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

/** Reads lines from an open answer as they come. */
export class LineReader {
  readonly response: IncomingMessage;
  readonly lines: string[] = [];
  ended = false;
  #rest = '';
  #changed: () => void = () => undefined;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      const parts = (this.#rest + text).split('\n');
      this.#rest = parts.pop()!;
      this.lines.push(...parts);
      this.#changed();
    });
    for (const event of ['end', 'close', 'error']) {
      response.on(event, () => {
        this.ended = true;
        this.#changed();
      });
    }
  }

  /** Waits until that holds; every change is looked at. */
  async until(holds: (reader: LineReader) => boolean): Promise<void> {
    while (!holds(this)) {
      if (this.ended) throw new Error(`the stream ended after ${JSON.stringify(this.lines.slice(-3))}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  async end(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  close(): void {
    this.response.destroy();
  }
}

/** A raw connection that gathers what comes back. */
export class RawConnection {
  readonly socket: Socket;
  received = '';
  closed = false;
  #changed: () => void = () => undefined;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.#changed();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.closed = true;
      this.#changed();
    });
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  async until(holds: (connection: RawConnection) => boolean): Promise<this> {
    while (!holds(this) && !this.closed) await new Promise<void>((resolve) => (this.#changed = resolve));
    return this;
  }

  /** Status of the first answer, once its headers are there; 0 when the connection closed without one. */
  async status(): Promise<number> {
    await this.until(({ received }) => received.includes('\r\n\r\n'));
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.received)?.[1] ?? 0);
  }
}

/** Sends raw bytes and tells the status of the answer. */
export async function rawStatus(port: number, text: string): Promise<number> {
  const connection = new RawConnection(port).send(text);
  const status = await connection.status();
  connection.socket.destroy();
  return status;
}

/** Waits, with a deadline, for something that the other side does in its own time. */
export async function eventually(holds: () => boolean, withinMs = 5000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
