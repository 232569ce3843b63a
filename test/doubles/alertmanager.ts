/** A real Alertmanager on loopback, alone, with a store of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { call } from '../http/support.ts';
import { poll } from './daemon.ts';

const PROGRAM = 'prometheus-alertmanager';

/** Whether this machine has Debian's. */
export const hasAlertmanager = spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' }).status === 0;

export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generatorURL: string;
  readonly status: { readonly inhibitedBy: readonly string[] };
}

const NOBODY = 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n';

export class Alertmanager {
  readonly port: number;

  private constructor(port: number) {
    this.port = port;
  }

  /** Ready to be told; ended with its test. @param text its configuration; it tells nobody unless that says so */
  static async start(text = NOBODY): Promise<Alertmanager> {
    const dir = mkdtempSync(join(tmpdir(), 'qkt-alertmanager-'));
    const config = join(dir, 'alertmanager.yml');
    writeFileSync(config, text);
    const port = await freePort();
    const child = spawn(
      PROGRAM,
      [
        `--config.file=${config}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    onTestFinished(async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
      rmSync(dir, { recursive: true, force: true });
    });
    const manager = new Alertmanager(port);
    await poll(
      'Alertmanager to be ready',
      () =>
        call(port, '/-/ready').then(
          ({ status }) => status === 200 || undefined,
          () => undefined,
        ),
      30_000,
    );
    return manager;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What is active now. */
  async active(): Promise<readonly HeldAlert[]> {
    const answer = await call(this.port, '/api/v2/alerts?active=true');
    return answer.json() as unknown as readonly HeldAlert[];
  }

  /** Waits until of these rules exactly what is wanted is active; each as `alertname severity target`. */
  holds(rules: readonly string[], wanted: readonly string[]): Promise<readonly HeldAlert[]> {
    let last: readonly string[] = [];
    return poll(
      `Alertmanager holds ${wanted.join(', ') || 'nothing'}`,
      async () => {
        const alerts = (await this.active()).filter(({ labels }) => rules.includes(labels['alertname']!));
        last = alerts.map(({ labels }) => wordsOf(labels)).toSorted();
        return JSON.stringify(last) === JSON.stringify(wanted.toSorted()) ? alerts : undefined;
      },
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`it holds ${last.join(', ')}`, { cause: error });
    });
  }
}

const wordsOf = ({ alertname, severity, strategy, gateway, account }: HeldAlert['labels']): string =>
  [alertname, severity, strategy ?? gateway ?? account].join(' ');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
