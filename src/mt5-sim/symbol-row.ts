/** A symbol as the terminal describes it. */
import type { SymbolTerms } from '../venues/mt5-sim/types.ts';
import type { Gateway } from './gateway.ts';

/** MT5 numbers for what holds for every symbol here: profit as in forex, full trading, market execution, swap in points. */
const MODES = {
  select: true,
  visible: true,
  custom: false,
  trade_calc_mode: 0,
  trade_mode: 4,
  trade_exemode: 2,
  swap_mode: 1,
  swap_rollover3days: 3,
  expiration_mode: 15,
  order_mode: 127,
  order_gtc_mode: 0,
  chart_mode: 0,
  margin_hedged_use_leg: false,
  spread_float: true,
  ticks_bookdepth: 0,
  volume_limit: 0,
  margin_initial: 0,
  margin_maintenance: 0,
  trade_accrued_interest: 0,
  trade_face_value: 0,
  trade_liquidity_rate: 0,
  start_time: 0,
  expiration_time: 0,
} as const;

export function symbolRow(gateway: Gateway, terms: SymbolTerms): object {
  const { symbol, ours, digits, tickSize, contractSize, base, quote } = terms;
  const tick = gateway.terminal.quoteOf(symbol);
  return {
    name: symbol,
    description: ours,
    path: `Simulated\\${symbol}`,
    ...MODES,
    digits,
    point: tickSize,
    spread: terms.spread.dividedBy(tickSize, 0),
    trade_tick_size: tickSize,
    trade_tick_value: tickSize.times(contractSize),
    trade_contract_size: contractSize,
    trade_stops_level: terms.stopsLevel,
    trade_freeze_level: terms.freezeLevel,
    volume_min: terms.volumeMin,
    volume_step: terms.volumeStep,
    volume_max: terms.volumeMax,
    filling_mode: terms.fillingMode,
    swap_long: terms.swapLong,
    swap_short: terms.swapShort,
    margin_hedged: contractSize,
    currency_base: base,
    currency_profit: quote,
    currency_margin: base,
    time: tick === undefined ? 0 : gateway.shownSeconds(tick.ts),
    bid: tick?.bid ?? 0,
    ask: tick?.ask ?? 0,
    last: 0,
    volume: 0,
  };
}
