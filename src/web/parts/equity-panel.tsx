/** Equity and drawdown over time, with fills, halts and deploys marked, and the same in words. */
import { useMemo, useState } from 'preact/hooks';
import type { VNode } from 'preact';
import type { EquitySpan } from '../../domain/history.ts';
import { useEquity, useKept, type Equity } from '../state/history.ts';
import type { LiveEvent } from '../state/store.ts';
import { clockTime, finePercent, money, percent, plural } from '../state/words.ts';
import { Panel } from './panel.tsx';
import { TimePlot, type Mark } from './time-plot.tsx';

const ROOM_MS = 5000;

const SPANS: readonly (readonly [EquitySpan, string])[] = [
  ['10m', '10 minutes'],
  ['1d', '1 day'],
  ['all', 'all fills'],
];

const KEYS = [
  ['equity', 'equity'],
  ['balance', 'balance'],
  ['drawdown', 'drawdown'],
  ['buy', 'buy'],
  ['sell', 'sell'],
  ['halt', 'halt'],
  ['resume', 'resume'],
  ['deploy', 'start'],
] as const;

interface EquityPanelProps {
  readonly name: string;
  readonly events: readonly LiveEvent[];
}

export function EquityPanel({ name, events }: EquityPanelProps): VNode {
  const [span, setSpan] = useState<EquitySpan>('10m');
  const curve = useEquity(name, span);
  // Those of ten minutes are among the latest events.
  const kept = useKept(name, span !== '10m');
  const marks = useMemo(() => {
    const known = new Set(events.map(({ seq }) => seq));
    return [...(kept ?? []).filter(({ seq }) => !known.has(seq)), ...events].flatMap(markOf);
  }, [kept, events]);
  return (
    <Panel
      title="Equity and drawdown"
      class="wide"
      aside={
        <div class="choice" role="group" aria-label="Span">
          {SPANS.map(([key, title]) => (
            <button key={key} class="quiet" aria-pressed={span === key} onClick={() => setSpan(key)}>
              {title}
            </button>
          ))}
        </div>
      }
    >
      {curve === null || curve.ts.length < 2 ? (
        <p class="empty">There is no curve yet.</p>
      ) : (
        <Plots curve={curve} marks={marks} except={unmarked(curve, events, kept !== null)} />
      )}
    </Panel>
  );
}

/** What of the curve is not marked: the daemon remembers its latest events, and no start of before its own. */
function unmarked({ ts, stepMs }: Equity, [first]: readonly LiveEvent[], hasKept: boolean): string {
  // A curve that began with the daemon has a point or two before its first event.
  const room = stepMs === null ? 0 : Math.max(stepMs, ROOM_MS);
  if (first === undefined || Date.parse(first.ts) <= Date.parse(ts[0]!) + room) return '';
  return hasKept
    ? `Starts before ${clockTime(first.ts)} UTC are not marked.`
    : `What was before ${clockTime(first.ts)} UTC is not marked.`;
}

interface PlotsProps {
  readonly curve: Equity;
  readonly marks: readonly Mark[];
  /** What is not marked, in words. */
  readonly except: string;
}

function Plots({ curve, marks, except }: PlotsProps): VNode {
  const x = useMemo(() => curve.ts.map((ts) => Date.parse(ts) / 1000), [curve]);
  const amounts = useMemo(
    () => [
      { label: 'Balance', colour: '--ink-faint', values: curve.balance, stepped: true },
      { label: 'Equity', colour: '--accent', values: curve.equity },
    ],
    [curve],
  );
  const drawdown = useMemo(
    () => [
      {
        label: 'Drawdown',
        colour: '--loss',
        values: curve.drawdown.map((one) => (one === null ? null : -one)),
        fill: true,
      },
    ],
    [curve],
  );
  const hasDrawdown = curve.drawdown.some((one) => one !== null);
  return (
    <figure class="plots">
      <TimePlot x={x} series={amounts} marks={marks} height={220} format={money} sync="equity" />
      {hasDrawdown && (
        <TimePlot x={x} series={drawdown} marks={marks} height={110} format={finePercent} sync="equity" />
      )}
      <figcaption>
        {inWords(curve)} {marksInWords(marks, x)} {except}
        <span class="legend">
          {KEYS.map(([key, title]) => (
            <span key={key}>
              <i class={`key ${key}`} /> {title}
            </span>
          ))}
        </span>
      </figcaption>
    </figure>
  );
}

/** The text equivalent of the two plots: of the time for which there is something to tell. */
function inWords({ ts, equity, balance, drawdown, currency, span, incomplete }: Equity): string {
  const column = span === 'all' ? balance : equity;
  const figures = column.filter((value) => value !== null);
  const what = span === 'all' ? 'Balance after each fill' : 'Equity';
  if (figures.length === 0)
    return `From ${clockTime(ts[0]!)} to ${clockTime(ts.at(-1)!)} UTC: ${what.toLowerCase()} was not known.`;
  const first = column.findIndex((value) => value !== null);
  const last = column.findLastIndex((value) => value !== null);
  const lost = ts[last + 1];
  const worst = Math.max(...drawdown.filter((one) => one !== null), 0);
  return [
    `From ${clockTime(ts[first]!)} to ${clockTime(ts[last]!)} UTC: ${what} ${money(figures[0]!)} to ${money(figures.at(-1)!)} ${currency}, ` +
      `lowest ${money(Math.min(...figures))}, highest ${money(Math.max(...figures))}${span === 'all' ? '' : `, largest drawdown ${percent(worst)}`}.`,
    ...(lost === undefined ? [] : [`Not known since ${clockTime(lost)} UTC.`]),
    ...(figures.length < last + 1 - first ? ['In between it was not always known.'] : []),
    ...(incomplete ? ['The oldest points are thinned out or not kept any more.'] : []),
  ].join(' ');
}

function marksInWords(marks: readonly Mark[], x: readonly number[]): string {
  const shown = marks.filter(({ at }) => at >= x[0]! && at <= x.at(-1)!);
  const of = (...kinds: readonly Mark['kind'][]): number => shown.filter(({ kind }) => kinds.includes(kind)).length;
  return `Marked: ${plural(of('buy', 'sell'), 'fill')}, ${plural(of('halt'), 'halt')}, ${plural(of('resume'), 'resume')}, ${plural(of('deploy'), 'start')}.`;
}

function markOf(event: LiveEvent): Mark[] {
  const at = Date.parse(event.ts) / 1000;
  switch (event.type) {
    case 'fill':
      return [{ at, kind: event['side'] === 'BUY' ? 'buy' : 'sell' }];
    case 'halt':
      return event['restored'] === true ? [] : [{ at, kind: 'halt' }];
    case 'resume':
      return [{ at, kind: 'resume' }];
    case 'lifecycle':
      return event['to'] === 'starting' ? [{ at, kind: 'deploy' }] : [];
    default:
      return [];
  }
}
