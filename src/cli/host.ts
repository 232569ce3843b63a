/** Hosting a daemon in this process: configuration, start, signals, faults, service manager, end. */
import type { App, ConfigSource } from '../app.ts';
import type { Config } from '../config/types.ts';
import type { RawConfig } from '../config/schema.ts';
import type { DaemonHealthView } from '../domain/health-views.ts';
import { endOnFault } from './host-faults.ts';
import type { HostOptions } from './host-options.ts';
import { reloadOnHangUp, stopOnSignals } from './host-signals.ts';
import { stateDirOf } from './options.ts';
import { note, outliveReaders, paint } from './output.ts';
import { namingHolder } from './port-holder.ts';
import { serviceManager, type ServiceManager } from './systemd.ts';
import { plural } from './words.ts';

/** The effective configuration under these flags, and the way to read it again. */
export interface Configured {
  readonly config: Config;
  readonly source: ConfigSource;
}

export interface Hosted {
  /** Called once everything is deployed and the markets are open. */
  ready(): void;
}

interface HostedOptions extends HostOptions {
  readonly once?: boolean;
  readonly alone?: boolean;
}

/** After an end that was not in order something may still hold the process. */
const LINGER_MS = 1000;

/** Leases that a restart does not mend: what still cancels and flattens is not to be killed for them. */
const NOT_MENDED_BY_RESTART = new Set(['journal', 'disk']);

/** Its warnings go to stderr. @throws QktError QKT_E_CONFIG */
export async function configOf(options: HostOptions, flags: RawConfig): Promise<Configured> {
  const { loadConfig } = await import('../config/load.ts');
  const read = (file: string | undefined) =>
    loadConfig({ ...(file !== undefined && { file }), env: process.env, cwd: process.cwd(), flags });
  const loaded = await read(options.config);
  for (const warning of loaded.warnings) note(`${paint('yellow', 'warning:', process.stderr)} ${warning}`);
  // The file that was found is the one that must be there: defaults are no answer to its being gone.
  return { config: loaded.config, source: { loaded, read: () => read(loaded.file) } };
}

/** A started daemon. Whatever is done with it, it is stopped in order afterwards, also after a throw. */
export async function withApp(
  { config, source }: Configured,
  options: HostedOptions,
  use: (app: App, hosted: Hosted) => Promise<void>,
): Promise<void> {
  outliveReaders();
  const { createApp } = await import('../app.ts');
  const { isolation, expose = false, once = false, alone = false } = options;
  const app = createApp({
    config,
    source,
    stateDir: stateDirOf(options),
    expose,
    // A bounded run gives the same figures however often it is made.
    keepsNothing: once,
    alone,
    ...(isolation === undefined ? {} : { isolation }),
  });
  const manager = serviceManager(process.env);
  const release = watchProcess(app, manager);
  void app.stopping.then(() => manager.stopping());
  try {
    await app.start().catch(async (error: unknown) => {
      throw await namingHolder(error, config.http);
    });
    await use(app, { ready: () => manager.ready(statusOf(app)) });
  } finally {
    await ended(app, manager);
    release();
  }
}

/** @throws QktError with the steps that were not closed in order. */
async function ended(app: App, manager: ServiceManager): Promise<void> {
  try {
    await app.stop();
  } catch (error) {
    setTimeout(() => process.exit(), LINGER_MS).unref();
    throw error;
  } finally {
    await manager.settled();
  }
}

function watchProcess(app: App, manager: ServiceManager): () => void {
  const releases = [
    endOnFault(app),
    stopOnSignals(app),
    reloadOnHangUp(app, manager, () => statusOf(app)),
    sayAlive(app, manager),
  ];
  return () => releases.forEach((release) => release());
}

/** Only while the daemon does what it is there for: a timer of its own proves nothing. */
function sayAlive(app: App, manager: ServiceManager): () => void {
  if (manager.aliveEveryMs === undefined) return () => undefined;
  const timer = setInterval(() => {
    if (isAlive(app.daemon.health())) manager.alive(statusOf(app));
    else manager.status(statusOf(app));
  }, manager.aliveEveryMs);
  void app.stopping.then(() => clearInterval(timer));
  return () => clearInterval(timer);
}

const isAlive = ({ status, broken = [] }: DaemonHealthView): boolean =>
  status === 'running' && broken.every((lease) => NOT_MENDED_BY_RESTART.has(lease));

function statusOf(app: App): string {
  const { status, strategies, broken } = app.daemon.health();
  const what = `${status}, ${plural(strategies['total'] ?? 0, 'strategy', 'strategies')}`;
  return broken === undefined ? what : `${what}, broken: ${broken.join(', ')}`;
}
