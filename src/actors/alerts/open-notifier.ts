/** A notifier with the channels of a configuration. */
import type { Clock } from '../../clock.ts';
import type { AlertSettings } from '../../alerts/settings.ts';
import { Scrubber } from '../../observe/scrub.ts';
import type { OnFault } from '../fault-tolerant.ts';
import type { Logger } from '../log-sink.ts';
import type { AlertMemory } from './alert-memory.ts';
import { Channel } from './channel.ts';
import { Notifier } from './notifier.ts';
import { openTransport } from './transports/open.ts';
import { Secrets } from './transports/secrets.ts';

export interface OpenNotifierOptions {
  readonly clock: Clock;
  readonly memory: AlertMemory;
  readonly settings: AlertSettings;
  readonly log: Pick<Logger, 'error' | 'warn' | 'info'>;
  /** Told of each secret, so that no line may hold it. */
  readonly learned: (secret: string) => void;
  readonly onFault: OnFault;
}

const LEVELS = { P1: 'error', P2: 'warn', P3: 'info' } as const;

export function openNotifier(options: OpenNotifierOptions): Notifier {
  const { clock, memory, settings, log, learned, onFault } = options;
  const scrubber = new Scrubber();
  const secrets = new Secrets((secret) => {
    scrubber.add(secret);
    learned(secret);
  });
  const tools = { secrets, now: () => clock.now() };
  const pings = [...settings.channels.values()].flatMap((channel) =>
    channel.type === 'deadman' ? [[channel.name, channel.everyMs] as const] : [],
  );
  return new Notifier({
    clock,
    memory,
    routes: settings.routes,
    canaryMs: settings.canaryMs,
    pings: new Map(pings),
    log: (severity, title, fields) => log[LEVELS[severity]](title, fields),
    open: (free, proven) =>
      [...settings.channels.values()].map(
        (config) =>
          new Channel({
            name: config.name,
            type: config.type,
            clock,
            transport: openTransport(config, tools),
            scrub: (text) => scrubber.scrub(text),
            onFault,
            free,
            proven: proven(config.name),
          }),
      ),
  });
}
