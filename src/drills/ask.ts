/** One HTTP exchange with a twin. */
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface Question {
  readonly port: number;
  readonly path: string;
  /** Asked so often that the connection is kept. One that lies idle may be closed by the server as it is used again. */
  readonly often?: boolean;
  /** A command, with the owner's token. */
  readonly command?: { readonly token: string; readonly body: object };
}

/** Silence for longer than this is no answer to a question; a command may take its time. */
const QUESTION_MS = 5_000;
const COMMAND_MS = 30_000;

/** Connections to one twin; `end` closes them. */
export class Asker {
  readonly #agent = new Agent({ keepAlive: true });

  /** @throws the system's error when there is no answer. */
  ask({ port, path, often, command }: Question): Promise<Answer> {
    const body = command === undefined ? undefined : JSON.stringify(command.body);
    const timeout = command === undefined ? QUESTION_MS : COMMAND_MS;
    const headers =
      command === undefined || body === undefined
        ? {}
        : {
            authorization: `Bearer ${command.token}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          };
    return new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const agent = often === true ? this.#agent : false;
      const options = { agent, host: '127.0.0.1', port, path, method, headers, timeout };
      const outgoing = request(options, (message) => {
        let text = '';
        message.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        message.on('end', () => resolve({ status: message.statusCode ?? 0, text }));
        message.on('error', reject);
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeout} ms`)));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  end(): void {
    this.#agent.destroy();
  }
}
