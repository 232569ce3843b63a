/** Follows a trend of gold and adds to the position as it goes on: a stack of three layers with the trend. */
import { defineStrategy, param } from 'qkt';

export default defineStrategy({
  name: 'pyramid',
  version: 1,
  params: {
    fast: param.integer(3, { min: 1, max: 200 }),
    slow: param.integer(8, { min: 2, max: 500 }),
    layers: param.integer(3, { min: 1, max: 10 }),
    spacing: param.decimal(0.15, { min: 0.01 }),
    stop: param.decimal(1, { min: 0.01 }),
    qty: param.decimal(0.1, { min: 0.01 }),
    side: param.oneOf('both', ['both', 'long', 'short']),
  },
  streams: { gold: { symbol: 'XAUUSD', bars: '5s', warmup: 8 } },
  timers: { report: { every: '1m' } },
  create({ params, indicators }) {
    const fast = indicators.ema(params.fast);
    const slow = indicators.ema(params.slow);
    let trend = 0;
    return {
      onBar(bar, ctx) {
        const f = fast.update(bar.close);
        const s = slow.update(bar.close);
        if (f === undefined || s === undefined) return;
        const was = trend;
        trend = Math.sign(f - s);
        if (ctx.warming || trend === was || trend === 0) return;
        if (ctx.position('gold').qty !== 0) {
          ctx.cancelAll('gold');
          ctx.close('gold');
          return;
        }
        const order = {
          qty: params.qty,
          bracket: { stopLoss: { by: params.stop } },
          stack: { layers: params.layers, spacing: params.spacing, direction: 'with', within: '10m' },
        } as const;
        if (trend > 0 && params.side !== 'short') ctx.buy('gold', order);
        if (trend < 0 && params.side !== 'long') ctx.sell('gold', order);
      },
      onTimer(name, ctx) {
        const { equity, unrealized } = ctx.account;
        ctx.log('info', name, { equity, unrealized, gold: ctx.position('gold').qty });
      },
    };
  },
});
