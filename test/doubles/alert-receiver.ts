/** Somebody who is told over HTTP: takes what comes, or fails in the way that a test wants. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What one request was. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a request; the default is 200 at once. */
export type Conduct = (request: Received, response: ServerResponse) => void;

const takes: Conduct = (_request, response) => response.writeHead(200).end('ok');

export class AlertReceiver {
  /** Everything that came, answered or not. */
  readonly received: Received[] = [];
  /** Those that were answered 200. */
  readonly taken: Received[] = [];
  conduct: Conduct = takes;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const received = { method, path: url, headers, body };
        this.received.push(received);
        response.on('finish', () => {
          if (response.statusCode === 200) this.taken.push(received);
        });
        this.conduct(received, response);
      });
    });
  }

  /** Ends with its test. */
  static async open(): Promise<AlertReceiver> {
    const receiver = new AlertReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => receiver.close());
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The bodies of what was taken. */
  get messages(): readonly Record<string, unknown>[] {
    return this.taken.filter(({ body }) => body !== '').map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
