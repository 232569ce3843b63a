/** What a configuration says of alerts, with what only the whole can tell: ids, figures and channels that must exist. */
import { resolve } from 'node:path';
import { FIELDS } from '../alerts/fields.ts';
import type { OwnRule } from '../alerts/own-rule.ts';
import { ALERT_RULES, ruleOf } from '../alerts/rules.ts';
import {
  NO_ALERT_SETTINGS,
  type AlertSettings,
  type ChannelConfig,
  type RuleChange,
  type RuleChanges,
  type Secret,
} from '../alerts/settings.ts';
import { SEVERITIES } from '../domain/alerts.ts';
import { LOG_CHANNEL } from '../domain/channels.ts';
import { Decimal, dec } from '../domain/decimal.ts';
import { parseDuration } from '../domain/time.ts';
import { isHttpUrl } from './checks.ts';
import type { Report } from './decode.ts';
import { suggestion } from './problems.ts';
import { pointerTo } from './read-yaml.ts';
import type { RawConfig } from './schema.ts';

type RawAlerts = NonNullable<RawConfig['alerts']>;
type RawRules = NonNullable<RawAlerts['rules']>;
type RawRule = RawRules[string];
type RawChannel = NonNullable<RawAlerts['channels']>[string];

const DAY_MS = 86_400_000;

/** @param baseDir where paths of files with secrets are taken from */
export function decodeAlerts(raw: RawAlerts, baseDir: string, report: Report): AlertSettings {
  const rules = Object.entries(raw.rules ?? {});
  const own = new Map<string, OwnRule>();
  for (const [id, rule] of rules) {
    const decoded = isOwn(rule) ? decodeOwn(id, rule, report) : undefined;
    if (decoded !== undefined) own.set(id, decoded);
  }
  const changes = Object.fromEntries(rules.filter(([, rule]) => !isOwn(rule)));
  const channels = new Map(
    Object.entries(raw.channels ?? {}).map(([name, channel]) => [name, decodeChannel(name, channel, baseDir, report)]),
  );
  const { routes, repeatMs } = NO_ALERT_SETTINGS;
  return {
    changes: decodeChanges(changes, '/alerts/rules', {}, report),
    own,
    channels,
    routes: { ...routes, ...decodeRoutes(raw.routes ?? {}, channels, report) },
    repeatMs: { ...repeatMs, ...bySeverity(raw.repeat ?? {}, spanOf) },
    canaryMs: raw.canaryEvery === undefined ? (channels.size === 0 ? undefined : DAY_MS) : spanOf(raw.canaryEvery),
  };
}

/** @param own raw rules of the configuration's own, which may be changed for a strategy as well */
export function decodeChanges(
  raw: Readonly<Record<string, Omit<RawRule, 'field' | 'above' | 'below'>>>,
  pointer: string,
  own: RawRules,
  report: Report,
): RuleChanges {
  const ids = [...ALERT_RULES.map(({ id }) => id), ...Object.keys(own).filter((id) => isOwn(own[id]!))];
  const changes: Record<string, RuleChange> = {};
  for (const [id, change] of Object.entries(raw)) {
    const at = pointerTo(pointer, id);
    if (!ids.includes(id)) {
      const more = pointer === '/alerts/rules' ? '; a rule of your own needs a "field"' : '';
      report(at, `there is no alert rule "${id}"${suggestion(id, ids) || more}`);
      continue;
    }
    if (change.limit !== undefined && ruleOf(id) !== undefined && ruleOf(id)!.limit === undefined)
      report(`${at}/limit`, `the rule "${id}" has no limit`);
    if (comparesShares(id, own)) checkShare(change.limit, `${at}/limit`, report);
    changes[id] = {
      ...(change.off !== undefined && { off: change.off }),
      ...(change.severity !== undefined && { severity: change.severity }),
      ...(change.for !== undefined && { forMs: spanOf(change.for) }),
      ...(change.keepFiringFor !== undefined && { keepFiringMs: spanOf(change.keepFiringFor) }),
      ...(change.limit !== undefined && { limit: dec(change.limit) }),
    };
  }
  return changes;
}

/** What names a figure, or compares with one, is no change of a rule of the table. */
const isOwn = ({ field, above, below }: RawRule): boolean =>
  field !== undefined || above !== undefined || below !== undefined;

/** Of the table, or of one's own by its figure. */
const comparesShares = (id: string, own: RawRules): boolean =>
  (ruleOf(id)?.limit ?? FIELDS[own[id]?.field ?? ''])?.isShare === true;

/** A percentage in its place would be a limit that nothing reaches, so that the rule never fires. */
function checkShare(value: number | string | undefined, pointer: string, report: Report): void {
  if (value === undefined) return;
  const share = dec(value);
  if (share.sign() >= 0 && !share.greaterThan(Decimal.ONE)) return;
  const key = pointer.slice(pointer.lastIndexOf('/') + 1);
  report(pointer, `"${key}" must be a share from 0 to 1, not ${share.toString()}; a share: 0.05 is 5 %`);
}

function decodeOwn(id: string, rule: RawRule, report: Report): OwnRule | undefined {
  const pointer = pointerTo('/alerts/rules', id);
  const { field = '', above, below, off = false } = rule;
  if (ruleOf(id) !== undefined)
    report(pointer, `"${id}" is a rule of the table: a rule of your own needs another name`);
  if (!Object.hasOwn(FIELDS, field)) {
    const names = Object.keys(FIELDS);
    const hint = suggestion(field, names) || `; there are ${names.join(', ')}`;
    report(rule.field === undefined ? pointer : `${pointer}/field`, `no figure is named "${field}"${hint}`);
  }
  if ((above === undefined) === (below === undefined)) report(pointer, `"${id}" needs either "above" or "below"`);
  if (FIELDS[field]?.isShare === true)
    for (const key of ['above', 'below'] as const) checkShare(rule[key], `${pointer}/${key}`, report);
  if (rule.limit !== undefined) report(`${pointer}/limit`, `the limit of "${id}" is its "above" or "below"`);
  const limits = {
    ...(above !== undefined && { above: dec(above) }),
    ...(below !== undefined && { below: dec(below) }),
  };
  if (off) return undefined;
  return {
    field,
    ...limits,
    forMs: spanOf(rule.for ?? '0s'),
    keepFiringMs: spanOf(rule.keepFiringFor ?? '0s'),
    severity: rule.severity ?? 'P2',
  };
}

function decodeRoutes(raw: NonNullable<RawAlerts['routes']>, channels: AlertSettings['channels'], report: Report) {
  const names = [...channels.keys()];
  for (const severity of SEVERITIES)
    for (const [index, name] of (raw[severity] ?? []).entries()) {
      const at = `/alerts/routes/${severity}/${index}`;
      if (!channels.has(name)) report(at, `no channel is named "${name}"${suggestion(name, names)}`);
      else if (channels.get(name)!.type === 'deadman')
        report(at, `"${name}" is a dead-man ping: it tells that the daemon lives, and carries no alert`);
    }
  return bySeverity(raw, (list) => list);
}

function decodeChannel(name: string, raw: RawChannel, baseDir: string, report: Report): ChannelConfig {
  const pointer = pointerTo('/alerts/channels', name);
  if (name === LOG_CHANNEL)
    report(pointer, `"${name}" is the daemon's log, which is told everything: choose another name`);
  const secrets = new Secrets(name, raw, baseDir, (detail, key = '') => report(pointer + key, detail));
  switch (raw.type) {
    case 'webhook':
      return { type: 'webhook', name, url: secrets.address(), ...secrets.bearer() };
    case 'alertmanager':
      if (raw.urls.length === 0) report(`${pointer}/urls`, `"${name}" needs at least one URL`);
      return { type: 'alertmanager', name, urls: raw.urls, ...secrets.bearer() };
    case 'telegram': {
      const apiUrl = raw.apiUrl ?? 'https://api.telegram.org';
      return { type: 'telegram', name, token: secrets.needed('token'), chatId: String(raw.chatId), apiUrl };
    }
    case 'slack':
      return { type: 'slack', name, url: secrets.address() };
    case 'deadman':
      return { type: 'deadman', name, url: secrets.address(), everyMs: spanOf(raw.every ?? '1m') };
    default:
      return decodeEmail(name, raw, secrets, (key, detail) => report(pointer + key, detail));
  }
}

function decodeEmail(
  name: string,
  raw: Extract<RawChannel, { readonly type: 'email' }>,
  secrets: Secrets,
  refuse: (key: string, detail: string) => void,
): ChannelConfig {
  const { host, security = 'starttls', port = security === 'tls' ? 465 : 587, user, from, to } = raw;
  if (to.length === 0) refuse('/to', `"${name}" needs at least one address`);
  const password = secrets.optional('password');
  if (user !== undefined && password === undefined)
    refuse('', `"${name}" needs a value for "password" or "passwordFile"`);
  const login = { ...(user !== undefined && { user }), ...(password !== undefined && { password }) };
  return { type: 'email', name, host, port, security, ...login, from, to };
}

/** The secrets of one channel: each is given as itself, from the environment, or as the path of a file. */
class Secrets {
  readonly #name: string;
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #baseDir: string;
  readonly #refuse: (detail: string, key?: string) => void;

  constructor(name: string, members: object, baseDir: string, refuse: (detail: string, key?: string) => void) {
    this.#name = name;
    this.#members = members as Readonly<Record<string, unknown>>;
    this.#baseDir = baseDir;
    this.#refuse = refuse;
  }

  optional(key: string): Secret | undefined {
    const value = this.#members[key] as string | undefined;
    const file = this.#members[`${key}File`] as string | undefined;
    if (value !== undefined && file !== undefined)
      this.#refuse(`"${this.#name}" needs "${key}" or "${key}File", not both`);
    if (file !== undefined) return { file: resolve(this.#baseDir, file) };
    return value === undefined ? undefined : { value };
  }

  needed(key: string): Secret {
    const found = this.optional(key);
    if (found === undefined || ('value' in found && found.value === ''))
      this.#refuse(`"${this.#name}" needs a value for "${key}" or "${key}File"`);
    return found ?? { value: '' };
  }

  /** Where messages go to. One that lies in a file is read when there is a message. */
  address(): Secret {
    const found = this.needed('url');
    if ('value' in found && found.value !== '' && !isHttpUrl(found.value))
      this.#refuse(`the "url" of "${this.#name}" must be an http or https URL`, '/url');
    return found;
  }

  bearer(): { readonly bearer?: Secret } {
    const found = this.optional('bearer');
    return found === undefined ? {} : { bearer: found };
  }
}

function bySeverity<T, R>(raw: { readonly P1?: T; readonly P2?: T; readonly P3?: T }, of: (value: T) => R) {
  const given = SEVERITIES.filter((severity) => raw[severity] !== undefined);
  return Object.fromEntries(given.map((severity) => [severity, of(raw[severity]!)]));
}

/** Of a text that the schema has checked. */
const spanOf = (text: string): number => (text === '0s' ? 0 : parseDuration(text)!);
