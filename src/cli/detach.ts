/** `qkt daemon start --detach`: a daemon of its own session, and the wait until it answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toJson } from '../domain/json.ts';
import { QktError } from '../errors.ts';
import { DaemonClient } from './client.ts';
import { RUNNING, type StartOptions } from './daemon-start.ts';
import { readPort } from './endpoint.ts';
import { DONE, REFUSED } from './exit.ts';
import { stateDirOf } from './options.ts';
import { note, print } from './output.ts';
import { progressWhile } from './progress.ts';

const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 50;
/** Of what a daemon said before it ended: its reason is in the last of them. */
const LAST_LINES = 20;
const PROGRAM = fileURLToPath(new URL('../../bin/qkt.js', import.meta.url));

/** @throws QktError QKT_E_TIMEOUT when it does not become healthy in time. A child that ends gives its own exit code. */
export async function startDetached(options: StartOptions): Promise<void> {
  const stateDir = stateDirOf(options);
  const file = outputFile(stateDir);
  const before = statSync(file).size;
  const child = launch(stateDir, file);
  const said = (): string => readFileSync(file).subarray(before).toString('utf8');
  const code = await progressWhile('starting the daemon', readiness(child, stateDir, said, file)).finally(() =>
    child.unref(),
  );
  process.exitCode = code;
  const lines = said().trimEnd().split('\n');
  if (code === DONE) tellRunning(lines, child.pid!, stateDir, options);
  else tellEnded(lines, child, file);
}

/** Where it writes what it would write to a terminal. @throws QktError QKT_E_STATE_DIR, QKT_E_DISK_FULL */
function outputFile(stateDir: string): string {
  const logs = join(stateDir, 'logs');
  try {
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    const file = join(logs, 'daemon.out');
    // On a disk that takes not even this the daemon could not say why it ends.
    appendFileSync(file, `-- ${new Date().toISOString()}\n`, { mode: 0o600 });
    return file;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    throw new QktError(isFull ? 'QKT_E_DISK_FULL' : 'QKT_E_STATE_DIR', `${stateDir} cannot be used: ${message}`, {
      cause: error,
    });
  }
}

/** In a session of its own, so that a terminal that closes takes nothing along. */
function launch(stateDir: string, file: string): ChildProcess {
  const output = openSync(file, 'a', 0o600);
  try {
    // The directory is given as found here, so that the child's own defaults cannot differ.
    const args = process.argv.slice(2).filter((argument) => argument !== '--detach' && argument !== '--json');
    return spawn(process.execPath, [PROGRAM, ...args, '--state-dir', stateDir], {
      detached: true,
      stdio: ['ignore', output, output],
      env: withoutServiceManager(process.env),
    });
  } finally {
    closeSync(output);
  }
}

/** A service manager that waits for us does not know the child. */
function withoutServiceManager(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NOTIFY_SOCKET: _socket, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, ...others } = env;
  return others;
}

/** Waits until that very process is healthy and has deployed what it was told to; its exit code when it ends instead. */
async function readiness(child: ChildProcess, stateDir: string, said: () => string, file: string): Promise<number> {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? REFUSED;
    if (said().includes(RUNNING) && (await isHealthy(stateDir, child.pid))) return DONE;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new QktError(
    'QKT_E_TIMEOUT',
    `process ${child.pid} runs, but is not healthy after ${PATIENCE_MS / 1000} s; what it said is in ${file}`,
  );
}

async function isHealthy(stateDir: string, pid: number | undefined): Promise<boolean> {
  try {
    const { status, text } = await new DaemonClient(stateDir).ask('/daemon/health');
    return status === 200 && (JSON.parse(text) as { pid?: number }).pid === pid;
  } catch {
    return false;
  }
}

/** Passes on what the child said: what it deployed is data, the rest is not. */
function tellRunning(lines: readonly string[], pid: number, stateDir: string, { json }: StartOptions): void {
  const started = lines.findIndex((line) => line.startsWith(RUNNING));
  for (const line of lines.slice(0, started)) note(line);
  const controlPort = readPort(stateDir) ?? null;
  const url = controlPort === null ? null : `http://127.0.0.1:${controlPort}`;
  if (json === true) {
    print(toJson({ pid, controlPort, url, stateDir }));
    return;
  }
  for (const line of lines.slice(started)) print(line);
  if (url !== null) note(`it answers at ${url}/daemon/health`);
  note(`to stop it: qkt daemon stop --state-dir ${stateDir}`);
}

function tellEnded(lines: readonly string[], { pid, exitCode, signalCode }: ChildProcess, file: string): void {
  for (const line of lines.slice(-LAST_LINES)) note(line);
  const how = signalCode === null ? `exit code ${exitCode}` : signalCode;
  note(`the daemon did not start: process ${pid} ended with ${how}; what it said is in ${file}`);
}
