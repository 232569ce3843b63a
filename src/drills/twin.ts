/** A paper twin: a daemon in a process, a directory and on ports of its own, that a fault may be done to. */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import { Asker, type Answer } from './ask.ts';
import type { FromTwin, ToTwin } from './protocol.ts';
import { NEIGHBOUR, NEIGHBOUR_SOURCE, TARGET, type Trigger, type TwinVenue } from './strategies.ts';
import { until } from './until.ts';

/** Tests run from `src`; a process needs compiled JavaScript, which is in `dist` then. */
const PROCESS = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/drills/twin-process.js', import.meta.url)
  : new URL('./twin-process.js', import.meta.url);

const START_MS = 60_000;
const TRIGGERED_MS = 15_000;

export interface TwinOptions {
  readonly clock: Clock;
  readonly seed: number;
  /** Ends the twin, whatever is being done with it. */
  readonly signal: AbortSignal;
}

/** Of the strategies' own servers. */
export interface TwinPorts {
  readonly target: number;
  readonly neighbour: number;
}

export class Twin {
  readonly asker = new Asker();
  readonly trigger: Trigger;
  readonly #options: TwinOptions;
  readonly #directory: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #close = (): void => void this.close();
  #controlPort = 0;
  #stderr = '';
  #hasEnded = false;

  private constructor(options: TwinOptions, venue: TwinVenue) {
    options.signal.throwIfAborted();
    this.#options = options;
    this.#directory = mkdtempSync(join(tmpdir(), 'qkt-drill-'));
    this.trigger = { file: join(this.#directory, 'trigger'), instant: join(this.#directory, 'instant') };
    this.#child = fork(PROCESS, [this.#directory, String(options.seed), venue], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr = text.slice(-2_000)));
    this.#exited = new Promise((resolve) => {
      // One that could not be started has an error and no end.
      this.#child.on('error', () => resolve());
      this.#child.once('exit', () => resolve());
    });
    void this.#exited.then(() => (this.#hasEnded = true));
    options.signal.addEventListener('abort', this.#close);
  }

  /** @throws QktError QKT_E_INTERNAL when it does not start. */
  static async start(options: TwinOptions, venue: TwinVenue = 'paper'): Promise<Twin> {
    const twin = new Twin(options, venue);
    try {
      const ready = await twin.#told();
      if (ready.kind === 'failed') throw new QktError('QKT_E_INTERNAL', `the twin did not start: ${ready.message}`);
      if (ready.kind === 'ready') twin.#controlPort = ready.controlPort;
      return twin;
    } catch (error) {
      await twin.close();
      throw error;
    }
  }

  get controlPort(): number {
    return this.#controlPort;
  }

  /** Deploys the target and its neighbour. */
  async deploy(targetSource: string): Promise<TwinPorts> {
    return {
      target: await this.#deploy(TARGET, targetSource),
      neighbour: await this.#deploy(NEIGHBOUR, NEIGHBOUR_SOURCE),
    };
  }

  /** The body of the target's `/status`. */
  async targetStatus(): Promise<string> {
    return this.#read(`/daemon/strategies/${TARGET}/status`);
  }

  /** The neighbour's log, a JSON object a line. */
  async neighbourLog(): Promise<string> {
    return this.#read(`/daemon/strategies/${NEIGHBOUR}/logs?lines=10000&format=json`);
  }

  /** Lifts the halts of the target, and begins anew what they count. */
  async resumeTarget(reason: string): Promise<void> {
    await this.#command(`/daemon/strategies/${TARGET}/resume`, { reason, rebase: 'day' });
  }

  /** Starts the target with code that is itself again. @returns the time just before that */
  async startTarget(): Promise<EpochMs> {
    rmSync(this.trigger.file, { force: true });
    const before = this.#options.clock.now();
    await this.#command(`/daemon/strategies/${TARGET}/start`);
    return before;
  }

  /** @throws QktError QKT_E_INTERNAL when the twin refuses */
  async #command(path: string, body: object = {}): Promise<Answer> {
    const token = readFileSync(join(this.#directory, 'state', 'control.token'), 'utf8').trim();
    const answer = await this.asker.ask({ port: this.#controlPort, path, command: { token, body } });
    if (answer.status < 300) return answer;
    throw new QktError('QKT_E_INTERNAL', `the twin refused ${path}: ${answer.text}`);
  }

  /** Makes a part of it fail, or mends it. @returns the time just before that */
  async inject(message: ToTwin): Promise<EpochMs> {
    const before = this.#options.clock.now();
    const told = this.#told();
    // A process that is gone says so by its end.
    this.#child.send(message, () => {});
    await told;
    return before;
  }

  /** Lets the target do its misdeed. @returns the time at which it did */
  async misbehave(): Promise<EpochMs> {
    const { clock, signal } = this.#options;
    const { file, instant } = this.trigger;
    writeFileSync(file, '');
    const written = (): string => (existsSync(instant) ? readFileSync(instant, 'utf8') : '');
    const done = await until({ clock, signal, withinMs: TRIGGERED_MS }, () => written() !== '');
    if (!done) throw new QktError('QKT_E_INTERNAL', 'the twin did not do what it was told to');
    return Number(written());
  }

  /** Ends its process and removes its directory. Idempotent. */
  async close(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#close);
    this.asker.end();
    this.#child.kill('SIGKILL');
    await this.#exited;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #read(path: string): Promise<string> {
    return (await this.asker.ask({ port: this.#controlPort, path })).text;
  }

  async #deploy(name: string, source: string): Promise<number> {
    const file = join(this.#directory, `${name}.ts`);
    writeFileSync(file, source);
    const { text } = await this.#command('/daemon/strategies', { file, name });
    return (JSON.parse(text) as { readonly port: number }).port;
  }

  /** The next word of its process. @throws QktError QKT_E_INTERNAL when it ends instead, or says nothing in time */
  async #told(): Promise<FromTwin> {
    return new Promise((resolve, reject) => {
      const late = this.#options.clock.at(this.#options.clock.now() + START_MS, () => fail('says nothing'));
      const fail = (what: string): void => {
        late();
        reject(new QktError('QKT_E_INTERNAL', `the twin ${what}: ${this.#stderr}`));
      };
      const ended = (): void => fail('has ended');
      if (this.#hasEnded) return ended();
      this.#child.once('exit', ended);
      this.#child.once('message', (message: FromTwin) => {
        late();
        this.#child.off('exit', ended);
        resolve(message);
      });
    });
  }
}
