/** What is told: one cause, one message, with everything that it is about named in it. */
import type { AlertView, Severity } from '../domain/alerts.ts';
import { toJson } from '../domain/json.ts';

export interface Notification {
  /** Unique for ever: who is told twice by a crash can see that it is the same. */
  readonly id: string;
  /** Of the rule; `canary` of a test message. */
  readonly alert: string;
  readonly severity: Severity;
  readonly status: 'firing' | 'resolved' | 'test';
  /** It fires for a while, and is told again. */
  readonly isRepeat: boolean;
  readonly at: string;
  /** All of one rule. */
  readonly alerts: readonly AlertView[];
}

/** Alerts that a text tells in full; the others are named. */
const TOLD_IN_FULL = 10;
/** Names that a title has room for. */
const NAMED_IN_TITLE = 3;
/** What the smallest channel takes, in characters. */
const LONGEST_TEXT = 3500;

/** One line: `[P1] strategy_halted: ema-cross`. */
export function titleOf({ alert, severity, status, isRepeat, alerts }: Notification): string {
  if (status === 'test') return 'qkt test message: this channel works';
  const targets = alerts.map(({ target }) => target);
  const more = targets.length - NAMED_IN_TITLE;
  const named =
    more > 0
      ? `${targets.length} (${targets.slice(0, NAMED_IN_TITLE).join(', ')} and ${more} more)`
      : targets.join(', ');
  const word = status === 'resolved' ? 'RESOLVED' : severity;
  return `[${word}] ${alert}${isRepeat ? ' still fires' : ''}: ${named}`;
}

/** What is wrong, the figures, and what to do, as plain text. */
export function textOf(notification: Notification): string {
  const { alerts, status } = notification;
  if (status === 'test') return 'Nothing is wrong. This shows that alerts would reach you.';
  const full = alerts.slice(0, TOLD_IN_FULL).map(status === 'resolved' ? endOf : paragraphOf);
  const rest = alerts.slice(TOLD_IN_FULL).map(({ target }) => target);
  const others = rest.length === 0 ? [] : [`and the same of ${rest.join(', ')}`];
  const text = [...full, ...others].join('\n\n');
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

const endOf = ({ summary, resolvedAt, since }: AlertView): string =>
  `${summary} (it was so from ${since} to ${resolvedAt ?? 'now'})`;

function paragraphOf({ summary, since, measured, limit, command, runbook }: AlertView): string {
  // Where a rule has no threshold a figure says nothing that the sentence does not.
  const figures = limit === null ? '' : `; measured ${toJson(measured)}, limit ${toJson(limit)}`;
  return [summary, `since ${since}${figures}`, `do: ${command}`, `read: ${runbook}`].join('\n');
}
