/** Alerts as every surface speaks of them: what is wrong, since when, by which figures, and what to do about it. */
import type { ChannelTest, ChannelView } from './channels.ts';
import type { Decimal } from './decimal.ts';
import type { EventItem } from './events.ts';
import type { Actor } from './ports.ts';
import type { TradeView } from './trading-views.ts';

/** P1 wakes somebody, P2 is for the same day, P3 is to be known. */
export const SEVERITIES = ['P1', 'P2', 'P3'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** `inactive` ones are not shown; a resolved one is, for fifteen minutes. */
const ALERT_STATES = ['inactive', 'pending', 'firing', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** A measured value, a limit, an input. Null: not known. */
export type Figure = Decimal | number | string | boolean | null;
export type Inputs = Readonly<Record<string, Figure | readonly string[]>>;

/** One rule on one target, as it stands. */
export interface AlertView {
  /** Of the rule: `strategy_halted`. */
  readonly id: string;
  /** The rule and its target: `strategy_halted:ema-cross`. */
  readonly key: string;
  readonly severity: Severity;
  readonly state: Exclude<AlertState, 'inactive'>;
  /** Null for one that is about a gateway, the book or the daemon. */
  readonly strategy: string | null;
  /** A strategy, a gateway, `book` or `daemon`. */
  readonly target: string;
  /** What is wrong, in a sentence. */
  readonly summary: string;
  /** When the condition began to hold. */
  readonly since: string;
  readonly firingSince: string | null;
  readonly resolvedAt: string | null;
  readonly measured: Figure;
  /** Null where the rule has no threshold. */
  readonly limit: Figure;
  readonly inputs: Inputs;
  /** The strategy's last trades and events at the moment that it began to fire. */
  readonly trades: readonly TradeView[];
  readonly events: readonly EventItem[];
  /** Page that says what to do. */
  readonly runbook: string;
  /** Command that acts on it. */
  readonly command: string;
  readonly acknowledged: { readonly by: string; readonly at: string; readonly comment: string | null } | null;
  /** Id of the silence that keeps it from being told. */
  readonly silencedBy: string | null;
  /** Key of the alert that is its cause, and speaks for it. */
  readonly inhibitedBy: string | null;
  /** When somebody was last told. */
  readonly notifiedAt: string | null;
}

/** One change of an alert's state. */
export interface AlertChange {
  readonly ts: string;
  readonly id: string;
  readonly key: string;
  readonly severity: Severity;
  readonly strategy: string | null;
  readonly target: string;
  readonly from: AlertState;
  readonly to: AlertState;
  readonly summary: string;
  readonly measured: Figure;
  readonly limit: Figure;
}

/** What a silence is about: every member that is given must fit. */
export interface SilenceMatch {
  /** Id of a rule. */
  readonly alert?: string;
  readonly strategy?: string;
  readonly severity?: Severity;
}

export interface SilenceRequest extends Actor, SilenceMatch {
  readonly forMs: number;
  readonly reason: string;
  /** Keeps P1 alerts quiet as well, which nothing else does. */
  readonly p1: boolean;
}

/** Keeps alerts from being told, until its end. */
export interface SilenceView extends SilenceMatch {
  readonly id: string;
  readonly p1: boolean;
  readonly reason: string;
  readonly by: string;
  readonly createdAt: string;
  readonly endsAt: string;
}

export interface AckRequest extends Actor {
  /** Of a rule, or the key of one alert. */
  readonly id: string;
  readonly comment?: string;
}

/** Alerts as the control plane sees them. */
export interface AlertPort {
  /** Every alert that is pending or firing, and those resolved a while ago; the worst first. */
  list(): readonly AlertView[];
  /** The last changes, newest first. */
  history(limit: number): readonly AlertChange[];
  /** Whether an alert of this strategy, which may be gone, has ever fired, as far back as the history goes. */
  remembers(strategy: string): boolean;
  /** Stops the repeats of what fires. @throws QktError QKT_E_UNKNOWN_ALERT, QKT_E_STATE */
  ack(request: AckRequest): Promise<readonly AlertView[]>;
  /** Those in force. */
  silences(): readonly SilenceView[];
  /** @throws QktError QKT_E_BAD_REQUEST when it is about P1 alerts and does not say so */
  silence(request: SilenceRequest): Promise<SilenceView>;
  /** Ends one. @throws QktError QKT_E_UNKNOWN_SILENCE */
  unsilence(id: string, actor: Actor): Promise<SilenceView>;
  channels(): readonly ChannelView[];
  /** Sends a test message at once. @throws QktError QKT_E_UNKNOWN_CHANNEL */
  test(channel: string, actor: Actor): Promise<ChannelTest>;
}
