/** The strategies of a twin: one that a fault is done to, and a neighbour that says how late its ticks are. */

const named = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** About thirty quotes a second. */
export const TARGET_SYMBOLS = named('DRILL', 8);
/** About two hundred and thirty quotes a second: a p99 wants many. */
export const NEIGHBOUR_SYMBOLS = named('NEAR', 60);
export const SYMBOLS = [...TARGET_SYMBOLS, ...NEIGHBOUR_SYMBOLS];

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

const streams = (symbols: readonly string[]): string =>
  symbols.map((symbol) => `${symbol}: { symbol: '${symbol}' }`).join(', ');

/**
 * Trades on every tick. Once the trigger is there it does `misdeed`, author's code in which `ctx` is at
 * hand; with `again` also as it is built the next time.
 */
export function targetSource({ file, instant }: Trigger, misdeed = '', again = false): string {
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
  streams: { ${streams(TARGET_SYMBOLS)} },
  risk: { halt: [{ rule: 'maxRejections', limit: 10 }] },
  create() {
    ${again ? 'misdeed();' : ''}
    return {
      onTick(tick, ctx) {
        misdeed(ctx);
        if (ctx.position(tick.stream).qty === 0) ctx.buy(tick.stream, { qty: 1 });
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
  streams: { ${streams(NEIGHBOUR_SYMBOLS)} },
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
