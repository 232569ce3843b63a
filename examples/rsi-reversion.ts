/** Buys what has fallen too fast and sells what has risen too fast, until the RSI is back in the middle. */
import { defineStrategy, param } from 'qkt';

export default defineStrategy({
  name: 'rsi-reversion',
  version: 1,
  params: {
    length: param.integer(7, { min: 2, max: 200 }),
    low: param.decimal(30, { min: 1, max: 49 }),
    high: param.decimal(70, { min: 51, max: 99 }),
    qty: param.decimal(10_000, { min: 1 }),
    stop: param.decimal('0.15', { min: '0.001' }),
  },
  streams: { yen: { symbol: 'USDJPY', bars: '5s', warmup: 2 } },
  expectTradesEvery: '4h',
  create({ params, indicators }) {
    const rsi = indicators.rsi(params.length);
    return {
      onBar(bar, ctx) {
        const value = rsi.update(bar.close);
        if (value === undefined || ctx.warming) return;
        const { qty } = ctx.position('yen');
        const protect = { stopLoss: { by: params.stop } };
        if (qty === 0 && value < params.low) ctx.buy('yen', { qty: params.qty, bracket: protect, tag: 'oversold' });
        if (qty === 0 && value > params.high) ctx.sell('yen', { qty: params.qty, bracket: protect, tag: 'overbought' });
        if ((qty > 0 && value > 50) || (qty < 0 && value < 50)) ctx.close('yen');
      },
      onReject(denial, ctx) {
        ctx.log('warn', 'an order did not pass', { code: denial.code, reason: denial.reason });
      },
    };
  },
});
