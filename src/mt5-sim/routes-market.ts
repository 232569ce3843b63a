/** The account, the symbols and their quotes. */
import type { Rate } from '../venues/mt5-sim/quote-history.ts';
import { TIMEFRAMES, type Timeframe } from '../venues/mt5-sim/timeframes.ts';
import type { SymbolTerms } from '../venues/mt5-sim/types.ts';
import { done, notFound, type Answer } from './answers.ts';
import { integerOf, neededSpan, neededText, textOf, wordOf } from './fields.ts';
import type { Gateway } from './gateway.ts';
import type { Call, Route } from './route.ts';
import { loginOf } from './routes-health.ts';
import { tickRow } from './rows.ts';
import { symbolRow } from './symbol-row.ts';

const MARGIN_MODE = { netting: 0, hedging: 2 } as const;
const MOST_BARS = 10_000;
/** Ticks may be asked for by kind, bit by bit; here all are quotes, and there are none of the market's deals. */
const MOST_FLAGS = 7;
const DEALS_ONLY = 2;

function account(_call: Call, gateway: Gateway): Answer {
  const { terminal, faults, options } = gateway;
  const { balance, profit, equity, margin, marginFree, marginLevel } = terminal.account.figures();
  const allowed = faults.state('trade-not-allowed') === undefined;
  return done({
    login: loginOf(gateway),
    trade_mode: 0,
    leverage: terminal.account.leverage,
    limit_orders: 200,
    margin_so_mode: 0,
    trade_allowed: allowed,
    trade_expert: allowed,
    margin_mode: MARGIN_MODE[terminal.account.mode],
    currency_digits: 2,
    fifo_close: false,
    balance,
    credit: 0,
    profit,
    equity,
    margin,
    margin_free: marginFree,
    margin_level: marginLevel,
    margin_so_call: 60,
    margin_so_so: terminal.account.stopOutLevel,
    name: 'demo',
    server: faults.state('wrong-server') ?? options.server,
    currency: faults.state('wrong-currency') ?? terminal.account.currency,
    company: 'qkt mt5-sim',
  });
}

/** @throws Refused 404 for a symbol that the terminal does not have */
function termsOf(gateway: Gateway, symbol: string): SymbolTerms {
  const terms = gateway.terminal.symbols.get(symbol);
  if (terms === undefined) throw notFound(`Symbol ${symbol} not found`);
  return terms;
}

function symbols({ query }: Call, { terminal }: Gateway): Answer {
  const search = textOf(query, 'search') ?? '*';
  const pattern = new RegExp(`^${search.split('*').map(escaped).join('.*')}$`, 'i');
  const found = [...terminal.symbols.keys()].filter((name) => pattern.test(name)).toSorted();
  return done({ total: found.length, symbols: found });
}

const escaped = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');

function tick({ parameter }: Call, gateway: Gateway): Answer {
  const { symbol } = termsOf(gateway, parameter);
  const last = gateway.terminal.quoteOf(symbol);
  if (last === undefined) throw notFound(`No tick for ${symbol}`);
  return done(tickRow(gateway, last));
}

function ratesOf(gateway: Gateway, { query }: Call): { readonly terms: SymbolTerms; readonly rates: readonly Rate[] } {
  const terms = termsOf(gateway, neededText(query, 'symbol'));
  const timeframe: Timeframe = wordOf(query, 'timeframe', TIMEFRAMES) ?? 'M1';
  const rates = gateway.terminal.pastOf(terms.symbol)?.rates(timeframe, gateway.options.serverClock) ?? [];
  return { terms, rates };
}

/** Bars are the one thing whose times a gateway puts right. */
function barRows(rates: readonly Rate[], { symbol }: SymbolTerms): Answer {
  if (rates.length === 0) throw notFound(`No rates for ${symbol}`);
  return done(
    rates.map(({ start, open, high, low, close, ticks, spread }) => ({
      time: new Date(start).toISOString().replace('.000Z', 'Z'),
      open,
      high,
      low,
      close,
      tick_volume: ticks,
      spread,
      real_volume: 0,
    })),
  );
}

function barsByPosition(call: Call, gateway: Gateway): Answer {
  const count = integerOf(call.query, 'num_bars', 1, MOST_BARS) ?? 100;
  const { terms, rates } = ratesOf(gateway, call);
  return barRows(rates.slice(-count), terms);
}

function barsByRange(call: Call, gateway: Gateway): Answer {
  const [from, to] = neededSpan(call.query, 'start', 'end', true);
  const { terms, rates } = ratesOf(gateway, call);
  return barRows(
    rates.filter(({ start }) => start >= from && start <= to),
    terms,
  );
}

function ticksByRange({ query }: Call, gateway: Gateway): Answer {
  const { symbol } = termsOf(gateway, neededText(query, 'symbol'));
  const [from, to] = neededSpan(query, 'from_date', 'to_date', true);
  const flags = integerOf(query, 'flags', 0, MOST_FLAGS);
  if (flags === DEALS_ONLY) return done([]);
  const ticks = gateway.terminal.pastOf(symbol)?.ticks(gateway.instant(from), gateway.instant(to)) ?? [];
  return done(ticks.map((one) => tickRow(gateway, one)));
}

export const MARKET_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/account', handle: account },
  { method: 'GET', path: '/symbols', handle: symbols },
  {
    method: 'GET',
    path: '/symbol_info/<symbol>',
    handle: ({ parameter }, gateway) => done(symbolRow(gateway, termsOf(gateway, parameter))),
  },
  { method: 'GET', path: '/symbol_info_tick/<symbol>', handle: tick },
  { method: 'GET', path: '/fetch_data_pos', handle: barsByPosition },
  { method: 'GET', path: '/fetch_data_range', handle: barsByRange },
  { method: 'GET', path: '/copy_ticks_range', handle: ticksByRange },
];
