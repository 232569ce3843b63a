/** The MT5 gateway of a twin: killed without notice, and there again on its port with the account that it had. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { QktError } from '../errors.ts';

const PROCESS = new URL('./gateway-process.js', import.meta.url);

export class TwinGateway {
  readonly #stateFile: string;
  readonly #seed: string;
  #port = 0;
  #process: ChildProcess | undefined;

  constructor(directory: string, seed: string) {
    this.#stateFile = join(directory, 'gateway', 'account.ndjson');
    this.#seed = seed;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Settles once it listens. @throws QktError QKT_E_INTERNAL when it ends instead */
  async start(): Promise<void> {
    const child = (this.#process = fork(PROCESS, [String(this.#port), this.#seed, this.#stateFile], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    }));
    this.#port = await new Promise<number>((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new QktError('QKT_E_INTERNAL', "the twin's gateway has ended")));
    });
  }

  /** Settles once it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}
