/** The state chart as it is now, or as it was at a past moment, with the figures of then. */
import { useEffect, useState } from 'preact/hooks';
import type { VNode } from 'preact';
import picture from '../../../diagrams/strategy.svg';
import type { PastView } from '../../domain/history.ts';
import { get, strategyPath } from '../state/api.ts';
import type { Strategy } from '../state/store.ts';
import { clockTime, duration } from '../state/words.ts';
import type { Wire } from '../state/wire.ts';
import { Panel } from './panel.tsx';
import { PastFigures } from './past-figures.tsx';
import { activePaths, StateChart } from './state-chart.tsx';

type Past = Wire<PastView>;
const SETTLE_MS = 60;
/** Where the inner states of the stop are drawn. */
const STOPPING = ['cancelling', 'flattening', 'draining'];
const pathOf = (state: string): readonly string[] =>
  STOPPING.includes(state) ? ['stopping', `stopping.${state}`] : [state];

interface MachinePanelProps {
  readonly name: string;
  readonly machine: Strategy['machine'];
}

export function MachinePanel({ name, machine }: MachinePanelProps): VNode {
  const { at, past, ends, go } = usePast(name);
  const before = (past ?? ends.now)?.previous ?? null;
  const after = past?.next ?? null;
  const active = past === null ? activePaths(machine.value) : past.state === null ? [] : pathOf(past.state);
  const state = active.at(-1) ?? 'unknown';
  const when = past?.at === undefined || past.at === null ? 'now' : `after ${past.at.type} of ${past.at.ts}`;
  return (
    <Panel title="State chart" class="wide">
      <div class="moments">
        <label class="field">
          Moment ({when})
          <input
            type="range"
            min={ends.from}
            max={ends.to}
            value={at === null ? ends.to : Date.parse(past?.at?.ts ?? '') || ends.to}
            disabled={ends.from >= ends.to}
            aria-valuetext={`${when}: ${state}`}
            onInput={(event) => go(new Date(Number(event.currentTarget.value)).toISOString())}
          />
        </label>
        <div class="acts">
          <button disabled={before === null} onClick={() => go(String(before!.seq))}>
            Event before
          </button>
          <button disabled={after === null} onClick={() => go(String(after!.seq))}>
            Event after
          </button>
          <button disabled={past === null} onClick={() => go(null)}>
            Now
          </button>
        </div>
      </div>
      {past === null ? <Live machine={machine} /> : <PastFigures past={past} />}
      <StateChart
        picture={picture}
        label={`State chart of the strategy: ${state} is active, ${when}`}
        active={active}
      />
    </Panel>
  );
}

/** What is kept of the past, and the moment of it that is looked at; null for now. */
function usePast(name: string) {
  const [at, setAt] = useState<string | null>(null);
  const [past, setPast] = useState<Past | null>(null);
  const [latest, setLatest] = useState<Past | null>(null);
  useEffect(() => {
    void get<Past>(strategyPath(name, 'past')).then(setLatest, () => undefined);
  }, [name, at === null]);
  useEffect(() => {
    let isCurrent = true;
    const ask = async (moment: string): Promise<void> => {
      const answer = await get<Past>(`${strategyPath(name, 'past')}?at=${encodeURIComponent(moment)}`);
      if (isCurrent) setPast(answer);
    };
    if (at === null) setPast(null);
    // While the slider moves, only where it comes to rest is asked for.
    const timer = setTimeout(() => void (at === null ? undefined : ask(at).catch(() => undefined)), SETTLE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [name, at]);
  const from = Date.parse(latest?.first?.ts ?? '') || 0;
  const to = Math.max(from, Date.parse(latest?.last?.ts ?? '') || 0);
  return { at, past, ends: { from, to, now: latest }, go: setAt };
}

/** Time in the state, what it takes, what was refused last. */
function Live({ machine }: { readonly machine: Strategy['machine'] }): VNode {
  const { inStateMs, allowed, events, refusals, history } = machine;
  return (
    <dl class="facts">
      <dt>In this state</dt>
      <dd>{duration(inStateMs)}</dd>
      <dt>Commands that it accepts</dt>
      <dd>{allowed.join(', ') || 'none'}</dd>
      <dt>Events that it takes</dt>
      <dd>{events.join(', ')}</dd>
      <dt>Guards that said no last</dt>
      <dd>
        {refusals.length === 0
          ? 'none'
          : refusals
              .slice(0, 4)
              .map(({ event, guard, ts }) => `${guard} to ${event} at ${clockTime(ts)} UTC`)
              .join('; ')}
      </dd>
      <dt>Came here by</dt>
      <dd>
        {history
          .slice(-4)
          .map(({ event, from, to }) => `${from} → ${to} (${event})`)
          .join(', ') || 'nothing yet'}
      </dd>
    </dl>
  );
}
