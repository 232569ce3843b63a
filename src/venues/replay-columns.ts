/** What the first line of a replay file says: the delimiter, and which column holds what. */
import { QktError } from '../errors.ts';

/** Prices of a row, in the order that {@link Columns.prices} has them. */
const QUOTE_PRICES = ['bid', 'ask'] as const;
const BAR_PRICES = ['open', 'high', 'low', 'close'] as const;

export type ReplayLayout = 'quotes' | 'bars';

export interface Columns {
  readonly layout: ReplayLayout;
  readonly delimiter: string;
  /** How many columns a row must have. */
  readonly count: number;
  readonly time: number;
  /** Absent: the file has no symbol column. */
  readonly symbol: number | undefined;
  /** Positions of bid, ask, or of open, high, low, close. */
  readonly prices: readonly number[];
  readonly priceNames: readonly string[];
}

/** Names by role, as they are after {@link normalise}; the first of a role that is present is taken. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  time: ['timestamp', 'datetime', 'time', 'ts', 'date', 'opentime', 'gmttime', 'utctime'],
  symbol: ['symbol', 'instrument', 'ticker', 'pair'],
  bid: ['bid', 'bidprice'],
  ask: ['ask', 'askprice', 'offer'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c'],
};

/** Letters and digits in lower case: `Bid Price`, `bid_price` and `"BidPrice"` are one name. */
const normalise = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/**
 * Reads the header.
 * @throws QktError QKT_E_REPLAY_FILE naming what is missing and what was found.
 */
export function readHeader(text: string, file: string, line: number): Columns {
  const delimiter = delimiterOf(text);
  const found = text.split(delimiter).map((name) => name.trim().replaceAll('"', ''));
  const names = found.map(normalise);
  const refuse = (detail: string, column = 1): never => {
    throw new QktError('QKT_E_REPLAY_FILE', detail, { location: { file, line, column } });
  };
  if (text.includes('\0')) refuse('it is binary data, not CSV text');
  if (text.includes('\r')) refuse('lines end with a carriage return alone; save it with line feeds');
  if (found.every((name) => /^[\d\s.:T+-]*Z?$/.test(name)))
    refuse('the first line has no column names; a header such as "timestamp,bid,ask" is needed');

  const find = (role: string): number | undefined => {
    const alias = ALIASES[role]!.find((name) => names.includes(name));
    if (alias === undefined) return undefined;
    const first = names.indexOf(alias);
    const second = names.indexOf(alias, first + 1);
    if (second >= 0)
      refuse(`the column "${found[second]}" is there twice`, found.slice(0, second).join(delimiter).length + 2);
    return first;
  };
  const missing = (roles: readonly string[]): readonly string[] => roles.filter((role) => find(role) === undefined);

  const quotes = missing(QUOTE_PRICES);
  const bars = missing(BAR_PRICES);
  const layout = quotes.length === 0 ? 'quotes' : 'bars';
  const time = find('time');
  const lacking = [
    ...(time === undefined ? ['a time'] : []),
    ...(quotes.length > 0 && bars.length > 0 ? [lackingPrices(quotes, bars)] : []),
  ];
  if (lacking.length > 0) refuse(`no column for ${lacking.join(', nor for ')}; found: ${listed(found)}`);

  const priceNames = layout === 'quotes' ? QUOTE_PRICES : BAR_PRICES;
  const prices = priceNames.map((role) => find(role)!);
  return { layout, delimiter, count: found.length, time: time!, symbol: find('symbol'), prices, priceNames };
}

/** Of comma, semicolon and tab, the one that the header uses most; a comma when it uses none. */
function delimiterOf(header: string): string {
  const uses = (delimiter: string): number => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, next) => (uses(next) > uses(best) ? next : best));
}

/** What is missing of the layout that is nearer, or both layouts when neither has begun. */
function lackingPrices(quotes: readonly string[], bars: readonly string[]): string {
  if (quotes.length < QUOTE_PRICES.length) return quotes.join(', ');
  if (bars.length < BAR_PRICES.length) return bars.join(', ');
  return 'prices (bid and ask, or open, high, low and close)';
}

const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, 12).map((name) => (name === '' ? '(no name)' : printable(name)));
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
};

/** A name as it may be shown: short, and without control characters. */
const printable = (name: string): string => name.replaceAll(/\p{C}/gu, '?').slice(0, 40);
