/** What is about to happen, in figures, before it does; then what came of it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, VNode } from 'preact';
import { wordsOf } from '../state/api.ts';

interface DialogProps {
  readonly title: string;
  /** Of the button that does it. */
  readonly verb: string;
  /** Why it cannot be done as it stands; the button waits. */
  readonly missing?: string | undefined;
  readonly run: () => Promise<readonly string[]>;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

type Phase =
  { readonly is: 'asking' | 'running' } | { readonly is: 'done' | 'failed'; readonly lines: readonly string[] };

export function ActDialog({ title, verb, missing, run, close, children }: DialogProps): VNode {
  const element = useRef<HTMLDialogElement>(null);
  const [phase, setPhase] = useState<Phase>({ is: 'asking' });
  useEffect(() => element.current?.showModal(), []);
  const act = (): void => {
    setPhase({ is: 'running' });
    run().then(
      (lines) => setPhase({ is: 'done', lines }),
      (error: unknown) => setPhase({ is: 'failed', lines: [wordsOf(error)] }),
    );
  };
  return (
    <dialog ref={element} aria-labelledby="act-title" onClose={close}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          if (phase.is === 'asking' && missing === undefined) act();
        }}
      >
        <h2 id="act-title">{title}</h2>
        {phase.is === 'asking' && children}
        <div aria-live="polite" class="outcome">
          {phase.is === 'running' && <p>Under way. This waits for the outcome.</p>}
          {(phase.is === 'done' || phase.is === 'failed') && (
            <>
              <p class={phase.is === 'done' ? 'good-text' : 'bad-text'}>
                {phase.is === 'done' ? 'Done.' : 'Refused or failed.'}
              </p>
              {phase.lines.map((line) => (
                <p key={line}>{line}</p>
              ))}
            </>
          )}
        </div>
        <footer>
          {phase.is === 'asking' && missing !== undefined && <span class="missing">{missing}</span>}
          <button type="button" onClick={() => element.current?.close()}>
            {phase.is === 'asking' ? 'Cancel' : 'Close'}
          </button>
          {phase.is === 'asking' && (
            <button type="submit" class="danger" disabled={missing !== undefined}>
              {verb}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}

interface ReasonProps {
  readonly value: string;
  readonly set: (value: string) => void;
}

/** It is kept in the journal with the name of the token. */
export function ReasonField({ value, set }: ReasonProps): VNode {
  return (
    <label class="field">
      Reason (kept in the journal)
      <input
        type="text"
        name="reason"
        maxLength={500}
        required
        autoComplete="off"
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

export const missingReason = (reason: string): string | undefined =>
  reason.trim() === '' ? 'A reason is needed.' : undefined;
