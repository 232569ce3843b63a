/** Waits for a price beyond the range of the last bars with stop orders, each with its stop loss and take profit. */
import { defineStrategy, param } from 'qkt';

export default defineStrategy({
  name: 'breakout-bracket',
  version: 1,
  params: {
    bars: param.integer(3, { min: 2, max: 500 }),
    risk: param.decimal(1, { min: 0.1 }),
    reward: param.decimal(1.5, { min: 0.1 }),
    qty: param.decimal(0.05, { min: 0.01 }),
  },
  streams: { btc: { symbol: 'BTCUSD', bars: '5s', warmup: 3 } },
  create({ params, indicators }) {
    const range = indicators.donchian(params.bars);
    return {
      onBar(bar, ctx) {
        const channel = range.update(bar);
        if (channel === undefined || ctx.warming || ctx.position('btc').qty !== 0) return;
        const width = channel.upper - channel.lower;
        if (width <= 0) return;
        const bracket = {
          stopLoss: { by: (width * params.risk).toFixed(1) },
          takeProfit: { by: (width * params.reward).toFixed(1) },
        };
        ctx.cancelAll('btc');
        ctx.buy('btc', { qty: params.qty, type: 'stop', price: channel.upper.toFixed(1), bracket, tag: 'up' });
        ctx.sell('btc', { qty: params.qty, type: 'stop', price: channel.lower.toFixed(1), bracket, tag: 'down' });
      },
      onFill(fill, ctx) {
        // One side has broken out: the order on the other side must not turn the position round.
        if (!fill.reducing)
          for (const order of ctx.orders('btc'))
            if (order.role === 'entry' && order.id !== fill.orderId) ctx.cancel(order.id);
      },
    };
  },
});
