/** A time series on a canvas (uPlot), with marks. Whoever uses it says the same in words beside it. */
import { useEffect, useRef } from 'preact/hooks';
import type { VNode } from 'preact';
import uPlot from 'uplot';
import { theme } from '../state/theme.ts';
import { dateOf } from '../state/words.ts';

export interface Mark {
  /** Seconds. */
  readonly at: number;
  readonly kind: 'buy' | 'sell' | 'halt' | 'resume' | 'deploy';
}

export interface Series {
  readonly label: string;
  /** A custom property of the theme. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly fill?: boolean;
  /** It stays until it changes. */
  readonly stepped?: boolean;
}

interface PlotProps {
  /** Seconds. */
  readonly x: readonly number[];
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  readonly height: number;
  readonly format: (value: number) => string;
  /** Plots of the same key show the same moment under the cursor. */
  readonly sync: string;
}

const MARK_COLOURS: Readonly<Record<Mark['kind'], string>> = {
  buy: '--gain',
  sell: '--loss',
  halt: '--held',
  resume: '--good',
  deploy: '--ink-faint',
};

export function TimePlot({ x, series, marks, height, format, sync }: PlotProps): VNode {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef({ marks });
  latest.current.marks = marks;
  const shape = series.map(({ label }) => label).join();
  useEffect(() => {
    const element = host.current!;
    const made = new uPlot(
      optionsOf(series, { width: element.clientWidth, height, format, sync }, () => latest.current.marks),
      dataOf(x, series),
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
    // The theme's colours are taken when it is made.
  }, [shape, height, theme.value]);
  useEffect(() => plot.current?.setData(dataOf(x, series)), [x, series]);
  // Scales that are not settled yet, as those of a plot that was just made, stay what they are about to be.
  useEffect(() => plot.current?.redraw(false), [marks]);
  return <div class="plot" ref={host} aria-hidden="true" />;
}

const dataOf = (x: readonly number[], series: readonly Series[]): uPlot.AlignedData => [
  [...x],
  ...series.map(({ values }) => [...values]),
];

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function optionsOf(
  series: readonly Series[],
  { width, height, format, sync }: { width: number; height: number; format: (value: number) => string; sync: string },
  marks: () => readonly Mark[],
): uPlot.Options {
  const ink = colour('--ink-soft');
  const grid = { stroke: colour('--line'), width: 1 };
  return {
    width,
    height,
    legend: { show: false },
    scales: { y: { range: (_, low, high) => rangeOf(low, high) } },
    cursor: { y: false, sync: { key: sync } },
    axes: [
      {
        stroke: ink,
        grid,
        ticks: grid,
        font: '11px system-ui',
        space: 72,
        values: (_, ticks, __, ___, step) => ticks.map((at, n) => timeOf(at, step, ticks[n - 1])),
      },
      {
        stroke: ink,
        grid,
        ticks: grid,
        font: '11px system-ui',
        size: 74,
        space: 24,
        values: (_, ticks) => ticks.map((tick) => format(tick)),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour: name, fill, stepped }) => ({
        label,
        stroke: colour(name),
        width: 1.5,
        points: { show: false },
        ...(stepped === true && { paths: uPlot.paths.stepped!({ align: 1 }) }),
        ...(fill === true && { fill: `${colour(name)}33` }),
      })),
    ],
    hooks: { draw: [(u) => drawMarks(u, marks())] },
  };
}

/** A line that stays where it is has room above and below it in its own measure, not down to zero. */
function rangeOf(low: number, high: number): uPlot.Range.MinMax {
  const room = high > low ? (high - low) * 0.08 : Math.abs(low) * 0.001 || 0.001;
  return [low - room, high + room];
}

/** UTC, as everywhere; with the date below the first of another day than `before`, or than today. */
function timeOf(seconds: number, step: number, before = Date.now() / 1000): string {
  const date = dateOf(seconds * 1000);
  const iso = new Date(seconds * 1000).toISOString();
  if (step >= 86_400) return date.slice(5);
  const time = step >= 60 ? iso.slice(11, 16) : iso.slice(11, 19);
  return date === dateOf(before * 1000) ? time : `${time}\n${date.slice(5)}`;
}

/** A line for what changed the strategy, a triangle for a fill. */
function drawMarks(u: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox, scales } = u;
  const { min, max } = scales['x']!;
  const unit = devicePixelRatio;
  const inks = Object.fromEntries(Object.entries(MARK_COLOURS).map(([kind, name]) => [kind, colour(name)]));
  ctx.save();
  for (const { at, kind } of marks) {
    if (min === undefined || max === undefined || min === null || max === null || at < min || at > max) continue;
    const x = u.valToPos(at, 'x', true);
    ctx.strokeStyle = ctx.fillStyle = inks[kind]!;
    ctx.beginPath();
    if (kind === 'buy' || kind === 'sell') {
      const y = bbox.top + bbox.height - 2 * unit;
      const tip = kind === 'buy' ? -9 : -1;
      const base = kind === 'buy' ? -1 : -9;
      ctx.moveTo(x, y + tip * unit);
      ctx.lineTo(x - 5 * unit, y + base * unit);
      ctx.lineTo(x + 5 * unit, y + base * unit);
      ctx.fill();
    } else {
      ctx.lineWidth = 1.5 * unit;
      if (kind === 'deploy') ctx.setLineDash([4 * unit, 3 * unit]);
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
    }
  }
  ctx.restore();
}
