/**
 * Keeps every configured Alertmanager told: it forgets at a restart, and takes an alert that it has not
 * heard of for a while to be over. What fires is told at once and then again and again, what is resolved for as long as it is shown.
 */
import type { Cancel, Clock } from '../../clock.ts';
import type { AlertView } from '../../domain/alerts.ts';
import { iso, type EpochMs } from '../../domain/time.ts';
import type { OnFault } from '../fault-tolerant.ts';
import type { Channel } from './channel.ts';
import { survivor } from './survivor.ts';

export interface AlertmanagerFeedOptions {
  readonly clock: Clock;
  readonly channels: readonly Channel[];
  /** All that there are now. */
  readonly alerts: () => readonly AlertView[];
  readonly onFault: OnFault;
}

const AGAIN_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 1000;

export class AlertmanagerFeed {
  readonly #options: AlertmanagerFeedOptions;
  readonly #stop: Cancel;
  /** By channel: when it was last told, and of which states. */
  readonly #told = new Map<string, { readonly at: EpochMs; readonly states: string }>();
  /** Keys of what was told to fire: each has an end to be told, whether or not a message went out meanwhile. */
  #fired: ReadonlySet<string> = new Set();
  #count = 0;

  constructor(options: AlertmanagerFeedOptions) {
    this.#options = options;
    const survive = survivor(options.onFault);
    const look = (): void => survive('telling an Alertmanager', () => this.#look());
    this.#stop = options.channels.length === 0 ? () => {} : options.clock.every(LOOK_EVERY_MS, look);
  }

  close(): void {
    this.#stop();
  }

  #look(): void {
    const { clock, channels, alerts } = this.#options;
    const told = alerts().filter((alert) => this.#isTold(alert));
    this.#fired = new Set(told.map(({ key }) => key));
    if (told.length === 0) return;
    const states = told.map(({ key, state, firingSince }) => `${key} ${state} ${firingSince}`).join('\n');
    const now = clock.now();
    for (const channel of channels) {
      const last = this.#told.get(channel.name);
      const isDue = last === undefined || last.states !== states || now - last.at >= AGAIN_AFTER_MS;
      if (!isDue || !channel.takes) continue;
      this.#told.set(channel.name, { at: now, states });
      this.#send(channel, told, now);
    }
  }

  #send(channel: Channel, alerts: readonly AlertView[], now: EpochMs): void {
    this.#count += 1;
    channel.send({
      notification: {
        id: `feed-${this.#count}`,
        alert: 'all',
        severity: 'P3',
        status: 'firing',
        isRepeat: true,
        at: iso(now),
        alerts,
      },
      settled: (error) => {
        // Once it may be tried again it is told at once.
        if (error !== undefined) this.#told.delete(channel.name);
      },
    });
  }

  /** What is silenced or spoken for here is no business of an Alertmanager; what it was never told has no end. */
  #isTold({ key, state, silencedBy, inhibitedBy, notifiedAt }: AlertView): boolean {
    if (state === 'resolved') return notifiedAt !== null || this.#fired.has(key);
    return state === 'firing' && silencedBy === null && inhibitedBy === null;
  }
}
