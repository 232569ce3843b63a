interface AgeProps {
  readonly since: string | null;
  readonly suffix?: string;
  readonly at?: number | undefined;
}

/** How long ago something was, moving on by itself. @param at seen from this moment, where it is not the page's */
import type { VNode } from 'preact';
import { now } from '../state/store.ts';
import { duration, wholeTime } from '../state/words.ts';

export function Age({ since, suffix = ' ago', at }: AgeProps): VNode {
  if (since === null) return <span class="unknown">never</span>;
  const ms = (at ?? now.value) - Date.parse(since);
  return (
    <time dateTime={since} title={wholeTime(since)}>
      {ms < 1000 ? 'now' : duration(ms) + suffix}
    </time>
  );
}
