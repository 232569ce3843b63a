/** Equity and drawdown over time, with fills, halts and deploys marked, and the same in words. */
import { useMemo, useState } from 'preact/hooks';
import type { VNode } from 'preact';
import type { EquitySpan } from '../../domain/history.ts';
import { useEquity, type Equity } from '../state/history.ts';
import type { LiveEvent } from '../state/store.ts';
import { clockTime, finePercent, money, percent, plural } from '../state/words.ts';
import { Panel } from './panel.tsx';
import { TimePlot, type Mark } from './time-plot.tsx';

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
  ['deploy', 'start'],
] as const;

interface EquityPanelProps {
  readonly name: string;
  readonly events: readonly LiveEvent[];
}

export function EquityPanel({ name, events }: EquityPanelProps): VNode {
  const [span, setSpan] = useState<EquitySpan>('10m');
  const curve = useEquity(name, span);
  const marks = useMemo(() => events.flatMap(markOf), [events]);
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
        <Plots curve={curve} marks={marks} />
      )}
    </Panel>
  );
}

function Plots({ curve, marks }: { readonly curve: Equity; readonly marks: readonly Mark[] }): VNode {
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
        {inWords(curve)} {marksInWords(marks, x)}
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

/** The text equivalent of the two plots. */
function inWords({ ts, equity, balance, drawdown, currency, span, incomplete }: Equity): string {
  const figures = (span === 'all' ? balance : equity).filter((value) => value !== null);
  const what = span === 'all' ? 'Balance after each fill' : 'Equity';
  const from = `From ${clockTime(ts[0]!)} to ${clockTime(ts.at(-1)!)} UTC`;
  if (figures.length === 0) return `${from}: ${what.toLowerCase()} was not known.`;
  const worst = Math.max(...drawdown.filter((one) => one !== null), 0);
  const missing = incomplete ? ' The oldest points are thinned out or not kept any more.' : '';
  return (
    `${from}: ${what} ${money(figures[0]!)} to ${money(figures.at(-1)!)} ${currency}, lowest ${money(Math.min(...figures))}, ` +
    `highest ${money(Math.max(...figures))}${span === 'all' ? '' : `, largest drawdown ${percent(worst)}`}.${missing}`
  );
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
