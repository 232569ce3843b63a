/** What an alert is judged by, as a person reads it: in words, and with units. */
import type { AlertView } from '../../domain/alerts.ts';
import { bytes, count, duration, money, percent, plain } from './words.ts';
import type { Wire } from './wire.ts';

type Alert = Wire<AlertView>;
type Unit = (value: number) => string;

const seconds: Unit = (value) => duration(value * 1000);
const milliseconds: Unit = (value) => `${count(Math.round(value))} ms`;

/** Of a rule's measured value and limit. */
const RULES: Readonly<Record<string, Unit>> = {
  book_equity_drop: percent,
  disk_low: bytes,
  equity_floor: money,
  headroom_low: percent,
  journal_slow: (value) => milliseconds(value * 1000),
  no_trades: seconds,
  rejection_rate: percent,
  unprotected_position: seconds,
};
/** Of those of a strategy that is halted: by its first halt rule. */
const HALT_RULES: Readonly<Record<string, Unit>> = {
  maxDailyDrawdown: percent,
  maxDailyLoss: money,
  maxDrawdown: percent,
  onHang: milliseconds,
};
/** Of inputs, and of the figure of a rule of one's own, which is an input by that name. */
const INPUTS: Readonly<Record<string, Unit>> = {
  balance: money,
  'data.ageSeconds': seconds,
  dayStartBalance: money,
  dayStartEquity: money,
  'disk.freeBytes': bytes,
  diskBytes: bytes,
  dailyLoss: money,
  'drawdown.ratio': percent,
  equity: money,
  'exposure.ratio': percent,
  freeBytes: bytes,
  'headroom.used': percent,
  'journal.slowShare': percent,
  peak: money,
  'quiet.seconds': seconds,
  realized: money,
  'rejections.ratio': percent,
  share: percent,
  slowShare: percent,
  start: money,
  startingBalance: money,
  turnMs: milliseconds,
  unrealized: money,
  windowSeconds: seconds,
};
/** Where the name says it less well. */
const NAMES: Readonly<Record<string, string>> = {
  count: 'entries',
  diskBytes: 'of a disk of',
  freeBytes: 'free',
  losing: 'losing for long',
  price: 'filled at',
  rejected: 'orders rejected',
  rules: 'halted by',
  share: 'share of the starting balance',
  signalPrice: 'price of the signal',
  slowShare: 'share of slow writes',
  submitted: 'orders sent',
  tradeId: 'trade',
  tradesTotal: 'trades so far',
  turnMs: 'longest turn',
  windowSeconds: 'within',
  withoutStop: 'without a stop',
};
/** They say nothing beyond the sentence, or beyond the state. */
const UNSAID = new Set(['shouldRun', 'latched', 'differences', 'reason']);
/** Null is not unknown here: there is none. */
const MAY_BE_NONE = new Set(['by', 'cause', 'failingLink', 'rule', 'scope', 'tradeId']);

/** `measured 19 min 57 s, limit 5 min 0 s · without a stop: EURUSD`. */
export function figuresOf({ id, measured, limit, inputs }: Alert): string {
  const unit = unitOf(id, inputs);
  const inUnit = (value: unknown): string =>
    typeof value === 'number' && unit !== undefined ? unit(value) : plain(value);
  // Where a rule has no threshold a figure says nothing that the sentence does not.
  const figures = limit === null ? [] : [`measured ${inUnit(measured)}, limit ${inUnit(limit)}`];
  const others = Object.entries(inputs)
    .filter(([key, value]) => saysMore(key, value) && (limit === null || value !== measured))
    .map(([key, value]) => inputText(key, value, unitOfInput(key, inputs)));
  return [...figures, ...others].join(' · ');
}

function unitOf(id: string, inputs: Alert['inputs']): Unit | undefined {
  const { rules } = inputs;
  if (Array.isArray(rules)) return HALT_RULES[haltRule(rules[0])];
  const [first = ''] = Object.keys(inputs);
  return RULES[id] ?? INPUTS[first];
}

function saysMore(key: string, value: unknown): boolean {
  if (UNSAID.has(key) || value === false) return false;
  return Array.isArray(value) ? value.length > 0 : value !== null || !MAY_BE_NONE.has(key);
}

/** What a halt rule allows, and what is used of it, are in its own unit. */
function unitOfInput(key: string, { rule }: Alert['inputs']): Unit | undefined {
  return key === 'used' || key === 'ruleLimit' ? HALT_RULES[haltRule(rule)] : INPUTS[key];
}

/** Without whose it is. */
const haltRule = (rule: unknown): string => plain(rule).replace('book.', '');

function inputText(key: string, value: unknown, unit: Unit | undefined): string {
  const name = NAMES[key] ?? key.replaceAll('.', ' ').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  if (key === 'restored') return 'brought back by a start';
  if (key === 'scope') return `of the ${plain(value)}`;
  if (Array.isArray(value)) return `${name}: ${value.join(', ')}`;
  return `${name}: ${typeof value === 'number' && unit !== undefined ? unit(value) : plain(value)}`;
}
