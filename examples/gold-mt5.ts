/**
 * Trades gold through an MT5 gateway, in lots, with stop loss and take profit on the position at the broker.
 * `npm start` runs a simulated one; the configuration says what GOLD is there: see docs/mt5.md.
 */
import { defineStrategy, param } from 'qkt';

export default defineStrategy({
  name: 'gold-mt5',
  version: 1,
  params: {
    fast: param.integer(2, { min: 1, max: 200 }),
    slow: param.integer(5, { min: 2, max: 500 }),
    stop: param.decimal(0.4, { min: 0.01 }),
    target: param.decimal(0.6, { min: 0.01 }),
    lots: param.decimal(0.01, { min: 0.01 }),
  },
  streams: { gold: { symbol: 'GOLD', venue: 'exness', bars: '5s', warmup: 2 } },
  create({ params, indicators }) {
    const fast = indicators.ema(params.fast);
    const slow = indicators.ema(params.slow);
    return {
      onBar(bar, ctx) {
        const f = fast.update(bar.close);
        const s = slow.update(bar.close);
        if (f === undefined || s === undefined || ctx.warming || f === s) return;
        if (ctx.position('gold').qty !== 0 || ctx.orders('gold').length > 0) return;
        const order = {
          qty: params.lots,
          bracket: { stopLoss: { by: params.stop }, takeProfit: { by: params.target } },
        };
        if (f > s) ctx.buy('gold', order);
        else ctx.sell('gold', order);
      },
    };
  },
});
