/** A small curve without axes: the last ten minutes. Gaps stay gaps. */
import type { VNode } from 'preact';
import { money } from '../state/words.ts';

const WIDTH = 120;
const HEIGHT = 28;
const MARGIN = 2;

export function Spark({ points, of }: { readonly points: readonly (number | null)[]; readonly of: string }): VNode {
  const known = points.filter((point) => point !== null);
  if (known.length < 2) return <span class="faint">no curve yet</span>;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const first = known[0]!;
  const last = known.at(-1)!;
  const label = `${of}: ${money(first)} to ${money(last)} in ten minutes, between ${money(low)} and ${money(high)}`;
  return (
    <svg
      class={`spark ${last < first ? 'loss' : 'gain'}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <path d={pathOf(points, low, high)} />
    </svg>
  );
}

function pathOf(points: readonly (number | null)[], low: number, high: number): string {
  const range = high - low || 1;
  const step = (WIDTH - 2 * MARGIN) / (points.length - 1);
  let path = '';
  let isDown = false;
  points.forEach((point, n) => {
    if (point !== null) {
      const x = MARGIN + n * step;
      const y = high === low ? HEIGHT / 2 : HEIGHT - MARGIN - ((point - low) / range) * (HEIGHT - 2 * MARGIN);
      path += `${isDown ? 'L' : 'M'}${x.toFixed(1)},${y.toFixed(1)}`;
    }
    isDown = point !== null;
  });
  return path;
}
