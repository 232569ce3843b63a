/**
 * What a service manager is told: ready, reloading, stopping, alive. Node has no datagram sockets of
 * unix, so systemd's own `systemd-notify` carries the words; where nobody listens nothing is run.
 */
import { execFile } from 'node:child_process';
import { note } from './output.ts';

/** How long one message may take: systemd-notify waits until it has been read, 5 s at most. */
const SEND_WITHIN_MS = 6000;

export interface ServiceManager {
  /** How often it wants to hear that we are alive, in milliseconds; undefined: never. */
  readonly aliveEveryMs: number | undefined;
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
  status(text: string): void;
  alive(status: string): void;
  /** Settles when everything said so far has been carried, or its time is up. Never rejects. */
  settled(): Promise<void>;
}

/** The service manager that these variables name; one that listens to nothing when they name none. */
export function serviceManager(env: NodeJS.ProcessEnv): ServiceManager {
  const messages = new Messages((env['NOTIFY_SOCKET'] ?? '') !== '');
  return {
    aliveEveryMs: messages.listens ? aliveEveryMs(env) : undefined,
    ready: (status) => messages.send('READY=1', `STATUS=${oneLine(status)}`),
    reloading: () => messages.send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => messages.send('STOPPING=1', 'STATUS=stopping in order'),
    status: (text) => messages.send(`STATUS=${oneLine(text)}`),
    alive: (status) => messages.send('WATCHDOG=1', `STATUS=${oneLine(status)}`),
    settled: () => messages.settled,
  };
}

/** Half of what systemd waits for, as it asks; undefined where it does not, or asks another process. */
function aliveEveryMs(env: NodeJS.ProcessEnv): number | undefined {
  const microseconds = Number(env['WATCHDOG_USEC']);
  const of = env['WATCHDOG_PID'];
  if (!(microseconds > 0) || (of !== undefined && of !== String(process.pid))) return undefined;
  return microseconds / 1000 / 2;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** One after the other: their order is their meaning. */
class Messages {
  readonly listens: boolean;
  settled: Promise<void> = Promise.resolve();
  #complained = false;

  constructor(listens: boolean) {
    this.listens = listens;
  }

  send(...words: readonly string[]): void {
    if (this.listens) this.settled = this.settled.then(() => this.#carry(words));
  }

  #carry(words: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      execFile('systemd-notify', words, { timeout: SEND_WITHIN_MS, killSignal: 'SIGKILL' }, (error) => {
        if (error !== null && !this.#complained) {
          this.#complained = true;
          note(`warning: systemd is not told: ${error.message.trim()}`);
        }
        resolve();
      });
    });
  }
}
