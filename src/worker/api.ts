/**
 * What strategy files import as `'qkt'`.
 *
 * ```ts
 * import { defineStrategy, param } from 'qkt';
 *
 * export default defineStrategy({
 *   name: 'momentum',
 *   version: 1,
 *   params: { length: param.integer(20, { min: 2 }) },
 *   streams: { eur: { symbol: 'EURUSD', bars: '5s' } },
 *   create({ params, indicators }) {
 *     const momentum = indicators.momentum(params.length);
 *     return {
 *       onBar(bar, ctx) {
 *         const m = momentum.update(bar.close);
 *         if (m !== undefined && m > 0 && ctx.position('eur').qty === 0) ctx.buy('eur', { qty: 1000 });
 *       },
 *     };
 *   },
 * });
 * ```
 */
export { defineStrategy } from './define.ts';
export { param } from './param.ts';
export type {
  Account,
  Bar,
  BarLength,
  Bracket,
  Ctx,
  Denial,
  Duration,
  EvenStack,
  Fill,
  Level,
  ListedStack,
  LogLevel,
  Num,
  OrderInfo,
  OrderRole,
  OrderStatus,
  OrderType,
  PlaceOptions,
  Position,
  Quote,
  Side,
  Tick,
} from './api-types.ts';
export type {
  BooleanParam,
  Callbacks,
  NumberParam,
  OneOfParam,
  Param,
  Params,
  ParamValue,
  ParamValues,
  RiskSpec,
  Streams,
  StreamSpec,
  StrategyDefinition,
  StrategySpec,
  StringParam,
  Timers,
  TimerSpec,
} from './definition-types.ts';
export type {
  AdxValue,
  BandsValue,
  Candle,
  Indicator,
  Indicators,
  MacdValue,
  StochasticValue,
} from './indicator-types.ts';
