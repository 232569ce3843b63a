/** `qkt watchdog`: watches the daemon from outside, and says when it is away for too long and when it is back. */
import type { Command } from 'commander';
import { WallClock } from '../../clock.ts';
import { toJson } from '../../domain/json.ts';
import { iso } from '../../domain/time.ts';
import { asQktError } from '../../errors.ts';
import { lookAtDaemon } from '../look-at-daemon.ts';
import { stateDirOf, wholeNumber, withCommonOptions, type CommonOptions } from '../options.ts';
import { note, outliveReaders, print, printable } from '../output.ts';
import { serviceManager, type ServiceManager } from '../systemd.ts';
import type { WatchdogAlerts } from '../../watchdog.ts';
import { watchDaemon, type DaemonChange, type Seen } from '../watch.ts';
import { duration } from '../words.ts';

interface WatchdogOptions extends CommonOptions {
  readonly config?: string;
  readonly for: number;
}

const LOOK_EVERY_MS = 1000;
/** A daemon that accepts and never answers is as good as none. */
const LOOK_WITHIN_MS = 5000;

export function define(command: Command): void {
  withCommonOptions(command)
    .option('--config <file>', 'configuration file with the channels (default: as a daemon started here)')
    .option('--for <seconds>', 'how long it may be away before that is told', wholeNumber(1, 86_400), 30)
    .action(watchdog);
}

async function watchdog(options: WatchdogOptions): Promise<void> {
  outliveReaders();
  const end = new AbortController();
  const manager = serviceManager(process.env);
  const onSignal = (): void => end.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const stateDir = stateDirOf(options);
  const clock = new WallClock();
  const alerts = await alertsOf(options, stateDir, clock);
  const say = told(manager, clock, stateDir, options);
  await watchDaemon(
    {
      clock,
      forMs: options.for * 1000,
      everyMs: LOOK_EVERY_MS,
      look: () => lookAtDaemon(stateDir, LOOK_WITHIN_MS),
      notifiers: [(change) => tell(change, stateDir, options)],
      onLook: (seen) => {
        alerts.saw(seen.ok ? undefined : seen.cause);
        say(seen);
      },
      onFailure: (error) => note(`a notifier failed: ${asQktError(error).message}`),
    },
    end.signal,
  );
  alerts.close();
  manager.stopping();
  await manager.settled();
}

/** The channels of the configuration that a daemon started here would use. @throws QktError QKT_E_CONFIG */
async function alertsOf(options: WatchdogOptions, stateDir: string, clock: WallClock): Promise<WatchdogAlerts> {
  const { loadConfig } = await import('../../config/load.ts');
  const { openWatchdogAlerts } = await import('../../watchdog.ts');
  const named = options.config === undefined ? {} : { file: options.config };
  const { config } = await loadConfig({ ...named, env: process.env, cwd: process.cwd() });
  // What it sees is on stdout; here is what becomes of telling it.
  const log = { error: () => undefined, warn: note, info: note };
  return openWatchdogAlerts({ clock, stateDir, settings: config.alerts, forMs: options.for * 1000, log });
}

/** Says once that it watches; tells the service manager of looks that were finished. */
function told(
  manager: ServiceManager,
  clock: WallClock,
  stateDir: string,
  { json }: WatchdogOptions,
): (seen: Seen) => void {
  let saidAliveAt: number | undefined;
  return (seen) => {
    const state = seen.ok ? 'the daemon is healthy' : `the daemon is not healthy: ${seen.cause}`;
    const now = clock.monotonic();
    if (saidAliveAt === undefined) {
      manager.ready(state);
      const first = { ts: iso(clock.now()), event: 'watching', stateDir, ...seen };
      print(json === true ? toJson(first) : `${first.ts} watching ${printable(stateDir)}: ${printable(state)}`);
    } else if (manager.aliveEveryMs === undefined || now - saidAliveAt < manager.aliveEveryMs - LOOK_EVERY_MS) return;
    else manager.alive(state);
    saidAliveAt = now;
  };
}

function tell(change: DaemonChange, stateDir: string, { json }: WatchdogOptions): void {
  const { event, severity, ts, downMs, cause } = change;
  if (json === true) print(toJson({ ...change, stateDir }));
  else if (event === 'daemon_up') print(`${ts} ${event}: healthy again after ${duration(downMs)}`);
  else print(`${ts} ${severity} ${event}: not healthy for ${duration(downMs)}: ${printable(cause)}`);
}
