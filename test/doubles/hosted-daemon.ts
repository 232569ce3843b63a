/** A real daemon as a process, on a state directory and a configuration file of its own, through its whole life. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readOwnerToken } from '../../src/http/owner-token.ts';
import { qkt, startQkt, type Run } from '../cli/support.ts';
import { call, type Answer } from '../http/support.ts';
import { poll, scratchDir } from './daemon.ts';

/** Loaded before a daemon: what a test wants to go wrong in its main thread goes wrong at SIGUSR2. */
const FAULTS: Readonly<Record<string, string>> = {
  exception: "setTimeout(() => { throw new Error('injected exception'); });",
  rejection: "void Promise.reject(new Error('injected rejection'));",
  twice: "for (const n of [1, 2]) setTimeout(() => { throw new Error('injected exception ' + n); });",
};

/** Ports for strategies, a range of this process's own. */
const FIRST_PORT = 29_000 + (process.pid % 40) * 20;

interface StartOptions {
  /** What SIGUSR2 does. */
  readonly fault?: 'exception' | 'rejection' | 'twice';
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
}

export class HostedDaemon {
  readonly dir = scratchDir();
  readonly state = join(this.dir, 'state');
  readonly config = join(this.dir, 'qkt.config.yaml');
  port = 0;
  pid = 0;
  stdout = '';
  stderr = '';
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals> = Promise.resolve(0);

  /** Ended and removed with its test. */
  constructor(config = '') {
    this.configure(config);
    onTestFinished(() => rmSync(this.dir, { recursive: true, force: true }));
  }

  /** Lines of the configuration beyond its ports. */
  configure(lines: string): void {
    const ports = `http: { controlPort: 0, portPool: ${FIRST_PORT}-${FIRST_PORT + 19} }\n`;
    writeFileSync(this.config, `${ports}${lines}\n`);
  }

  write(name: string, text: string): string {
    writeFileSync(join(this.dir, name), text);
    return join(this.dir, name);
  }

  /** Begins a start and does not wait for it. */
  launch({ fault, env = {}, args = [] }: StartOptions = {}): void {
    const injected = fault === undefined ? '' : `process.on('SIGUSR2', () => { ${FAULTS[fault]} });`;
    const hook = this.write('hook.mjs', injected);
    const child = startQkt(['daemon', 'start', '--config', this.config, '--state-dir', this.state, ...args], {
      env: { NODE_OPTIONS: `--import ${hook}`, ...env },
    });
    this.pid = child.pid!;
    this.stdout = '';
    this.stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => resolve(code ?? signal!));
    });
  }

  /** Starts, and waits until it runs. */
  async start(options: StartOptions = {}): Promise<void> {
    this.launch(options);
    const port = await poll(
      'the daemon runs',
      () => {
        if (!this.stdout.includes('daemon running') && this.stderr.includes('qkt:')) throw new Error(this.stderr);
        return /control port (\d+)/.exec(this.stdout)?.[1];
      },
      20_000,
    );
    this.port = Number(port);
  }

  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    process.kill(this.pid, signal);
    return this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** The log of the daemon, once it has what is looked for. */
  logged(pattern: RegExp, name = 'daemon'): Promise<string> {
    const file = join(this.state, 'logs', `${name}.log`);
    return poll(`${name}.log has ${pattern}`, () => {
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return pattern.test(text) ? text : undefined;
    });
  }

  get(path: string): Promise<Answer> {
    return call(this.port, path);
  }

  post(path: string, body: object = {}): Promise<Answer> {
    return call(this.port, path, { method: 'POST', body, token: readOwnerToken(this.state) });
  }

  async deploy(file: string): Promise<void> {
    const answer = await this.post('/daemon/strategies', { file });
    if (answer.status !== 201) throw new Error(answer.text);
  }

  qkt(...args: readonly string[]): Promise<Run> {
    return qkt([...args, '--state-dir', this.state]);
  }

  record(): unknown {
    return JSON.parse(readFileSync(join(this.state, 'run.json'), 'utf8'));
  }
}
