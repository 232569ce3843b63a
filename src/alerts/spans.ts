/** The stretches of time that lie in conditions, in milliseconds: one place for the engine and for Prometheus. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface Spans {
  /** Within which orders and their rejections are counted. */
  readonly rejections: number;
  /** Within which an entry that filled far from its signal is told. */
  readonly slippage: number;
  /** Whose syncs of the journal are looked at. */
  readonly syncs: number;
  /** From whose highest equity a drop is measured. */
  readonly high: number;
  /** How long a position may be without a stop, and how long it may lose more than its share. */
  readonly bare: number;
  readonly losing: number;
}

export const SPANS: Spans = {
  rejections: 15 * MINUTE,
  slippage: 5 * MINUTE,
  syncs: 5 * MINUTE,
  high: HOUR,
  bare: 5 * MINUTE,
  losing: 4 * HOUR,
};

/** All of them, so many times shorter. */
export function shortened(spans: Spans, by: number): Spans {
  const { rejections, slippage, syncs, high, bare, losing } = spans;
  return {
    rejections: rejections / by,
    slippage: slippage / by,
    syncs: syncs / by,
    high: high / by,
    bare: bare / by,
    losing: losing / by,
  };
}

const UNITS = [
  ['h', HOUR],
  ['m', MINUTE],
  ['s', 1000],
] as const;

/** As Prometheus writes a duration, in the largest unit that it is whole in: `15m`. */
export function promDuration(ms: number): string {
  for (const [unit, length] of UNITS) if (ms % length === 0) return `${ms / length}${unit}`;
  return `${Math.round(ms)}ms`;
}
