/** The strategies of a twin: one that a fault is done to, and a neighbour that says how late its ticks are. */

const named = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** About thirty quotes a second. */
export const TARGET_SYMBOLS = named('DRILL', 8);
/** About two hundred and thirty quotes a second: a p99 wants many. */
const NEIGHBOUR_SYMBOLS = named('NEAR', 60);
export const SYMBOLS = [...TARGET_SYMBOLS, ...NEIGHBOUR_SYMBOLS];
/** What the target trades where its venue is an MT5 gateway, under the names that we and the simulator's broker share. */
export const GATEWAY_SYMBOLS = ['XAUUSD', 'EURUSD'];

export const TARGET = 'target';
export const NEIGHBOUR = 'neighbour';
/** Begins the neighbour's log lines, and how many ticks are in each. */
export const LATE = 'late';
const TICKS_A_LINE = 50;

export interface Trigger {
  /** Does the fault as long as it is there. */
  readonly file: string;
  /** Gets the time, in epoch ms, at which the fault was first done. */
  readonly instant: string;
}

const streams = (symbols: readonly string[], venue: string): string =>
  symbols.map((symbol) => `${symbol}: { symbol: '${symbol}', venue: '${venue}' }`).join(', ');

/** What the target trades, and where: on paper, or on an MT5 gateway. */
const MARKETS = {
  paper: { symbols: TARGET_SYMBOLS, qty: '1' },
  mt5: { symbols: GATEWAY_SYMBOLS, qty: '0.01' },
} as const;
export type TwinVenue = keyof typeof MARKETS;

export interface TargetOptions {
  readonly venue?: TwinVenue;
  /** What it does once the trigger is there: author's code in which `ctx` is at hand. */
  readonly misdeed?: string;
  /** Also as it is built the next time. */
  readonly again?: boolean;
}

/** Trades on every tick, and does its misdeed once the trigger is there. */
export function targetSource({ file, instant }: Trigger, options: TargetOptions = {}): string {
  const { venue = 'paper', misdeed = '', again = false } = options;
  const { symbols, qty } = MARKETS[venue];
  return `import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { defineStrategy } from 'qkt';
const FILE = ${JSON.stringify(file)};
const INSTANT = ${JSON.stringify(instant)};
function misdeed(ctx) {
  if (!existsSync(FILE)) return;
  ${again ? 'if (existsSync(INSTANT)) throw new Error("it crashes whenever it is built");' : 'rmSync(FILE);'}
  writeFileSync(INSTANT, String(Date.now()));
  ${misdeed}
}
export default defineStrategy({
  name: '${TARGET}',
  streams: { ${streams(symbols, venue)} },
  risk: { halt: [{ rule: 'maxRejections', limit: 10 }] },
  create() {
    ${again ? 'misdeed();' : ''}
    return {
      onTick(tick, ctx) {
        misdeed(ctx);
        if (ctx.position(tick.stream).qty === 0) ctx.buy(tick.stream, { qty: ${qty} });
        else ctx.close(tick.stream);
      },
    };
  },
});
`;
}

/** Logs of each tick its time, and by how many milliseconds it came after that: `1795347761131:0.62 …`. */
export const NEIGHBOUR_SOURCE = `import { defineStrategy } from 'qkt';
export default defineStrategy({
  name: '${NEIGHBOUR}',
  streams: { ${streams(NEIGHBOUR_SYMBOLS, 'paper')} },
  create() {
    let ticks = [];
    return {
      onTick(tick, ctx) {
        const now = performance.timeOrigin + performance.now();
        ticks.push(tick.ts + ':' + (now - tick.ts).toFixed(2));
        if (ticks.length < ${TICKS_A_LINE}) return;
        ctx.log('info', '${LATE}', { ticks: ticks.join(' ') });
        ticks = [];
      },
    };
  },
});
`;
