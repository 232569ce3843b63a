/** Acknowledging an alert, and silencing its rule for a while. */
import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import type { AlertView } from '../../domain/alerts.ts';
import { ActDialog, missingReason, ReasonField } from '../parts/dialog.tsx';
import { command } from '../state/api.ts';
import { clockTime } from '../state/words.ts';
import type { Wire } from '../state/wire.ts';

export type Alert = Wire<AlertView>;

/** One whose cause speaks for it is told to nobody: it is no call for help. */
export const standingOf = ({ state, inhibitedBy }: Alert): Alert['state'] | 'inhibited' =>
  state === 'firing' && inhibitedBy !== null ? 'inhibited' : state;

interface AlertActProps {
  readonly alert: Alert;
  readonly close: () => void;
}

const MINUTE_MS = 60_000;
const LENGTHS = [
  [15, '15 minutes'],
  [60, '1 hour'],
  [240, '4 hours'],
  [1440, '1 day'],
] as const;

export function AckDialog({ alert, close }: AlertActProps): VNode {
  const [comment, setComment] = useState('');
  const run = async (): Promise<readonly string[]> => {
    const text = comment.trim();
    await command(`/daemon/alerts/${encodeURIComponent(alert.key)}/ack`, text === '' ? {} : { comment: text });
    return [`${alert.key} is acknowledged: it is not told again while it fires.`];
  };
  return (
    <ActDialog title={`Acknowledge ${alert.key}`} verb="Acknowledge" run={run} close={close}>
      <p>{alert.summary}</p>
      <p>Its repeats stop. It is told when it is resolved, and anew if it fires again.</p>
      <label class="field">
        Comment
        <input type="text" maxLength={500} value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      </label>
    </ActDialog>
  );
}

export function SilenceDialog({ alert, close }: AlertActProps): VNode {
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(60);
  const [p1, setP1] = useState(false);
  const { id, strategy, severity } = alert;
  const run = async (): Promise<readonly string[]> => {
    const match = { alert: id, ...(strategy !== null && { strategy }) };
    const { endsAt } = await command<{ endsAt: string }>('/daemon/silences', {
      ...match,
      forMs: minutes * MINUTE_MS,
      reason,
      ...(severity === 'P1' && { p1 }),
    });
    return [`Silent until ${clockTime(endsAt)} UTC.`];
  };
  const missing = severity === 'P1' && !p1 ? 'That it is a P1 must be said.' : missingReason(reason);
  return (
    <ActDialog title={`Silence ${alert.key}`} verb="Silence" missing={missing} run={run} close={close}>
      <p>
        {id}
        {strategy !== null && ` of ${strategy}`} is told to nobody until then. It is still shown here.
      </p>
      <label class="field">
        For
        <select value={minutes} onChange={(event) => setMinutes(Number(event.currentTarget.value))}>
          {LENGTHS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {severity === 'P1' && (
        <label class="check">
          <input type="checkbox" checked={p1} onChange={(event) => setP1(event.currentTarget.checked)} />
          Yes, this keeps a P1 alert from waking anybody
        </label>
      )}
      <ReasonField value={reason} set={setReason} />
    </ActDialog>
  );
}
