/** Why a strategy is halted, with the figures of it; or why it does not answer. */
import type { VNode } from 'preact';
import type { Strategy } from '../state/store.ts';
import { plain } from '../state/words.ts';
import { Age } from './age.tsx';

type Status = Strategy['status'];

export function HaltNotice({ status }: { readonly status: Status }): VNode | null {
  const { riskState, lastError, state, latched, losses } = status;
  const at = marketTime(status);
  const trouble = state === 'unresponsive' || state === 'crashed' || state === 'failed';
  if (!riskState.halted && !trouble) return null;
  return (
    <div class={`notice ${trouble ? 'bad' : 'held'}`} role="status">
      {trouble && (
        <p>
          <strong>It is {state}.</strong>{' '}
          {state === 'unresponsive' ? 'Its code does not answer; halt and stop work without it. ' : ''}
          {latched ?? lastError?.message ?? losses.at(-1)?.detail ?? ''}
        </p>
      )}
      {riskState.causes.map(
        ({ causeId, rule, scope, reason, since, by, measured, limit, formula, inputs, durable, restored }) => (
          <div key={causeId} class="cause">
            <p>
              <strong>
                Halted by {rule}
                {scope === 'book' && ' of the book'}:
              </strong>{' '}
              {reason} (<Age since={since} at={at} />, {by === null ? 'by its rule' : `by ${by}`}
              {restored === true && ', brought back by a start'}
              {durable === false && ', NOT on disk'})
            </p>
            {formula !== undefined && (
              <p class="faint">
                {formula}: measured {plain(measured)}, limit {plain(limit)}
                {inputs !== undefined &&
                  `, with ${Object.entries(inputs)
                    .map(([key, value]) => `${key} ${plain(value)}`)
                    .join(', ')}`}
              </p>
            )}
          </div>
        ),
      )}
      {riskState.blocked !== undefined && <p class="faint">Blocked: {riskState.blocked}</p>}
    </div>
  );
}

/** A replay lives in a time of its own, and so do its halts. */
function marketTime({ data: { lastTickAt, ageMs } }: Status): number | undefined {
  return lastTickAt === null || ageMs === null ? undefined : Date.parse(lastTickAt) + ageMs;
}
