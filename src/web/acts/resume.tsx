/** Resuming: first what it would come to, then with a reason. */
import { useEffect, useState } from 'preact/hooks';
import type { VNode } from 'preact';
import type { Rebase, ResumePreview, ResumeResult } from '../../domain/ports.ts';
import { HeadroomBar, nameOf, shareOf } from '../parts/headroom.tsx';
import { ActDialog, missingReason, ReasonField } from '../parts/dialog.tsx';
import { command, strategyPath, wordsOf } from '../state/api.ts';
import { percent, plain, plural } from '../state/words.ts';
import type { Wire } from '../state/wire.ts';

type Preview = Wire<ResumePreview>;

const REBASES: readonly (readonly [Rebase, string])[] = [
  ['none', 'as they are'],
  ['peak', 'take the peak anew'],
  ['day', "take the day's reference anew"],
];

interface ResumeProps {
  /** Null: the halt of the book. */
  readonly name: string | null;
  readonly close: () => void;
}

export function ResumeDialog({ name, close }: ResumeProps): VNode {
  const path = name === null ? '/daemon/resume' : strategyPath(name, 'resume');
  const [reason, setReason] = useState('');
  const [rebase, setRebase] = useState<Rebase>('none');
  const [preview, setPreview] = useState<Preview | string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    setPreview(null);
    command<Preview>(`${path}?dryRun=true`, { rebase }).then(
      (answer) => isCurrent && setPreview(answer),
      (error: unknown) => isCurrent && setPreview(wordsOf(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [path, rebase]);
  const run = async (): Promise<readonly string[]> => {
    const answer = await command<ResumeResult & { strategies?: Record<string, ResumeResult> }>(path, {
      reason,
      rebase,
    });
    const results = name === null ? Object.entries(answer.strategies ?? {}) : [[name, answer] as const];
    return results.map(([each, { state, lifted }]) => `${each} is ${state}: ${plural(lifted.length, 'halt')} lifted.`);
  };
  return (
    <ActDialog
      title={name === null ? 'Resume the book' : `Resume ${name}`}
      verb="Resume"
      missing={missing(preview, reason)}
      run={run}
      close={close}
    >
      <PreviewOf name={name} preview={preview} />
      <label class="field">
        References of the rules
        <select value={rebase} onChange={(event) => setRebase(event.currentTarget.value as Rebase)}>
          {REBASES.map(([value, text]) => (
            <option value={value} key={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <ReasonField value={reason} set={setReason} />
    </ActDialog>
  );
}

function missing(preview: Preview | string | null, reason: string): string | undefined {
  if (preview === null) return 'Looking what it would come to.';
  if (typeof preview === 'string') return 'There is no preview.';
  return preview.wouldResume ? missingReason(reason) : 'It would not resume as it stands.';
}

interface PreviewProps extends Pick<ResumeProps, 'name'> {
  readonly preview: Preview | string | null;
}

function PreviewOf({ name, preview }: PreviewProps): VNode {
  if (preview === null) return <p>Looking what it would come to…</p>;
  if (typeof preview === 'string') return <p class="bad-text">{preview}</p>;
  const { wouldResume, wouldTrip, remains, headroom, workingOrders, unknownOrders } = preview;
  return (
    <div class="stake">
      <p>
        <strong class={wouldResume ? 'good-text' : 'bad-text'}>
          {wouldResume ? 'It would resume.' : 'It would NOT resume.'}
        </strong>{' '}
        {obstacleOf(name, preview)}
        {plural(workingOrders.length, 'working order')}, {plural(unknownOrders.length, 'order')} of unknown fate.
      </p>
      <ul>
        {wouldTrip.map(({ rule, measured, limit }) => (
          <li key={rule} class="bad-text">
            {rule} would halt it again at once: measured {plain(measured)}, limit {plain(limit)}
          </li>
        ))}
        {remains.map(({ causeId, rule, reason, scope }) => (
          <li key={causeId}>
            stays in force: {rule} of the {scope}: {reason}
          </li>
        ))}
        {headroom.map((used) => (
          <li key={nameOf(used)} class="rule-line">
            {nameOf(used)} <HeadroomBar {...used} /> {shareOf(used) === null ? 'unknown' : percent(shareOf(used)!)}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What stands in the way where no rule and no other halt does: a halt may have ended since the button was offered. */
function obstacleOf(name: string | null, { wouldResume, wouldTrip, remains }: Preview): string {
  if (wouldResume || wouldTrip.length + remains.length > 0) return '';
  return name === null ? 'No halt of the book is in force. ' : 'No halt is in force that it could lift now. ';
}
