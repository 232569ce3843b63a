/** Hosting a daemon in this process: configuration, start, signals, end. */
import type { App } from '../app.ts';
import type { Config } from '../config/types.ts';
import type { RawConfig } from '../config/schema.ts';
import type { HostOptions } from './host-options.ts';
import { stateDirOf } from './options.ts';
import { note, paint } from './output.ts';

/** By convention 128 + SIGINT. */
const INTERRUPTED = 130;

/** The effective configuration under these flags; its warnings go to stderr. @throws QktError QKT_E_CONFIG */
export async function configOf(options: HostOptions, flags: RawConfig): Promise<Config> {
  const { loadConfig } = await import('../config/load.ts');
  const named = options.config === undefined ? {} : { file: options.config };
  const { config, warnings } = await loadConfig({ ...named, env: process.env, cwd: process.cwd(), flags });
  for (const warning of warnings) note(`${paint('yellow', 'warning:', process.stderr)} ${warning}`);
  return config;
}

/** A started daemon. Whatever is done with it, it is stopped in order afterwards, also after a throw. */
export async function withApp(
  config: Config,
  options: HostOptions & { readonly once?: boolean; readonly alone?: boolean },
  use: (app: App) => Promise<void>,
): Promise<void> {
  const { createApp } = await import('../app.ts');
  const { isolation, expose = false, once = false, alone = false } = options;
  const app = createApp({
    config,
    stateDir: stateDirOf(options),
    expose,
    // A bounded run gives the same figures however often it is made.
    keepsNothing: once,
    alone,
    ...(isolation === undefined ? {} : { isolation }),
  });
  const release = stopOnSignals(app);
  try {
    await app.start();
    await use(app);
  } finally {
    await app.stop();
    release();
  }
}

/** npm passes on the Ctrl-C that its child has had from the terminal already: such an echo is no second wish. */
const ECHO_MS = 100;

/** The first SIGINT or SIGTERM stops in order, the second at once. */
function stopOnSignals(app: App): () => void {
  let askedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (askedAt !== undefined) {
      if (Date.now() - askedAt > ECHO_MS) process.exit(INTERRUPTED);
      return;
    }
    askedAt = Date.now();
    note(`${signal}: stopping in order; once more stops at once`);
    // A step that failed is reported by whoever waits for the end.
    app.stop().catch(() => undefined);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
}
