/** `qkt daemon start --detach`: a daemon of its own session, and the wait until it answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toJson } from '../domain/json.ts';
import { QktError } from '../errors.ts';
import { DaemonClient } from './client.ts';
import { readPort } from './endpoint.ts';
import type { StartOptions } from './daemon-start.ts';
import { stateDirOf } from './options.ts';
import { note, print } from './output.ts';
import { progressWhile } from './progress.ts';

const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 50;
const PROGRAM = fileURLToPath(new URL('../../bin/qkt.js', import.meta.url));

/** @throws QktError QKT_E_TIMEOUT when it does not become healthy in time. A child that ends gives its own exit code. */
export async function startDetached(options: StartOptions): Promise<void> {
  const stateDir = stateDirOf(options);
  const logs = join(stateDir, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const file = join(logs, 'daemon.out');
  const child = launch(stateDir, file);
  const said = statSync(file).size;
  const code = await progressWhile('starting the daemon', answering(child, stateDir));
  if (code !== undefined) {
    note(readFileSync(file).subarray(said).toString('utf8').trimEnd());
    process.exitCode = code;
    return;
  }
  child.unref();
  announce(child.pid!, stateDir, options);
}

function launch(stateDir: string, file: string): ChildProcess {
  const output = openSync(file, 'a', 0o600);
  try {
    // The directory is given as found here, so that the child's own defaults cannot differ.
    const args = process.argv.slice(2).filter((argument) => argument !== '--detach' && argument !== '--json');
    return spawn(process.execPath, [PROGRAM, ...args, '--state-dir', stateDir], {
      detached: true,
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
  }
}

/** Waits for a healthy answer of that very process; gives its exit code when it ends instead. */
async function answering(child: ChildProcess, stateDir: string): Promise<number | undefined> {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? 1;
    if (await isHealthy(stateDir, child.pid)) return undefined;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new QktError('QKT_E_TIMEOUT', `process ${child.pid} runs, but is not healthy after ${PATIENCE_MS / 1000} s`);
}

async function isHealthy(stateDir: string, pid: number | undefined): Promise<boolean> {
  try {
    const { status, text } = await new DaemonClient(stateDir).ask('/daemon/health');
    return status === 200 && (JSON.parse(text) as { pid?: number }).pid === pid;
  } catch {
    return false;
  }
}

function announce(pid: number, stateDir: string, { json }: StartOptions): void {
  const controlPort = readPort(stateDir) ?? null;
  if (json === true) print(toJson({ pid, controlPort, stateDir }));
  else print(`daemon running: process ${pid}, control port ${controlPort}, state in ${stateDir}`);
}
