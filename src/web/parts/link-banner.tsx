/** Says that the daemon is lost, or wants a token, as long as that is so. */
import type { VNode } from 'preact';
import { linkError } from '../state/session.ts';
import { asOf, link, now } from '../state/store.ts';
import { clockTime, duration } from '../state/words.ts';

export function LinkBanner(): VNode | null {
  const { value } = link;
  if (value.state === 'lost')
    return (
      <div class="banner bad" role="alert">
        <strong>The daemon is lost</strong> for {duration(now.value - value.since)}.{' '}
        {asOf.value === null
          ? 'Nothing has been heard of it yet.'
          : `What is shown is of ${clockTime(asOf.value)} UTC, and may not be so any more.`}{' '}
        Trying again by itself.
      </div>
    );
  if (value.state === 'refused')
    return (
      <div class="banner held" role="alert">
        <strong>Reading needs a token here.</strong> <code>qkt dashboard</code> prints a link that brings one;{' '}
        <code>qkt dashboard --read-only</code> one that can only look.
      </div>
    );
  if (linkError.value !== null)
    return (
      <div class="banner held" role="alert">
        {linkError.value}
      </div>
    );
  return null;
}
