/**
 * Carries messages to whoever is to be told. A message is on disk before it is sent, and stays there until a
 * channel has carried it: a crash loses none. It goes to the first channel of its route that takes it;
 * one that has just failed is passed over until it may be tried again.
 */
import type { Cancel, Clock } from '../../clock.ts';
import type { Notification } from '../../alerts/notification.ts';
import { textOf, titleOf } from '../../alerts/notification.ts';
import type { Severity } from '../../domain/alerts.ts';
import type { ChannelTest, ChannelView } from '../../domain/channels.ts';
import { iso, type EpochMs } from '../../domain/time.ts';
import type { QueueView } from '../../domain/health-views.ts';
import { QktError } from '../../errors.ts';
import type { AlertMemory } from './alert-memory.ts';
import type { Channel } from './channel.ts';
import { Outbox, OUTBOX_LIMIT, type OutboxEntry } from './outbox.ts';

export interface NotifierOptions {
  readonly clock: Clock;
  readonly memory: AlertMemory;
  readonly routes: Readonly<Record<Severity, readonly string[]>>;
  /** How often a channel that nothing went through is proven; undefined: never. */
  readonly canaryMs: number | undefined;
  /** How often a channel is pinged, by name. */
  readonly pings: ReadonlyMap<string, number>;
  /** The log: every message is told there, whatever becomes of it. */
  readonly log: (severity: Severity, title: string, fields: object) => void;
  /** Opens the channels. `free` is to be called when one of them may take a message. */
  readonly open: (free: () => void, proven: (name: string) => EpochMs | undefined) => readonly Channel[];
}

/** As it is stored. */
interface Stored {
  readonly entries: readonly OutboxEntry[];
  readonly proven: Readonly<Record<string, EpochMs>>;
}

/** A disk that does not answer holds a message up for no longer. */
const STORE_WITHIN_MS = 1000;
const CANARY_LOOK_MS = 60_000;

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #outbox: Outbox;
  readonly #channels: readonly Channel[];
  /** Ids of messages that a channel carries now. */
  readonly #underway = new Set<string>();
  /** Ids of those that are on their way to the disk. */
  readonly #unstored = new Set<string>();
  readonly #timers: Cancel[] = [];
  /** When canaries were last sent, so that one that fails is not repeated at once. */
  readonly #canaries = new Map<string, EpochMs>();
  #pumping = false;
  #closed = false;
  #count = 0;
  #logged = 0;
  #lastLogged: EpochMs | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
    const stored = options.memory.recall('outbox') as Stored | undefined;
    this.#outbox = new Outbox(stored?.entries);
    this.#channels = options.open(
      () => this.#pumpSoon(),
      (name) => stored?.proven[name],
    );
    const { clock, canaryMs, pings } = options;
    if (canaryMs !== undefined)
      this.#timers.push(clock.every(Math.min(canaryMs, CANARY_LOOK_MS), () => this.#sendCanaries(canaryMs)));
    for (const [name, everyMs] of pings) this.#timers.push(clock.every(everyMs, () => this.#ping(name)));
    this.#pumpSoon();
  }

  /** To be told; it is carried as soon as it is on disk. */
  add(message: Omit<Notification, 'id' | 'at'>): void {
    const { clock, routes, log } = this.#options;
    const notification = { ...message, id: this.#newId(), at: iso(clock.now()) };
    log(message.severity, titleOf(notification), { text: textOf(notification) });
    this.#logged += 1;
    this.#lastLogged = clock.now();
    const route = routes[message.severity];
    if (route.length === 0) return;
    const dropped = this.#outbox.add({ notification, route });
    if (dropped !== undefined) {
      this.#channel(dropped.route[0]!)?.noteDropped();
      log('P2', `too many messages wait: ${titleOf(dropped.notification)} is not sent`, {});
    }
    this.#unstored.add(notification.id);
    const stored = (): void => {
      if (this.#unstored.delete(notification.id)) this.#pumpSoon();
    };
    const late = clock.at(clock.now() + STORE_WITHIN_MS, stored);
    void this.#keep().then(() => {
      late();
      stored();
    });
  }

  /** Messages that the log was told: all of them. */
  get logged(): number {
    return this.#logged;
  }

  /** When the last of them was; undefined while there was none since the daemon started. */
  get lastLogged(): EpochMs | undefined {
    return this.#lastLogged;
  }

  /** What waits. */
  queue(): QueueView {
    return { name: 'alerts', depth: this.#outbox.size, limit: OUTBOX_LIMIT };
  }

  channels(): readonly ChannelView[] {
    return this.#channels.map((channel) => channel.view());
  }

  ofType(type: string): readonly Channel[] {
    return this.#channels.filter((channel) => channel.type === type);
  }

  /** @throws QktError QKT_E_UNKNOWN_CHANNEL */
  test(name: string): Promise<ChannelTest> {
    const channel = this.#channel(name);
    if (channel === undefined) {
      const known = this.#channels.map((each) => each.name);
      const there = known.length === 0 ? 'none is configured' : `there is ${known.join(', ')}`;
      throw new QktError('QKT_E_UNKNOWN_CHANNEL', `no channel is named ${name}; ${there}`, { candidates: known });
    }
    const { clock } = this.#options;
    const from = clock.monotonic();
    return new Promise((resolve) => {
      const settled = (error: string | undefined): void => {
        void this.#keep();
        const tookMs = Math.round(clock.monotonic() - from);
        resolve({ channel: name, delivered: error === undefined, tookMs, error: error ?? null });
      };
      if (!channel.try({ notification: this.#testMessage(), settled })) settled('it carries a message at this moment');
    });
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    for (const channel of this.#channels) channel.close();
  }

  /** Once for all that happens in a turn, and after it. */
  #pumpSoon(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      if (!this.#closed) this.#pump();
    });
  }

  #pump(): void {
    for (const entry of this.#outbox.all()) {
      const { id } = entry.notification;
      if (this.#underway.has(id) || this.#unstored.has(id) || this.#outbox.isBehindAnother(entry)) continue;
      this.#carry(entry);
    }
  }

  #carry(entry: OutboxEntry): void {
    const { notification } = entry;
    const channel = this.#channelFor(entry);
    if (channel === undefined) return;
    this.#underway.add(notification.id);
    channel.send({
      notification,
      settled: (error) => {
        this.#underway.delete(notification.id);
        if (error === undefined) {
          this.#outbox.remove(notification.id);
          void this.#keep();
        } else this.#options.log('P3', `channel ${channel.name} failed: ${error}`, { alert: notification.alert });
        this.#pumpSoon();
      },
    });
  }

  /** The first of its route that takes it; none while the first that could carries another. */
  #channelFor({ route }: OutboxEntry): Channel | undefined {
    // A configuration that was changed may know none of them any more.
    const named = route.map((name) => this.#channel(name)).filter((channel) => channel !== undefined);
    const usable = named.length > 0 ? named : this.#channels.filter(({ name }) => !this.#options.pings.has(name));
    const first = usable.find((channel) => channel.takes || channel.isSending);
    return first?.takes === true ? first : undefined;
  }

  #channel(name: string): Channel | undefined {
    return this.#channels.find((channel) => channel.name === name);
  }

  #sendCanaries(canaryMs: number): void {
    const { clock, pings, log } = this.#options;
    const now = clock.now();
    for (const channel of this.#channels) {
      const last = Math.max(channel.proven ?? 0, this.#canaries.get(channel.name) ?? 0);
      if (pings.has(channel.name) || !channel.takes || now - last < canaryMs) continue;
      this.#canaries.set(channel.name, now);
      const settled = (error: string | undefined): void => {
        if (error !== undefined) log('P2', `channel ${channel.name} does not work: ${error}`, {});
        void this.#keep();
      };
      channel.send({ notification: this.#testMessage(), settled });
    }
  }

  #ping(name: string): void {
    const channel = this.#channel(name);
    if (channel?.takes === true) channel.send({ notification: this.#testMessage(), settled: () => undefined });
  }

  #testMessage(): Notification {
    const at = iso(this.#options.clock.now());
    return { id: this.#newId(), alert: 'canary', severity: 'P3', status: 'test', isRepeat: false, at, alerts: [] };
  }

  /** Goes on after a restart, because time does. */
  #newId(): string {
    this.#count += 1;
    return `${this.#options.clock.now().toString(36)}-${this.#count}`;
  }

  #keep(): Promise<void> {
    const proven = Object.fromEntries(
      this.#channels.flatMap(({ name, proven: at }) => (at === undefined ? [] : [[name, at]])),
    );
    return this.#options.memory.keep('outbox', { entries: this.#outbox.all(), proven } satisfies Stored);
  }
}
