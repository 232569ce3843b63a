/** One strategy in full. */
import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { HaltDialog } from '../acts/halt.tsx';
import { ResumeDialog } from '../acts/resume.tsx';
import { StopDialog } from '../acts/stop.tsx';
import { Badge } from '../parts/badges.tsx';
import { EquityPanel } from '../parts/equity-panel.tsx';
import { EventFeed } from '../parts/event-feed.tsx';
import { HaltNotice } from '../parts/halt-notice.tsx';
import { KeyFigures } from '../parts/key-figures.tsx';
import { LogPanel } from '../parts/log-panel.tsx';
import { MachinePanel } from '../parts/machine-panel.tsx';
import { LayersPanel, OrdersPanel, PositionsPanel } from '../parts/orders.tsx';
import { InUtc, Panel } from '../parts/panel.tsx';
import { HeadroomPanel, LeasesPanel } from '../parts/risk-panels.tsx';
import { WhyPanel } from '../parts/why-panel.tsx';
import { useEvents } from '../state/history.ts';
import { may } from '../state/session.ts';
import { chosen, link, names, type Strategy } from '../state/store.ts';

export function StrategyView({ name }: { readonly name: string }): VNode {
  const strategy = chosen.value;
  if (names.value !== undefined && !names.value.includes(name))
    return <p class="empty">No strategy named {name} is deployed.</p>;
  if (strategy === null || strategy.status.strategy !== name)
    return (
      <p class="empty">
        {link.value.state === 'lost'
          ? `Nothing is shown of ${name}: the daemon was lost before it could be asked for it.`
          : `Asking for ${name}…`}
      </p>
    );
  return <Whole name={name} strategy={strategy} />;
}

function Whole({ name, strategy }: { readonly name: string; readonly strategy: Strategy }): VNode {
  const { status, health, machine } = strategy;
  const events = useEvents(name);
  return (
    <>
      <Heading strategy={strategy} />
      <HaltNotice status={status} />
      <KeyFigures status={status} />
      <div class="grid">
        <EquityPanel name={name} events={events} />
        <div class="stack">
          <PositionsPanel status={status} />
          <OrdersPanel status={status} />
          <LayersPanel status={status} />
        </div>
        <div class="stack">
          <HeadroomPanel status={status} />
          <WhyPanel name={name} status={status} />
        </div>
        <div class="stack last">
          <LeasesPanel health={health} />
          <Panel title="Events" aside={<InUtc />}>
            <EventFeed items={events} />
          </Panel>
        </div>
        <MachinePanel name={name} machine={machine} />
        <LogPanel />
      </div>
    </>
  );
}

function Heading({ strategy: { status, machine } }: { readonly strategy: Strategy }): VNode {
  const [act, setAct] = useState<'halt' | 'resume' | 'stop' | null>(null);
  const { strategy: name, definition, version, state, gateway, restarts, isolation } = status;
  const close = (): void => setAct(null);
  const takes = (command: string): boolean => machine.allowed.includes(command);
  // One that was stopped without closing what it holds takes a stop that closes it.
  const canStop = state === 'stopped' ? status.positions.length > 0 : takes('STOP');
  return (
    <div class="heading">
      <h2 class="name">{name}</h2>
      <Badge text={state} />
      <span class="faint">
        {definition} version {version}, {isolation}, on {gateway.name} ({gateway.state})
        {restarts > 0 && `, restarted ${restarts} times`}
      </span>
      <div class="acts">
        {takes('HALT') && may('halt') && <button onClick={() => setAct('halt')}>Halt</button>}
        {takes('RESUME') && may('admin') && <button onClick={() => setAct('resume')}>Resume</button>}
        {canStop && may('halt') && (
          <button class="danger" onClick={() => setAct('stop')}>
            Stop
          </button>
        )}
        {!may('halt') && (
          <span class="faint">
            Looking only: <code>qkt dashboard</code> prints a link that may act.
          </span>
        )}
      </div>
      {act === 'halt' && <HaltDialog status={status} close={close} />}
      {act === 'resume' && <ResumeDialog name={name} close={close} />}
      {act === 'stop' && <StopDialog status={status} close={close} />}
    </div>
  );
}
