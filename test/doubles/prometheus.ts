/** A real Prometheus on loopback, with a configuration and a store of its own. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { call } from '../http/support.ts';
import { poll } from './daemon.ts';

/** Whether this machine has Debian's `prometheus` and `promtool`. */
export const hasPrometheus = ['prometheus', 'promtool'].every(
  (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0,
);

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** What `promtool check metrics` says; empty when it has nothing to say. */
export function checkMetrics(text: string): string {
  const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return stdout + stderr;
}

export class Prometheus {
  readonly port: number;
  readonly #process: ChildProcess;
  #log = '';

  private constructor(port: number, process: ChildProcess) {
    this.port = port;
    this.#process = process;
    process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
  }

  /** Ready to be asked; ended with its test. @param config as `promtool check config` takes it */
  static async start(config: string): Promise<Prometheus> {
    const dir = mkdtempSync(join(tmpdir(), 'qkt-prometheus-'));
    const file = join(dir, 'prometheus.yml');
    writeFileSync(file, config);
    execFileSync('promtool', ['check', 'config', file]);
    const port = await freePort();
    const child = spawn(
      'prometheus',
      [`--config.file=${file}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const prometheus = new Prometheus(port, child);
    onTestFinished(async () => {
      await prometheus.#end();
      rmSync(dir, { recursive: true, force: true });
    });
    await poll(
      'Prometheus to be ready',
      () =>
        call(port, '/-/ready').then(
          ({ status }) => status === 200 || undefined,
          () => {
            if (child.exitCode !== null) throw new Error(prometheus.#log);
            return undefined;
          },
        ),
      30_000,
    );
    return prometheus;
  }

  /** The instant vector of an expression. */
  async query(expression: string): Promise<readonly Series[]> {
    const answer = await call(this.port, `/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { status, data } = answer.json() as { status: string; data: { result: Series[] } };
    if (status !== 'success') throw new Error(answer.text);
    return data.result;
  }

  /** Values by a label, once there are so many of them. */
  async values(expression: string, label: string, atLeast = 1): Promise<Readonly<Record<string, number>>> {
    const found = await poll(
      `${atLeast} of ${expression}`,
      async () => {
        const series = await this.query(expression);
        return series.length >= atLeast ? series : undefined;
      },
      30_000,
    );
    return Object.fromEntries(found.map(({ metric, value }) => [metric[label], Number(value[1])]));
  }

  async #end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** Prometheus does not say which port it took for 0. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
