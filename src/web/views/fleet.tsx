/** All strategies as a table. */
import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { HaltAllDialog } from '../acts/halt.tsx';
import { ResumeDialog } from '../acts/resume.tsx';
import { KillDialog } from '../acts/stop.tsx';
import { Badge } from '../parts/badges.tsx';
import { EventFeed } from '../parts/event-feed.tsx';
import { Figure } from '../parts/figure.tsx';
import { HeadroomBar, tightest } from '../parts/headroom.tsx';
import { InUtc, Panel } from '../parts/panel.tsx';
import { Spark } from '../parts/spark.tsx';
import { Head } from '../parts/table.tsx';
import { addressOf } from '../state/route.ts';
import { may } from '../state/session.ts';
import { curveOf, events, isBookHalted, names, rowOf, type Row } from '../state/store.ts';
import { count } from '../state/words.ts';

const TITLES = [
  { title: 'Strategy' },
  { title: 'State' },
  { title: 'Equity', right: true },
  { title: 'Ten minutes' },
  { title: 'Unrealized', right: true },
  { title: 'Headroom' },
  { title: 'Trades', right: true },
  { title: 'Gateway' },
];

export function FleetView(): VNode {
  const [act, setAct] = useState<'halt' | 'resume' | 'kill' | null>(null);
  const all = names.value;
  if (all === undefined) return <p class="empty">Asking the daemon…</p>;
  const close = (): void => setAct(null);
  return (
    <>
      <Panel
        title="Strategies"
        aside={
          may('halt') && (
            <div class="acts">
              <button onClick={() => setAct('halt')}>Halt all</button>
              {may('admin') && isBookHalted.value && <button onClick={() => setAct('resume')}>Resume the book</button>}
              <button class="danger" onClick={() => setAct('kill')}>
                Kill all
              </button>
            </div>
          )
        }
      >
        {all.length === 0 ? (
          <p class="empty">
            No strategy is deployed. <code>qkt deploy &lt;file&gt;</code> deploys one.
          </p>
        ) : (
          <FleetTable all={all} />
        )}
      </Panel>
      <Panel title="What happens" aside={<InUtc />}>
        <EventFeed items={events.value} withStrategy={true} />
      </Panel>
      {act === 'halt' && <HaltAllDialog names={all} close={close} />}
      {act === 'resume' && <ResumeDialog name={null} close={close} />}
      {act === 'kill' && <KillDialog names={all} close={close} />}
    </>
  );
}

function FleetTable({ all }: { readonly all: readonly string[] }): VNode {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="All strategies">
      <table role="table" aria-label="All strategies" class="fleet">
        <Head titles={TITLES} />
        <tbody role="rowgroup">
          {all.map((name) => (
            <FleetRow name={name} key={name} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Drawn again only when this strategy has changed. */
function FleetRow({ name }: { readonly name: string }): VNode | null {
  const row = rowOf(name).value;
  if (row === null) return null;
  const isStale = row.stale.length > 0;
  const nearest = tightest(row.headroom);
  return (
    <tr role="row" data-strategy={name}>
      <td role="cell" data-label="Strategy">
        <a href={addressOf(name)}>{name}</a>
      </td>
      <td role="cell" data-label="State">
        <StateOf row={row} />
      </td>
      <td role="cell" data-label="Equity" class="right">
        <Figure value={row.equity} stale={isStale} /> <span class="faint">{row.currency}</span>
      </td>
      <td role="cell" data-label="Ten minutes">
        <Spark points={curveOf(name).value} of={`Equity of ${name}`} />
      </td>
      <td role="cell" data-label="Unrealized" class="right">
        <Figure value={row.unrealized} as="gain" stale={isStale} />
      </td>
      <td role="cell" data-label="Headroom">
        {nearest === undefined ? (
          <span class="faint">no rule</span>
        ) : (
          <span class="rule-line">
            <HeadroomBar {...nearest} /> <span class="faint">{nearest.rule}</span>
          </span>
        )}
      </td>
      <td role="cell" data-label="Trades" class="right">
        {count(row.trades)}
      </td>
      <td role="cell" data-label="Gateway">
        <span class="pair">
          {row.gateway.name} <Badge text={row.gateway.state} />
        </span>
      </td>
    </tr>
  );
}

function StateOf({ row }: { readonly row: Row }): VNode {
  return (
    <span class="state">
      <Badge text={row.state} /> {row.health === 'unhealthy' && row.state !== 'stopped' && <Badge text="unhealthy" />}
      {row.stale.length > 0 && <Badge text={`stale ${row.stale.join(', ')}`} tone="held" />}
      {row.halted && (
        <span class="why">
          {row.haltScope === 'book' ? 'book, ' : ''}
          {row.haltRule}: {row.haltReason}
        </span>
      )}
    </span>
  );
}
