/** A strategy file that trades at random as long as a file beside it is there. */

export interface RandomStrategy {
  readonly name: string;
  readonly seed: number;
  /** It trades while this is there. */
  readonly flag: string;
}

/** Gold and the euro, in lots, on the venue `exness`. */
export const randomStrategy = ({ name, seed, flag }: RandomStrategy): string => `import { existsSync } from 'node:fs';
import { defineStrategy } from 'qkt';
const FLAG = ${JSON.stringify(flag)};
const REACH = { XAUUSD: 1.5, EURUSD: 0.0006 };
const DIGITS = { XAUUSD: 3, EURUSD: 5 };
let state = ${seed} + Date.now() % 1000;
const random = () => ((state = (state * 1103515245 + 12345) % 2147483648) / 2147483648);
export default defineStrategy({
  name: '${name}',
  streams: { XAUUSD: { symbol: 'XAUUSD', venue: 'exness' }, EURUSD: { symbol: 'EURUSD', venue: 'exness' } },
  create() {
    return {
      onTick({ stream, bid }, ctx) {
        if (!existsSync(FLAG)) return;
        const text = (value) => value.toFixed(DIGITS[stream]);
        const by = () => text(REACH[stream] * (0.2 + random()));
        const bracket = random() < 0.6 ? { stopLoss: { by: by() }, takeProfit: { by: by() } } : undefined;
        const order = { qty: (1 + Math.floor(random() * 5)) / 100, ...(bracket && { bracket }) };
        const away = REACH[stream] * (0.1 + random());
        const draw = Math.floor(random() * 12);
        if (ctx.orders().length > 8) ctx.cancelAll();
        else if (draw === 0) ctx.close(stream);
        else if (draw === 1) ctx.buy(stream, order);
        else if (draw === 2) ctx.sell(stream, order);
        else if (draw === 3) ctx.buy(stream, { ...order, type: 'limit', price: text(bid - away) });
        else if (draw === 4) ctx.sell(stream, { ...order, type: 'stop', price: text(bid - away) });
        else if (draw === 5) ctx.cancelAll(stream);
      },
    };
  },
});
`;
