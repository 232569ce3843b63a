/** One page of events, at once or when there is one (long poll). */
import type { Clock } from '../clock.ts';
import type { EventFilter, EventPage } from '../domain/events.ts';
import type { EventSource } from '../domain/ports.ts';
import { Notices } from './notices.ts';

export const isEmpty = ({ events, gap }: EventPage): boolean => events.length === 0 && gap === undefined;

/**
 * What comes after `since`, waiting up to `waitMs` for it; an empty page when nothing came. The cursor
 * of the page has passed what was filtered out.
 */
export async function waitForPage(
  source: EventSource,
  since: number,
  filter: EventFilter,
  waitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<EventPage> {
  const notices = new Notices(source, signal);
  let late = false;
  const cancel = clock.at(clock.now() + waitMs, () => {
    late = true;
    notices.nudge();
  });
  try {
    let next = since;
    for (;;) {
      const page = readAfter(source, next, filter);
      next = page.next;
      if (!isEmpty(page) || late || signal.aborted) return page;
      await notices.next();
    }
  } finally {
    cancel();
    notices.close();
  }
}

/** A page whose cursor never goes back, also when the cursor given lies ahead of everything. */
export function readAfter(source: EventSource, since: number | undefined, filter: EventFilter): EventPage {
  const page = source.read(since, filter);
  return since !== undefined && page.next < since ? { ...page, next: since } : page;
}
