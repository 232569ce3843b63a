/** A moment: the time of day, and the date where it is another day's; both, with the zone, where one points at it. */
import type { VNode } from 'preact';
import { today } from '../state/store.ts';
import { clockTime, wholeTime } from '../state/words.ts';

interface TimeProps {
  readonly at: string;
  /** Where no heading says it. */
  readonly utc?: boolean;
}

export function Time({ at, utc = false }: TimeProps): VNode {
  return (
    <time dateTime={at} title={wholeTime(at)}>
      {clockTime(at, today.value)}
      {utc && ' UTC'}
    </time>
  );
}
