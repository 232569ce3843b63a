/** The account, its health, symbols, quotes and bars as a gateway writes them, made into ours. */
import { Type } from 'typebox';
import { Decimal, dec } from '../../domain/decimal.ts';
import {
  amount,
  decimal,
  integer,
  isoTime,
  maybeAmount,
  maybeFlag,
  maybeInteger,
  maybeText,
  maybeWhole,
  membersOf,
  present,
  shaped,
  text,
  Unreadable,
  whole,
  zeroIfNone,
} from './answer-shape.ts';
import type {
  GatewayHealth,
  MarginMode,
  Mt5AccountInfo,
  Mt5Bar,
  Mt5Quote,
  Mt5Symbol,
  Readiness,
  TradeMode,
} from './types.ts';

const healthBody = shaped(
  Type.Object({
    status: text(),
    mt5_status: text(),
    uptime_seconds: maybeAmount(),
    kill_switch_active: maybeFlag(),
    version: maybeText(),
    mt5_account: maybeWhole(),
    last_error: maybeText(),
  }),
);
const readyBody = shaped(
  Type.Object({
    status: text(),
    mt5_status: text(),
    error: maybeText(),
    kill_switch_active: maybeFlag(),
  }),
);
const accountBody = shaped(
  Type.Object({
    login: maybeWhole(),
    server: maybeText(),
    name: maybeText(),
    currency: text(),
    leverage: maybeAmount(),
    margin_mode: maybeWhole(),
    trade_mode: maybeWhole(),
    trade_allowed: maybeFlag(),
    balance: amount(),
    equity: amount(),
    margin: amount(),
    margin_free: amount(),
    margin_level: amount(),
  }),
);
const symbolBody = shaped(
  Type.Object({
    digits: whole(),
    point: maybeAmount(),
    trade_tick_size: maybeAmount(),
    trade_stops_level: maybeAmount(),
    trade_freeze_level: maybeAmount(),
    volume_min: amount(),
    volume_step: amount(),
    volume_max: maybeAmount(),
    trade_contract_size: maybeAmount(),
    currency_profit: maybeText(),
  }),
);
const tickBody = shaped(Type.Object({ bid: amount(), ask: amount(), time: maybeWhole(), time_msc: maybeWhole() }));
const barRows = shaped(
  Type.Object({
    bars: Type.Array(
      Type.Object({
        time: text(),
        open: amount(),
        high: amount(),
        low: amount(),
        close: amount(),
        tick_volume: maybeAmount(),
        spread: maybeAmount(),
      }),
    ),
  }),
);
const totalBody = shaped(Type.Object({ total: whole() }));

/** `GET /health` */
export function healthIn(body: unknown): GatewayHealth {
  const read = healthBody(body);
  const uptime = read.uptime_seconds ?? undefined;
  return {
    isHealthy: read.status === 'healthy',
    mt5Status: read.mt5_status,
    uptimeSeconds: uptime === undefined ? undefined : decimal(uptime).toNumber(),
    killed: read.kill_switch_active === true,
    version: read.version ?? '',
    login: maybeInteger(read.mt5_account),
    lastError: read.last_error ?? undefined,
  };
}

/** `GET /health/ready`, whichever its status; only the one word is ready. */
export function readinessIn(body: unknown, status: number): Readiness {
  const read = readyBody(body);
  return {
    ready: status === 200 && read.status === 'ready',
    mt5Status: read.mt5_status,
    error: read.error ?? undefined,
    killed: read.kill_switch_active === true,
  };
}

/** By their native number. */
const MARGIN_MODES: Readonly<Record<number, MarginMode>> = { 0: 'netting', 1: 'exchange', 2: 'hedging' };
const TRADE_MODES: Readonly<Record<number, TradeMode>> = { 0: 'demo', 1: 'contest', 2: 'real' };

/** `GET /account`; a mode that is not told is not known. */
export function accountIn(body: unknown): Mt5AccountInfo {
  const read = accountBody(body);
  return {
    login: maybeInteger(read.login),
    server: read.server ?? '',
    name: read.name ?? '',
    currency: read.currency,
    leverage: present(read.leverage)?.toNumber(),
    marginMode: MARGIN_MODES[maybeInteger(read.margin_mode) ?? -1] ?? 'unknown',
    tradeMode: TRADE_MODES[maybeInteger(read.trade_mode) ?? -1] ?? 'unknown',
    tradeAllowed: read.trade_allowed ?? undefined,
    balance: decimal(read.balance),
    equity: decimal(read.equity),
    margin: decimal(read.margin),
    marginFree: decimal(read.margin_free),
    marginLevel: decimal(read.margin_level),
  };
}

/** `GET /symbol_info/<name>` */
export function symbolIn(body: unknown, name: string): Mt5Symbol {
  const read = symbolBody(body);
  const digits = integer(read.digits);
  if (digits < 0 || digits > 20) throw new Unreadable(`digits is not 0 to 20: ${digits}`);
  const point = present(read.point) ?? new Decimal(1n, digits);
  const max = decimal(read.volume_max ?? 0);
  return {
    name,
    digits,
    point,
    tickSize: present(read.trade_tick_size) ?? point,
    stopsDistance: zeroIfNone(read.trade_stops_level).times(point),
    freezeDistance: zeroIfNone(read.trade_freeze_level).times(point),
    volumeMin: positive(read.volume_min, 'volume_min'),
    volumeStep: positive(read.volume_step, 'volume_step'),
    volumeMax: max.sign() > 0 ? max : undefined,
    contractSize: present(read.trade_contract_size) ?? dec(1),
    profitCurrency: read.currency_profit ?? undefined,
  };
}

function positive(value: number | string, name: string): Decimal {
  const read = decimal(value);
  if (read.sign() <= 0) throw new Unreadable(`${name} is not greater than 0: ${value}`);
  return read;
}

/** `GET /symbol_info_tick/<name>` */
export function quoteIn(body: unknown, symbol: string): Mt5Quote {
  const { bid, ask, time, time_msc } = tickBody(body);
  const seconds = maybeInteger(time);
  const serverTime = maybeInteger(time_msc) ?? (seconds === undefined ? undefined : seconds * 1000);
  if (serverTime === undefined) throw new Unreadable('time_msc is missing');
  return { symbol, bid: decimal(bid).toNumber(), ask: decimal(ask).toNumber(), serverTime };
}

/** `GET /fetch_data_pos`, whose times are UTC: oldest first. */
export function barsIn(body: unknown): readonly Mt5Bar[] {
  const { bars } = barRows({ bars: Array.isArray(body) ? body : membersOf(body)['data'] });
  return bars
    .map((row, index) => ({
      start: isoTime(row.time, `bars.${index}.time`),
      open: decimal(row.open).toNumber(),
      high: decimal(row.high).toNumber(),
      low: decimal(row.low).toNumber(),
      close: decimal(row.close).toNumber(),
      ticks: zeroIfNone(row.tick_volume).toNumber(),
      spread: zeroIfNone(row.spread).toNumber(),
    }))
    .toSorted((a, b) => a.start - b.start);
}

/** `GET /positions_total` */
export const totalIn = (body: unknown): number => integer(totalBody(body).total);
