/** Runs the real `qkt` as a process of its own, as a user does. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const QKT = fileURLToPath(new URL('../../bin/qkt.js', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** A program that is ended with its test, whatever comes. */
export function startQkt(args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
  const { env = {}, cwd = tmpdir() } = options;
  const child = spawn(process.execPath, [QKT, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs to the end. The child knows nothing of this machine's configuration or daemons. */
export async function qkt(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = startQkt(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end();
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

export function temporaryDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'qkt-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A daemon whose answers are written out, on the socket of a state directory. */
export async function scripted(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const stateDir = temporaryDir();
  writeFileSync(join(stateDir, 'control.token'), 'a'.repeat(64), { mode: 0o600 });
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(join(stateDir, 'control.sock'), resolve));
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  return stateDir;
}
