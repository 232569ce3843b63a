/** `qkt daemon start`: the daemon in this process, or a detached one of its own. */
import { toJson } from '../domain/json.ts';
import { deployDirectory, type Deployed } from './deploy-directory.ts';
import { configOf, withApp } from './host.ts';
import { flagsOf, type HostOptions } from './host-options.ts';
import { print } from './output.ts';

export interface StartOptions extends HostOptions {
  readonly detach?: boolean;
  readonly loadDir?: string;
}

export async function startDaemon(options: StartOptions): Promise<void> {
  if (options.detach === true) {
    const { startDetached } = await import('./detach.ts');
    await startDetached(options);
    return;
  }
  const config = await configOf(options, flagsOf(options));
  await withApp(config, options, async (app) => {
    const deployed = options.loadDir === undefined ? [] : await deployDirectory(app.daemon, options.loadDir);
    app.openMarkets();
    announce(Number(new URL(app.controlUrl).port), app.stateDir, deployed, options);
    await app.ended;
  });
}

function announce(controlPort: number, stateDir: string, strategies: readonly Deployed[], options: StartOptions): void {
  if (options.json === true) {
    print(toJson({ pid: process.pid, controlPort, stateDir, strategies }));
    return;
  }
  print(`daemon running: process ${process.pid}, control port ${controlPort}, state in ${stateDir}`);
  for (const { name, port } of strategies) print(`${name}: http://127.0.0.1:${port}/status`);
}
