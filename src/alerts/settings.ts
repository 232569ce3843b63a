/** What a configuration says of alerts, decoded. Durations in milliseconds. */
import type { Severity } from '../domain/alerts.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { OwnRule } from './own-rule.ts';

/** What is changed of a rule; everything else is the table's. */
export interface RuleChange {
  readonly off?: boolean;
  readonly severity?: Severity;
  readonly forMs?: number;
  readonly keepFiringMs?: number;
  readonly limit?: Decimal;
}

export type RuleChanges = Readonly<Record<string, RuleChange>>;

/** A secret: from the environment, or the path of a file with mode 0600 that holds it. */
export type Secret = { readonly value: string } | { readonly file: string };

interface Named {
  readonly name: string;
}
export interface WebhookConfig extends Named {
  readonly type: 'webhook';
  readonly url: Secret;
  readonly bearer?: Secret;
}
export interface AlertmanagerConfig extends Named {
  readonly type: 'alertmanager';
  /** Each of them is told. */
  readonly urls: readonly string[];
  readonly bearer?: Secret;
}
export interface TelegramConfig extends Named {
  readonly type: 'telegram';
  readonly token: Secret;
  readonly chatId: string;
  readonly apiUrl: string;
}
export interface SlackConfig extends Named {
  readonly type: 'slack';
  readonly url: Secret;
}
export interface EmailConfig extends Named {
  readonly type: 'email';
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte, `starttls` required before anything is said, or `none`. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user?: string;
  readonly password?: Secret;
  readonly from: string;
  readonly to: readonly string[];
}
export interface DeadmanConfig extends Named {
  readonly type: 'deadman';
  readonly url: Secret;
  readonly everyMs: number;
}
export type ChannelConfig =
  WebhookConfig | AlertmanagerConfig | TelegramConfig | SlackConfig | EmailConfig | DeadmanConfig;

export interface AlertSettings {
  /** Of the table's rules, by id. */
  readonly changes: RuleChanges;
  /** By id. */
  readonly own: ReadonlyMap<string, OwnRule>;
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  /** Names of channels by severity: the first is told, the next where that fails. */
  readonly routes: Readonly<Record<Severity, readonly string[]>>;
  /** How long until what still fires is told again. */
  readonly repeatMs: Readonly<Record<Severity, number>>;
  /** How often a channel that nothing went through is proven with a test message; undefined: never. */
  readonly canaryMs: number | undefined;
}

const HOUR = 3_600_000;

export const NO_ALERT_SETTINGS: AlertSettings = {
  changes: {},
  own: new Map(),
  channels: new Map(),
  routes: { P1: [], P2: [], P3: [] },
  repeatMs: { P1: HOUR / 2, P2: 4 * HOUR, P3: 24 * HOUR },
  canaryMs: undefined,
};
