/** The real `qkt` as a long-lived process, watched while it runs. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { startQkt } from '../cli/support.ts';
import { poll } from './daemon.ts';

export class QktProcess {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;

  /** Ended with its test, whatever comes. */
  constructor(...args: readonly string[]) {
    this.child = startQkt(args);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => resolve(code ?? signal!));
    });
  }

  /** What the pattern's first group matches on stdout, once it is there. */
  async says(pattern: RegExp, withinMs = 15_000): Promise<string> {
    try {
      return await poll(String(pattern), () => pattern.exec(this.stdout)?.[1], withinMs);
    } catch (error) {
      throw new Error(`stdout: ${this.stdout}\nstderr: ${this.stderr}`, { cause: error });
    }
  }

  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.ended;
  }
}
