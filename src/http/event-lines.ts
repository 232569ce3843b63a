/** Events as they go over the wire: one JSON object a line, or the same as server-sent events. */
import type { EventPage, QktEvent } from '../domain/events.ts';
import { toJson } from '../domain/json.ts';
import { iso } from '../domain/time.ts';

/** Many readers get the same event; it is written once. */
const written = new WeakMap<QktEvent, string>();

export interface EventFraming {
  readonly contentType: string;
  /** Keeps an idle connection from being taken for a dead one. */
  readonly keepAlive: string;
  line(json: string, seq: number): string;
}

export const NDJSON: EventFraming = {
  contentType: 'application/x-ndjson',
  keepAlive: '\n',
  line: (json) => `${json}\n`,
};

export const SSE: EventFraming = {
  contentType: 'text/event-stream',
  keepAlive: ':\n\n',
  line: (json, seq) => `id: ${seq}\ndata: ${json}\n\n`,
};

/** An event as readers see it: its place first, the time as ISO text. */
export function eventObject({ seq, journalSeq, ts, type, strategy, ...rest }: QktEvent): object {
  return { seq, ...(journalSeq === undefined ? {} : { journalSeq }), ts: iso(ts), type, strategy, ...rest };
}

/** All of a page, a gap first: loss is never silent. */
export function pageObjects({ gap, events }: EventPage): readonly object[] {
  const objects = events.map(eventObject);
  return gap === undefined ? objects : [{ type: 'gap', from: gap.from, to: gap.to }, ...objects];
}

export function pageText({ gap, events }: EventPage, framing: EventFraming): string {
  // A slow lane's events may follow from inside the gap: a reader that is cut here must get them yet.
  let text = gap === undefined ? '' : framing.line(toJson({ type: 'gap', from: gap.from, to: gap.to }), gap.from - 1);
  for (const event of events) text += framing.line(eventJson(event), event.seq);
  return text;
}

function eventJson(event: QktEvent): string {
  let json = written.get(event);
  if (json === undefined) {
    json = toJson(eventObject(event));
    written.set(event, json);
  }
  return json;
}
