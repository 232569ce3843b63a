/** What is wrong, since when, by which figures, and what to do; acknowledging and silencing. */
import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import type { SilenceView } from '../../domain/alerts.ts';
import { AckDialog, SilenceDialog, standingOf, type Alert } from '../acts/alerts.tsx';
import { Age } from '../parts/age.tsx';
import { Badge } from '../parts/badges.tsx';
import { Panel } from '../parts/panel.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { figuresOf } from '../state/alert-words.ts';
import { usePolled } from '../state/polled.ts';
import { addressOf } from '../state/route.ts';
import { may } from '../state/session.ts';
import { duration } from '../state/words.ts';
import type { Wire } from '../state/wire.ts';

type Silence = Wire<SilenceView>;

const SEVERITY_TONES = { P1: 'bad', P2: 'held', P3: 'plain' } as const;
const STATE_TONES = { firing: 'bad', pending: 'held', inhibited: 'plain', resolved: 'good' } as const;

export function AlertsView(): VNode {
  const [alerts, again] = usePolled<readonly Alert[]>('/daemon/alerts', 'alert');
  const [silences, silencesAgain] = usePolled<readonly Silence[]>('/daemon/silences', 'alert');
  const [act, setAct] = useState<{ readonly kind: 'ack' | 'silence'; readonly alert: Alert } | null>(null);
  const close = (): void => {
    setAct(null);
    again();
    silencesAgain();
  };
  return (
    <>
      <Panel title="Alerts">
        {alerts.is === 'asking' && <p class="empty">Asking…</p>}
        {alerts.is === 'failed' && <p class="empty">{alerts.why}</p>}
        {alerts.is === 'absent' && (
          <p class="empty">This daemon has no alert engine: nothing here says that all is well.</p>
        )}
        {alerts.is === 'answer' && alerts.value.length === 0 && <p class="empty">No alert is pending or firing.</p>}
        {alerts.is === 'answer' &&
          alerts.value.map((alert) => (
            <AlertCard key={alert.key} alert={alert} act={(kind) => setAct({ kind, alert })} />
          ))}
      </Panel>
      {silences.is === 'answer' && (
        <Panel title="Silences">
          <Table
            label="Silences"
            columns={SILENCES}
            rows={silences.value}
            keyOf={({ id }) => id}
            empty="No silence is in force."
          />
        </Panel>
      )}
      {act?.kind === 'ack' && <AckDialog alert={act.alert} close={close} />}
      {act?.kind === 'silence' && <SilenceDialog alert={act.alert} close={close} />}
    </>
  );
}

const SILENCES: readonly Column<Silence>[] = [
  {
    title: 'Of',
    cell: ({ alert, strategy, severity, p1 }) =>
      [alert ?? 'every rule', strategy, severity, p1 ? 'P1 included' : undefined]
        .filter((one) => one !== undefined)
        .join(', '),
  },
  { title: 'Reason', cell: ({ reason }) => reason },
  { title: 'By', cell: ({ by }) => by },
  { title: 'Until (UTC)', right: true, cell: ({ endsAt }) => <Time at={endsAt} /> },
];

function AlertCard({ alert, act }: { readonly alert: Alert; readonly act: (kind: 'ack' | 'silence') => void }): VNode {
  const { severity, state, id, strategy, target, summary, since, resolvedAt } = alert;
  const { acknowledged, silencedBy, inhibitedBy, command, runbook } = alert;
  const standing = standingOf(alert);
  const figures = figuresOf(alert);
  return (
    <article class={`alert ${standing}`} aria-label={alert.key}>
      <header>
        <Badge text={severity} tone={SEVERITY_TONES[severity]} /> <Badge text={standing} tone={STATE_TONES[standing]} />
        <strong>{id}</strong>
        {strategy === null ? <span>{target}</span> : <a href={addressOf(strategy)}>{strategy}</a>}
        <span class="faint">
          {resolvedAt === null ? (
            <>
              since <Time at={since} utc />, <Age since={since} suffix="" />
            </>
          ) : (
            <>
              from <Time at={since} /> to <Time at={resolvedAt} utc />, for{' '}
              {duration(Date.parse(resolvedAt) - Date.parse(since))}
            </>
          )}
        </span>
        {may('ack') && state !== 'resolved' && (
          <span class="acts">
            {state === 'firing' && acknowledged === null && <button onClick={() => act('ack')}>Acknowledge</button>}
            <button onClick={() => act('silence')}>Silence</button>
          </span>
        )}
      </header>
      <p>{summary}</p>
      {figures !== '' && <p class="faint">{figures}</p>}
      <p class="faint">
        <code>{command}</code> · {runbook}
      </p>
      {acknowledged !== null && (
        <p>
          Acknowledged by {acknowledged.by} <Age since={acknowledged.at} />
          {acknowledged.comment !== null && `: ${acknowledged.comment}`}
        </p>
      )}
      {silencedBy !== null && <p>Silenced.</p>}
      {inhibitedBy !== null && <p>{inhibitedBy} is its cause, and speaks for it.</p>}
    </article>
  );
}
