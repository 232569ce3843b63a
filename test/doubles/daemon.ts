/** A whole daemon in this process: real sockets, real threads, free ports, a state directory of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VenueDependencies } from '../../src/actors/venue.ts';
import { createApp, type App } from '../../src/app.ts';
import type { Clock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { RawConfig } from '../../src/config/schema.ts';
import { toJson } from '../../src/domain/json.ts';
import { readOwnerToken } from '../../src/http/owner-token.ts';
import type { Disk } from '../../src/store/disk.ts';
import { call, type Answer, type Call } from '../http/support.ts';

export interface DaemonOptions {
  /** Over the defaults: what a configuration file would say. */
  readonly config?: RawConfig;
  /** Begins from nothing and leaves nothing, as a bounded run does. */
  readonly keepsNothing?: boolean;
  readonly isolation?: 'worker' | 'inline';
  /** Stand in for the machine's. */
  readonly clock?: Clock;
  readonly disk?: Disk;
  readonly openReplay?: VenueDependencies['openReplay'];
  readonly openTransport?: VenueDependencies['openTransport'];
  /** How many times shorter all times of the alert table are. */
  readonly alertsFaster?: number;
  /** Written before it starts, by name; the configuration finds them by these names. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A directory of the caller's to live in; else one that is removed at the end. */
  readonly dir?: string;
  /** Ports for strategies; else a range of this process's own below those that the system hands out. */
  readonly portPool?: string;
}

export interface DeployOptions {
  readonly name?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly replace?: boolean;
}

/** A directory under the system's own for temporary files. The caller removes it. */
export const scratchDir = (): string => mkdtempSync(join(tmpdir(), 'qkt-acceptance-'));

/** Several test processes side by side have ranges of their own; a port that is taken all the same is skipped. */
const FIRST_PORT = 21_000 + (process.pid % 40) * 200;
const PORTS = `${FIRST_PORT}-${FIRST_PORT + 199}`;

export class TestDaemon {
  readonly app: App;
  /** Holds the state directory and the files of {@link write}. */
  readonly dir: string;
  /** Of the control plane. */
  readonly port: number;
  /** The owner's. */
  readonly token: string;
  readonly #ownsDir: boolean;

  private constructor(app: App, dir: string, ownsDir: boolean) {
    this.#ownsDir = ownsDir;
    this.app = app;
    this.dir = dir;
    this.port = Number(new URL(app.controlUrl).port);
    this.token = readOwnerToken(app.stateDir);
  }

  /** Started; its markets are closed until {@link openMarkets}. */
  static async boot(options: DaemonOptions = {}): Promise<TestDaemon> {
    const {
      config = {},
      isolation,
      clock,
      disk,
      openReplay,
      openTransport,
      alertsFaster,
      keepsNothing = false,
      files = {},
      portPool = PORTS,
    } = options;
    const dir = options.dir ?? scratchDir();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    const { config: effective } = await loadConfig({
      env: {},
      cwd: dir,
      flags: { ...config, http: { ...config.http, controlPort: 0, portPool } },
    });
    const app = createApp({
      config: effective,
      stateDir: join(dir, 'state'),
      keepsNothing,
      ...(isolation !== undefined && { isolation }),
      ...(clock !== undefined && { clock }),
      ...(disk !== undefined && { disk }),
      ...(openReplay !== undefined && { openReplay }),
      ...(openTransport !== undefined && { openTransport }),
      ...(alertsFaster !== undefined && { alertsFaster }),
    });
    await app.start();
    return new TestDaemon(app, dir, options.dir === undefined);
  }

  openMarkets(): void {
    this.app.openMarkets();
  }

  /** Writes a file into the daemon's directory and gives its path. */
  write(name: string, text: string | Uint8Array): string {
    const path = join(this.dir, name);
    writeFileSync(path, text);
    return path;
  }

  /** Asks the control plane. */
  get(path: string, options: Call = {}): Promise<Answer> {
    return call(this.port, path, options);
  }

  /** Commands the control plane, with the owner's token. */
  post(path: string, body: object = {}, options: Call = {}): Promise<Answer> {
    return call(this.port, path, { method: 'POST', body, token: this.token, ...options });
  }

  /** Deploys through HTTP; the answer may be a refusal. */
  deploy(file: string, options: DeployOptions = {}): Promise<Answer> {
    return this.post('/daemon/strategies', { file, ...options });
  }

  /** Deploys and gives the strategy's port. @throws when it is refused. */
  async deployed(file: string, options: DeployOptions = {}): Promise<number> {
    const answer = await this.deploy(file, options);
    if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
    return answer.json()['port'] as number;
  }

  /** Removes a strategy through HTTP; the answer may be a refusal. */
  remove(name: string): Promise<Answer> {
    return call(this.port, `/daemon/strategies/${name}`, { method: 'DELETE', token: this.token });
  }

  /** The summary of a bounded run, as `qkt run --once --json` prints it. */
  summary(name: string): string {
    return toJson(this.app.summary(name));
  }

  async close(): Promise<void> {
    try {
      await this.app.stop();
    } finally {
      if (this.#ownsDir) rmSync(this.dir, { recursive: true, force: true });
    }
  }
}

/** Looks again and again until it gives something. @throws what is awaited when it takes longer. */
export async function poll<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  withinMs = 5000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
