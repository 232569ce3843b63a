/**
 * The alert engine: looks once a second, tells each alert's actor what the look came to, and has told
 * what is due. It is given what rules make of facts, and sends messages; it has no hand on trading. What it knows is on disk
 * in the turn in which it changes, so that no restart forgets an alert or tells it twice.
 */
import type { Cancel, Clock } from '../../clock.ts';
import { dueNow, groupOf, inhibitedBy, type Dispatchable, type Due } from '../../alerts/dispatch.ts';
import type { Judged } from '../../alerts/evaluate.ts';
import type { Notification } from '../../alerts/notification.ts';
import { silenceOf, type Silence } from '../../alerts/silences.ts';
import type { AlertChange, AlertState, AlertView, Severity } from '../../domain/alerts.ts';
import type { AlertEvent as AlertEventBody } from '../../domain/events.ts';
import { iso, type EpochMs } from '../../domain/time.ts';
import type { OnFault } from '../fault-tolerant.ts';
import { AlertActor, keyOf, summaryOf, type Identity, type StoredAlert } from './alert-actor.ts';
import { RESOLVED_FOR_MS, type Evidence } from './alert-machine.ts';
import type { AlertMemory } from './alert-memory.ts';
import { survivor } from './survivor.ts';

export interface AlertEngineOptions {
  readonly clock: Clock;
  /** One look at every rule and target. */
  readonly judge: () => readonly Judged[];
  readonly memory: AlertMemory;
  readonly repeatMs: Readonly<Record<Severity, number>>;
  readonly evidence: (strategy: string) => Evidence;
  /** Has somebody told. */
  readonly notify: (message: Omit<Notification, 'id' | 'at'>) => void;
  /** Puts a change into the events of a strategy, or of the daemon. */
  readonly record: (strategy: string | null, body: AlertEventBody) => void;
  readonly onFault: OnFault;
}

/** As it is stored. */
interface Stored {
  /** By when the conditions had been looked at. */
  readonly lookedAt: EpochMs;
  readonly alerts: readonly StoredAlert[];
  readonly silences: readonly Silence[];
  /** When a message of a group was last made. */
  readonly groups: Readonly<Record<string, EpochMs>>;
}

export const LOOK_EVERY_MS = 1000;
const HISTORY_KEPT = 500;
/** Resolved alerts shown at most: strategies that come and go by the hundred leave theirs behind. */
const RESOLVED_KEPT = 200;
/** While an alert is pending, how long it has been so is kept. */
const KEEP_EVERY_MS = 5000;
const NO_EVIDENCE: Evidence = { trades: [], events: [] };
const RANK: Readonly<Record<Severity, number>> = { P1: 0, P2: 1, P3: 2 };
const STATE_RANK: Readonly<Record<AlertState, number>> = { firing: 0, pending: 1, resolved: 2, inactive: 3 };

export class AlertEngine {
  readonly #options: AlertEngineOptions;
  readonly #alerts = new Map<string, AlertActor>();
  /** What each alert is about and speaks for, as of the last look. */
  readonly #judged = new Map<string, Judged>();
  readonly #silences = new Map<string, Silence>();
  readonly #groups: Map<string, EpochMs>;
  #history: readonly AlertChange[];
  #lookedAt: EpochMs;
  #keptAt: EpochMs;
  #changed = false;
  #stop: Cancel | undefined;

  constructor(options: AlertEngineOptions) {
    this.#options = options;
    this.#lookedAt = this.#keptAt = options.clock.now();
    const stored = options.memory.recall('alerts') as Stored | undefined;
    this.#history = (options.memory.recall('history') as readonly AlertChange[] | undefined) ?? [];
    this.#groups = new Map(Object.entries(stored?.groups ?? {}));
    for (const silence of stored?.silences ?? []) this.#silences.set(silence.id, silence);
    for (const alert of stored?.alerts ?? []) this.#restore(alert, stored!.lookedAt);
  }

  /** Begins to look, once everything that it looks at is there. */
  start(): void {
    const { clock, onFault } = this.#options;
    const survive = survivor(onFault);
    this.#stop = clock.every(LOOK_EVERY_MS, () => {
      survive('looking at the alert rules', () => this.#look());
      survive('telling of alerts', () => void this.dispatch());
    });
  }

  /** One look: now. */
  #look(): void {
    const now = this.#options.clock.now();
    const seen = new Set<string>();
    for (const each of this.#options.judge()) {
      const key = keyOf({ id: each.terms.rule.id, target: each.target });
      seen.add(key);
      this.#judged.set(key, each);
      this.#tell(key, each, now);
    }
    for (const [key, alert] of this.#alerts) if (!seen.has(key)) alert.send({ type: 'GONE', at: now });
    this.#reap(now);
    for (const key of this.#judged.keys()) if (!seen.has(key) && !this.#alerts.has(key)) this.#judged.delete(key);
    this.#lookedAt = now;
    if (now - this.#keptAt >= KEEP_EVERY_MS && this.#counts()) this.#changed = true;
  }

  /** Has told what is due now. Settles when it is on disk. */
  dispatch(): Promise<void> {
    const { clock, repeatMs } = this.#options;
    const now = clock.now();
    this.#endSilences(now);
    const due = dueNow(this.#dispatchables(), {
      now,
      silences: this.#silences.values(),
      repeatMs,
      lastOf: (group) => this.#groups.get(group),
    });
    for (const message of due) this.#notify(message, now);
    return this.#keep();
  }

  views(): readonly AlertView[] {
    return this.viewsOf([...this.#alerts.values()]).toSorted(
      (a, b) =>
        STATE_RANK[a.state] - STATE_RANK[b.state] || RANK[a.severity] - RANK[b.severity] || a.key.localeCompare(b.key),
    );
  }

  /** Newest first. */
  history(limit: number): readonly AlertChange[] {
    return this.#history.slice(-limit).toReversed();
  }

  /** Those that fire, by the key of one or the id of a rule. */
  firing(idOrKey: string): readonly AlertActor[] {
    return [...this.#alerts.values()].filter(
      ({ fires, key, identity }) => fires && (key === idOrKey || identity.id === idOrKey),
    );
  }

  /** Known by that id or key, whatever its state. */
  knows(idOrKey: string): boolean {
    return [...this.#alerts.values()].some(({ key, identity }) => key === idOrKey || identity.id === idOrKey);
  }

  /** As they are shown, those that are inactive left out. */
  viewsOf(alerts: readonly AlertActor[]): readonly AlertView[] {
    const all = this.#dispatchables();
    const inhibited = inhibitedBy(all);
    const now = this.#options.clock.now();
    return alerts.flatMap((alert) => {
      const own = all.find(({ key }) => key === alert.key);
      const silence = own === undefined ? undefined : silenceOf(this.#silences.values(), own, now);
      const inhibitor = inhibited.get(alert.key) ?? null;
      return alert.view({ silencedBy: silence?.id ?? null, inhibitedBy: inhibitor }) ?? [];
    });
  }

  /** Settles when it is on disk. */
  acknowledge(alerts: readonly AlertActor[], by: string, comment: string | null): Promise<void> {
    const at = this.#options.clock.now();
    for (const alert of alerts) alert.send({ type: 'ACK', at, by, comment });
    this.#changed = true;
    return this.#keep();
  }

  silences(): readonly Silence[] {
    this.#endSilences(this.#options.clock.now());
    return [...this.#silences.values()];
  }

  /** Settles when it is on disk. */
  addSilence(silence: Silence): Promise<void> {
    this.#silences.set(silence.id, silence);
    this.#changed = true;
    return this.#keep();
  }

  /** Undefined when there is none. What it kept quiet is told now. Settles when it is on disk. */
  async endSilence(id: string): Promise<Silence | undefined> {
    const silence = this.#silences.get(id);
    if (silence === undefined || silence.endsAt <= this.#options.clock.now()) return undefined;
    this.#silences.delete(id);
    this.#changed = true;
    await this.dispatch();
    return silence;
  }

  /** Ends in order. What is pending is forgotten: what follows is no outage. */
  close(): void {
    this.#stop?.();
    const now = this.#options.clock.now();
    for (const alert of this.#alerts.values()) if (alert.state === 'pending') alert.send({ type: 'GONE', at: now });
    this.#changed = true;
    void this.#keep();
    for (const alert of this.#alerts.values()) alert.stop();
  }

  #tell(key: string, { terms, target, strategy, holds, reading }: Judged, at: EpochMs): void {
    if (holds === null) return;
    const { rule, severity, forMs, keepFiringMs } = terms;
    let alert = this.#alerts.get(key);
    if (alert === undefined) {
      if (!holds) return;
      alert = this.#create({ id: rule.id, target, strategy, command: rule.command.replace('<target>', target) });
    }
    alert.send({ type: holds ? 'HOLDS' : 'CLEARS', at, reading, severity, forMs, keepFiringMs });
  }

  #create(identity: Identity, stored?: StoredAlert): AlertActor {
    const { clock, evidence, onFault } = this.#options;
    const { strategy } = identity;
    const alert = new AlertActor({
      identity,
      clock,
      onFault,
      gather: () => (strategy === null ? NO_EVIDENCE : evidence(strategy)),
      changed: (from, to) => this.#onChange(alert, from, to),
      ...(stored !== undefined && { stored }),
    });
    this.#alerts.set(alert.key, alert);
    return alert;
  }

  /** Nobody looked while there was no daemon: that time counts for nothing that is pending. */
  #restore(stored: StoredAlert, lookedAt: EpochMs): void {
    const { state, record, ...identity } = stored;
    const away = state === 'pending' ? this.#options.clock.now() - lookedAt : 0;
    this.#create(identity, { ...stored, record: { ...record, since: record.since + Math.max(0, away) } });
  }

  #onChange(alert: AlertActor, from: AlertState, to: AlertState): void {
    const { clock, record } = this.#options;
    const { id, target, strategy } = alert.identity;
    const { severity, reading } = alert.record;
    this.#changed = true;
    // That something nearly fired is of no interest to anybody later.
    if (to === 'firing' || from === 'firing') {
      const ts = iso(clock.now());
      const { measured, limit } = reading;
      const summary = summaryOf(reading.summary, to);
      const change = { ts, id, key: alert.key, severity, strategy, target, from, to, summary, measured, limit };
      this.#history = [...this.#history, change].slice(-HISTORY_KEPT);
      void this.#options.memory.keep('history', this.#history);
      record(strategy, { type: 'alert', id, severity, state: to });
    }
  }

  #notify({ id, severity, status, isRepeat, keys }: Due, now: EpochMs): void {
    const alerts = keys.map((key) => this.#alerts.get(key)!);
    const views = this.viewsOf(alerts);
    for (const alert of alerts) alert.send({ type: 'TOLD', at: now });
    this.#groups.set(groupOf({ id, severity, status }), now);
    this.#changed = true;
    this.#options.notify({ alert: id, severity, status, isRepeat, alerts: views });
  }

  #dispatchables(): readonly Dispatchable[] {
    return [...this.#alerts.values()].map((alert) => {
      const { key, identity, state, record } = alert;
      const judged = this.#judged.get(key);
      return {
        key,
        id: identity.id,
        target: identity.target,
        strategy: identity.strategy,
        severity: record.severity,
        state,
        firingSince: record.firingSince,
        toldAt: record.toldAt,
        toldResolved: record.toldResolved,
        isAcknowledged: record.ack !== null,
        inhibits: judged?.terms.rule.inhibits ?? [],
        strategies: judged?.strategies ?? [],
      };
    });
  }

  #reap(now: EpochMs): void {
    const excess = this.#excess();
    for (const [key, alert] of this.#alerts) {
      // A rule that cannot be judged any more sends nothing that would end it.
      const isOver = alert.state === 'resolved' && now - (alert.record.resolvedAt ?? 0) >= RESOLVED_FOR_MS;
      if (alert.state !== 'inactive' && !isOver && !excess.has(alert)) continue;
      alert.stop();
      this.#alerts.delete(key);
      this.#judged.delete(key);
      this.#changed = true;
    }
  }

  /** Resolved alerts beyond those that are kept, the oldest; one whose end is still to be told is none of them. */
  #excess(): ReadonlySet<AlertActor> {
    const told = [...this.#alerts.values()].filter(
      ({ state, record }) => state === 'resolved' && (record.toldAt === null || record.toldResolved),
    );
    if (told.length <= RESOLVED_KEPT) return new Set();
    const oldestFirst = told.toSorted((a, b) => (a.record.resolvedAt ?? 0) - (b.record.resolvedAt ?? 0));
    return new Set(oldestFirst.slice(0, told.length - RESOLVED_KEPT));
  }

  /** Is there one whose time counts? */
  #counts(): boolean {
    return [...this.#alerts.values()].some(({ state }) => state === 'pending');
  }

  #endSilences(now: EpochMs): void {
    for (const [id, { endsAt }] of this.#silences)
      if (endsAt <= now) {
        this.#silences.delete(id);
        this.#changed = true;
      }
  }

  #keep(): Promise<void> {
    if (!this.#changed) return Promise.resolve();
    this.#changed = false;
    this.#keptAt = this.#options.clock.now();
    const stored: Stored = {
      lookedAt: this.#lookedAt,
      alerts: [...this.#alerts.values()].flatMap((alert) => alert.stored() ?? []),
      silences: [...this.#silences.values()],
      groups: Object.fromEntries(this.#groups),
    };
    return this.#options.memory.keep('alerts', stored);
  }
}
