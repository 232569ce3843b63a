/** An SMTP server that takes messages, or fails as a test wants. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export class SmtpServer {
  readonly messages: string[] = [];
  /** Answered instead of `250` to the end of a message: `451 try later`, say; `hang` never answers. */
  verdict = '250 taken';
  /** Lines of the dialogue that came in. */
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Ends with its test. */
  static async open(): Promise<SmtpServer> {
    const smtp = new SmtpServer();
    await new Promise<void>((resolve) => smtp.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of smtp.#sockets) socket.destroy();
      smtp.#server.close();
    });
    return smtp;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    say('220 test');
    let data: string[] | undefined;
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (data !== undefined) {
          if (line !== '.') data.push(line);
          else {
            if (this.verdict.startsWith('250')) this.messages.push(data.join('\n'));
            data = undefined;
            if (this.verdict !== 'hang') say(this.verdict);
          }
          continue;
        }
        this.heard.push(line);
        const word = line.slice(0, 4).toUpperCase();
        if (word === 'EHLO') say('250-test\r\n250 AUTH PLAIN');
        else if (word === 'AUTH') say('235 welcome');
        else if (word === 'DATA') {
          data = [];
          say('354 go on');
        } else if (word === 'QUIT') socket.end('221 bye\r\n');
        else say('250 ok');
      }
    });
  }
}
