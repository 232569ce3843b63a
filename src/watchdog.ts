/**
 * What `qkt watchdog` tells through: the alert `daemon_down` with the engine and the channels of a daemon, and a
 * record of its own, so that a watchdog that is started anew tells nothing twice.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlertEngine } from './actors/alerts/alert-engine.ts';
import type { AlertMemory, AlertPart } from './actors/alerts/alert-memory.ts';
import { AlertmanagerFeed } from './actors/alerts/alertmanager-feed.ts';
import { openNotifier, type OpenNotifierOptions } from './actors/alerts/open-notifier.ts';
import type { Judged } from './alerts/evaluate.ts';
import { Rulebook } from './alerts/rulebook.ts';
import type { AlertSettings } from './alerts/settings.ts';
import type { Clock } from './clock.ts';
import { parseRunRecord, RUN_FILE } from './domain/last-run.ts';
import { replaceFile } from './store/replace-file.ts';
import { fromStored, toStored } from './store/stored.ts';

export interface WatchdogAlertsOptions {
  readonly clock: Clock;
  readonly stateDir: string;
  readonly settings: AlertSettings;
  /** How long it may be away. */
  readonly forMs: number;
  readonly log: OpenNotifierOptions['log'];
}

export interface WatchdogAlerts {
  /** Takes in a look. @param cause why it was no good one */
  saw(cause: string | undefined): void;
  close(): void;
}

const RECORD = 'watchdog.json';

/** Channels that a watchdog uses: a dead-man ping says that the daemon lives, and is the daemon's own. */
function spokenThrough({ channels, ...settings }: AlertSettings): AlertSettings {
  const speaking = [...channels].filter(([, { type }]) => type !== 'deadman');
  return { ...settings, channels: new Map(speaking), canaryMs: undefined };
}

export function openWatchdogAlerts(options: WatchdogAlertsOptions): WatchdogAlerts {
  const { clock, stateDir, settings, forMs, log } = options;
  const terms = new Rulebook(settings, new Map()).find('daemon_down');
  const memory = new FileAlertMemory(join(stateDir, RECORD));
  const onFault = ({ error }: { readonly error: object }): void => log.error('fault in the watchdog', error);
  const notifier = openNotifier({
    clock,
    memory,
    settings: spokenThrough(settings),
    log,
    learned: () => undefined,
    onFault,
  });
  let cause: string | undefined;
  let hasLooked = false;
  const judge = (): readonly Judged[] => {
    if (terms === undefined) return [];
    // Before the first look nothing is known, and what it told before it was started anew stands.
    const holds = hasLooked ? cause !== undefined : null;
    const reading = {
      summary: `the daemon of ${stateDir} is not healthy: ${cause ?? 'it was not'}`,
      measured: cause ?? 'healthy',
      limit: 'healthy',
      inputs: { stateDir, cause: cause ?? null },
    };
    return [{ terms: { ...terms, forMs }, target: 'daemon', strategy: null, strategies: [], holds, reading }];
  };
  const engine = new AlertEngine({
    clock,
    judge,
    memory,
    repeatMs: settings.repeatMs,
    evidence: () => ({ trades: [], events: [] }),
    notify: (message) => notifier.add(message),
    record: () => undefined,
    onFault,
  });
  const feed = new AlertmanagerFeed({
    clock,
    channels: notifier.ofType('alertmanager'),
    alerts: () => engine.views(),
    onFault,
  });
  engine.start();
  return {
    saw: (why) => {
      hasLooked = true;
      cause = why !== undefined && wasStopped(stateDir) ? undefined : why;
    },
    close: () => {
      feed.close();
      engine.close();
      notifier.close();
    },
  };
}

/** Its last run ended in order: somebody wanted it to. */
function wasStopped(stateDir: string): boolean {
  try {
    return parseRunRecord(readFileSync(join(stateDir, RUN_FILE), 'utf8'))?.ended === 'stopped';
  } catch {
    return false;
  }
}

/** In a small file, replaced as a whole. Where there is no directory for it, it lasts as long as the process. */
class FileAlertMemory implements AlertMemory {
  readonly #path: string;
  readonly #parts: Partial<Record<AlertPart, unknown>>;

  constructor(path: string) {
    this.#path = path;
    this.#parts = read(path);
  }

  recall(part: AlertPart): unknown {
    return this.#parts[part];
  }

  keep(part: AlertPart, value: unknown): Promise<void> {
    this.#parts[part] = value;
    try {
      replaceFile(this.#path, `${JSON.stringify(toStored(this.#parts))}\n`);
    } catch {
      // The daemon's directory may be gone: that is told all the same.
    }
    return Promise.resolve();
  }
}

function read(path: string): Partial<Record<AlertPart, unknown>> {
  try {
    return fromStored(JSON.parse(readFileSync(path, 'utf8'))) as Partial<Record<AlertPart, unknown>>;
  } catch {
    return {};
  }
}
