/** `qkt daemon start`: the daemon in this process, or a detached one of its own. */
import type { RawConfig } from '../config/schema.ts';
import { toJson } from '../domain/json.ts';
import { deployDirectory, type Deployed } from './deploy-directory.ts';
import { configOf, withApp } from './host.ts';
import { flagsOf, type HostOptions } from './host-options.ts';
import { print } from './output.ts';

/** Begins the line that says so on stdout. */
export const RUNNING = 'daemon running';

export interface StartOptions extends HostOptions {
  readonly detach?: boolean;
  readonly loadDir?: string;
  /** Configuration above the file, for a program that hosts a daemon. */
  readonly above?: RawConfig;
}

/** What a daemon says of itself once it runs. */
export interface Running {
  readonly pid: number;
  readonly controlPort: number;
  readonly stateDir: string;
  readonly strategies: readonly Deployed[];
}

/** Runs until it is told to end. `announce` is called once everything is deployed and the markets are open. */
export async function startDaemon(
  options: StartOptions,
  announce: (running: Running) => void = (running) => print(described(running, options)),
): Promise<void> {
  if (options.detach === true) {
    const { startDetached } = await import('./detach.ts');
    await startDetached(options);
    return;
  }
  const configured = await configOf(options, { ...options.above, ...flagsOf(options) });
  await withApp(configured, options, async (app, hosted) => {
    const strategies = options.loadDir === undefined ? [] : await deployDirectory(app.daemon, options.loadDir);
    app.openMarkets();
    const controlPort = Number(new URL(app.controlUrl).port);
    announce({ pid: process.pid, controlPort, stateDir: app.stateDir, strategies });
    hosted.ready();
    await app.ended;
  });
}

function described(running: Running, { json }: StartOptions): string {
  if (json === true) return toJson(running);
  const { pid, controlPort, stateDir, strategies } = running;
  return [
    `${RUNNING}: process ${pid}, control port ${controlPort}, state in ${stateDir}`,
    ...strategies.map(({ name, port }) => `${name}: http://127.0.0.1:${port}/status`),
  ].join('\n');
}
