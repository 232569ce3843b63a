/** One page of events, at once or when there is one (long poll). */
import type { Clock } from '../clock.ts';
import { isGap, type EventFilter, type EventItem, type EventPage } from '../domain/events.ts';
import type { EventSource } from '../domain/ports.ts';
import { Notices } from './notices.ts';

/** As many events as the filter allows, read in pieces so that others have their turns in between. */
export async function readPage<Cursor>(
  source: EventSource<Cursor>,
  since: Cursor | undefined,
  filter: EventFilter,
): Promise<EventPage<Cursor>> {
  let page = source.read(since, filter);
  const { from } = page;
  const items: EventItem[] = [...page.items];
  let left = filter.limit - countEvents(page.items);
  while (page.more && left > 0) {
    await nextTurn();
    page = source.read(page.next, { ...filter, limit: left });
    left -= countEvents(page.items);
    items.push(...page.items);
  }
  return { ...page, from, items };
}

/**
 * What comes after `since`, waiting up to `waitMs` for it; an empty page when nothing came. The cursor
 * of the page has passed what was filtered out.
 */
export async function waitForPage<Cursor>(
  source: EventSource<Cursor>,
  since: Cursor,
  filter: EventFilter,
  waitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<EventPage<Cursor>> {
  const notices = new Notices(source, signal);
  let late = false;
  const cancel = clock.at(clock.now() + waitMs, () => {
    late = true;
    notices.nudge();
  });
  try {
    let next = since;
    for (;;) {
      const page = await readPage(source, next, filter);
      next = page.next;
      if (page.items.length > 0 || late || signal.aborted) return page;
      await notices.next();
    }
  } finally {
    cancel();
    notices.close();
  }
}

/** Gaps are not counted. */
export const countEvents = (items: readonly EventItem[]): number => items.filter((item) => !isGap(item)).length;

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
