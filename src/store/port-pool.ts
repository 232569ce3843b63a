/** The ports that strategies are given: the lowest free one, the same one again after a redeploy. */
import { QktError } from '../errors.ts';

/** Tries to listen; false when the port is held by another program. */
export type TryListen = (port: number) => Promise<boolean>;

export class PortPool {
  readonly #from: number;
  readonly #to: number;
  /** Given away, or being tried for somebody. */
  readonly #taken = new Set<number>();

  /** Both ends included. */
  constructor(range: { readonly from: number; readonly to: number }) {
    this.#from = range.from;
    this.#to = range.to;
  }

  /**
   * Claims a port and listens on it: `preferred` if the pool has it free, else the lowest that can be had.
   * A port is reserved while it is tried, so claims at the same time never meet on one.
   * @throws QktError QKT_E_PORT_POOL_EMPTY; whatever `tryListen` throws, with nothing claimed.
   */
  async claim(preferred: number | undefined, tryListen: TryListen): Promise<number> {
    if (preferred !== undefined && this.#holds(preferred) && (await this.#try(preferred, tryListen))) return preferred;
    for (let port = this.#from; port <= this.#to; port++) if (await this.#try(port, tryListen)) return port;
    throw new QktError('QKT_E_PORT_POOL_EMPTY', `all ports from ${this.#from} to ${this.#to} are in use`);
  }

  /** Gives a port back once nothing listens on it any more. */
  release(port: number): void {
    this.#taken.delete(port);
  }

  #holds(port: number): boolean {
    return port >= this.#from && port <= this.#to;
  }

  async #try(port: number, tryListen: TryListen): Promise<boolean> {
    if (this.#taken.has(port)) return false;
    this.#taken.add(port);
    let listening = false;
    try {
      listening = await tryListen(port);
      return listening;
    } finally {
      if (!listening) this.#taken.delete(port);
    }
  }
}
