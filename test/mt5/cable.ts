/** A cable between a daemon and its gateway, on real sockets, that can be cut. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

const LOOPBACK = '127.0.0.1';

export class Cable {
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #port = 0;

  private constructor(to: number) {
    this.#to = to;
    this.#server = this.#newServer();
  }

  /** @param to the gateway's port */
  static async lay(to: number): Promise<Cable> {
    const cable = new Cable(to);
    await cable.mend();
    return cable;
  }

  /** What the daemon is told. */
  get port(): number {
    return this.#port;
  }

  /** Connections break, and new ones are refused. */
  async cut(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.#server = this.#newServer();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, LOOPBACK, resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #newServer(): Server {
    return createServer((near) => {
      const far = connect(this.#to, LOOPBACK);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
  }
}
