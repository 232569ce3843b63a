import { defineStrategy, param } from 'qkt';

export default defineStrategy({
  name: 'ema-cross',
  version: 1,
  params: {
    fast: param.integer(9, { min: 1, max: 500 }),
    slow: param.integer(21, { min: 2, max: 500 }),
    qty: param.decimal(10_000, { min: 1 }),
  },
  streams: { eur: { symbol: 'EURUSD', bars: '1m', warmup: 21 } },
  expectTradesEvery: '8h',
  create({ params, indicators }) {
    const fast = indicators.ema(params.fast);
    const slow = indicators.ema(params.slow);
    let above: boolean | undefined;
    return {
      onBar(bar, ctx) {
        const f = fast.update(bar.close),
          s = slow.update(bar.close);
        if (f === undefined || s === undefined) return;
        const was = above;
        above = f > s;
        if (was === false && above && ctx.position('eur').qty === 0)
          ctx.buy('eur', { qty: params.qty, bracket: { stopLoss: { by: 0.0015 }, takeProfit: { by: 0.003 } } });
        if (was === true && !above) ctx.close('eur');
      },
    };
  },
});
