/** How long ago something was, moving on by itself. */
import type { VNode } from 'preact';
import { now } from '../state/store.ts';
import { duration } from '../state/words.ts';

export function Age({ since, suffix = ' ago' }: { readonly since: string | null; readonly suffix?: string }): VNode {
  if (since === null) return <span class="unknown">never</span>;
  const ms = now.value - Date.parse(since);
  return (
    <time dateTime={since} title={since}>
      {ms < 1000 ? 'now' : duration(ms) + suffix}
    </time>
  );
}
