/** The alert engine and its notifier under the virtual clock, on facts that a test sets, with channels that it makes fail. */
import { evaluate } from '../../src/alerts/evaluate.ts';
import { Rulebook } from '../../src/alerts/rulebook.ts';
import type { Facts } from '../../src/alerts/facts.ts';
import { titleOf, type Notification } from '../../src/alerts/notification.ts';
import type { OwnRule } from '../../src/alerts/own-rule.ts';
import { NO_ALERT_SETTINGS, type RuleChanges } from '../../src/alerts/settings.ts';
import { AlertEngine } from '../../src/actors/alerts/alert-engine.ts';
import { NoAlertMemory, type AlertMemory } from '../../src/actors/alerts/alert-memory.ts';
import { Channel } from '../../src/actors/alerts/channel.ts';
import { SendFailure } from '../../src/actors/alerts/channel-machine.ts';
import { Notifier } from '../../src/actors/alerts/notifier.ts';
import { survivor } from '../../src/actors/alerts/survivor.ts';
import { VirtualClock } from '../../src/clock.ts';
import type { Severity } from '../../src/domain/alerts.ts';
import type { AlertEvent } from '../../src/domain/events.ts';
import { facts as wellFacts } from './facts.ts';

/** What a channel does with a message. */
export type Conduct = 'takes' | 'fails' | 'hangs' | { readonly retryAfterMs: number };

export class FakeChannel {
  readonly name: string;
  readonly arrived: Notification[] = [];
  /** Attempts, successful or not. */
  tries = 0;
  conduct: Conduct = 'takes';

  constructor(name: string) {
    this.name = name;
  }

  send(notification: Notification, signal: AbortSignal): Promise<void> {
    this.tries += 1;
    const { conduct } = this;
    if (conduct === 'takes') {
      this.arrived.push(notification);
      return Promise.resolve();
    }
    if (conduct === 'fails') return Promise.reject(new SendFailure('it answered 500'));
    if (conduct === 'hangs')
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    return Promise.reject(new SendFailure('it answered 429', conduct.retryAfterMs));
  }

  get titles(): readonly string[] {
    return this.arrived.map(titleOf);
  }
}

export interface SceneOptions {
  readonly changes?: RuleChanges;
  readonly own?: ReadonlyMap<string, OwnRule>;
  readonly perStrategy?: ReadonlyMap<string, RuleChanges>;
  readonly repeatMs?: Readonly<Record<Severity, number>>;
  readonly canaryMs?: number;
  /** In the order of every route. */
  readonly channels?: readonly FakeChannel[];
  readonly memory?: AlertMemory;
  readonly clock?: VirtualClock;
}

export class AlertScene {
  readonly clock: VirtualClock;
  readonly memory: AlertMemory;
  readonly channels: readonly FakeChannel[];
  readonly logged: string[] = [];
  readonly events: (AlertEvent & { readonly strategy: string | null })[] = [];
  readonly faults: unknown[] = [];
  readonly engine: AlertEngine;
  readonly notifier: Notifier;
  now: Facts = wellFacts();
  #isDead = false;

  constructor(options: SceneOptions = {}) {
    const { repeatMs, routes } = NO_ALERT_SETTINGS;
    this.clock = options.clock ?? new VirtualClock(1_700_000_000_000);
    const memory = (this.memory = options.memory ?? new NoAlertMemory());
    const own: AlertMemory = {
      recall: (part) => memory.recall(part),
      keep: (part, value) => (this.#isDead ? Promise.resolve() : memory.keep(part, value)),
    };
    this.channels = options.channels ?? [new FakeChannel('first')];
    const names = this.channels.map(({ name }) => name);
    const { changes = {}, perStrategy = new Map() } = options;
    const rulebook = new Rulebook({ changes, own: options.own ?? new Map() }, perStrategy);
    this.notifier = new Notifier({
      clock: this.clock,
      memory: own,
      routes: { ...routes, P1: names, P2: names, P3: names },
      canaryMs: options.canaryMs,
      pings: new Map(),
      log: (_severity, title) => void this.logged.push(title),
      open: (free, proven) =>
        this.channels.map(
          (fake) =>
            new Channel({
              name: fake.name,
              type: 'fake',
              clock: this.clock,
              transport: { send: (message, signal) => fake.send(message, signal), close: () => undefined },
              scrub: (text) => text,
              onFault: (fault) => void this.faults.push(fault),
              free,
              proven: proven(fake.name),
            }),
        ),
    });
    const survive = survivor((fault) => void this.faults.push(fault));
    this.engine = new AlertEngine({
      clock: this.clock,
      judge: () => evaluate({ ...this.now, at: this.clock.now() }, rulebook, survive),
      memory: own,
      repeatMs: options.repeatMs ?? repeatMs,
      evidence: () => ({ trades: [], events: [] }),
      notify: (message) => this.notifier.add(message),
      record: (strategy, body) => void this.events.push({ ...body, strategy }),
      onFault: (fault) => void this.faults.push(fault),
    });
    this.engine.start();
  }

  get first(): FakeChannel {
    return this.channels[0]!;
  }

  /** The state of an alert; `inactive` where it is not shown. */
  state(key: string): string {
    return this.engine.views().find((view) => view.key === key)?.state ?? 'inactive';
  }

  /** Lets time pass, second by second, and what is under way settle in each. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.clock.advanceBy(1000);
      await settled();
    }
  }

  /** Ends as a SIGKILL does: nothing that it still does is kept or sent. */
  kill(): void {
    this.#isDead = true;
    this.notifier.close();
  }
}

/** Everything that is to happen in this turn has. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}
