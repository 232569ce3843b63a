/**
 * The one stream of the page (`/daemon/live`). It is read with fetch, because an EventSource cannot send a
 * token; when it is cut, or silent, it is opened again and goes on where it was.
 */
import { effect } from '@preact/signals';
import { get } from './api.ts';
import { chosenName } from './route.ts';
import { authorization, session } from './session.ts';
import {
  chosen,
  link,
  log,
  takeCurves,
  takeEvents,
  takeLog,
  takeOverview,
  type LiveEvent,
  type Overview,
  type Strategy,
} from './store.ts';

/** The daemon says something every second. */
const SILENT_MS = 4000;
/** Events of before the page was opened: more than the fleet shows at once. */
const RECENT = 100;
const SHORTEST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 4000;

let cursor: string | undefined;
let wait = SHORTEST_WAIT_MS;
let lostAt = 0;

/** Runs as long as the page; begins anew when another strategy is looked at, or somebody else sits here. */
export function follow(): void {
  let current: AbortController | undefined;
  effect(() => {
    const name = chosenName.value;
    void session.value;
    current?.abort();
    current = new AbortController();
    if (chosen.peek()?.status.strategy !== name) {
      chosen.value = null;
      log.value = [];
    }
    void keepReading(name, current.signal);
  });
}

async function keepReading(name: string | undefined, stop: AbortSignal): Promise<void> {
  let strategy = name;
  while (!stop.aborted) {
    const status = await readOnce(strategy, stop).catch(() => 0);
    if (stop.aborted) return;
    // The strategy is gone, or the cursor is one of another daemon.
    if (status === 404) strategy = undefined;
    else if (status === 400) cursor = undefined;
    else markLost(status === 401 || status === 403 ? 'refused' : 'lost');
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

function markLost(state: 'lost' | 'refused'): void {
  if (link.value.state !== state) lostAt = Date.now();
  link.value = { state, since: lostAt };
}

/** Reads until the stream ends. @returns the status of the answer */
async function readOnce(name: string | undefined, stop: AbortSignal): Promise<number> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENT_MS);
  try {
    const query = new URLSearchParams();
    if (cursor === undefined) query.set('recent', String(RECENT));
    else query.set('since', cursor);
    if (name !== undefined) query.set('strategy', name);
    const signal = AbortSignal.any([stop, silent.signal]);
    const answer = await fetch(`/daemon/live?${query}`, { headers: authorization(), signal });
    if (!answer.ok || answer.body === null) return answer.status;
    log.value = [];
    void get<Record<string, (number | null)[]>>('/daemon/equity?points=60').then(takeCurves, () => undefined);
    let rest = '';
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENT_MS);
      const lines = (rest + piece.value).split('\n');
      rest = lines.pop()!;
      take(lines);
    }
    return 0;
  } finally {
    clearTimeout(timer);
  }
}

function take(lines: readonly string[]): void {
  const events: LiveEvent[] = [];
  const logged: string[] = [];
  for (const line of lines) {
    if (line === '') continue;
    const value = JSON.parse(line) as { readonly type: string };
    if (value.type === 'overview') takeOverview(arrived(value as Overview));
    else if (value.type === 'strategy') chosen.value = value as Strategy;
    else if (value.type === 'log') logged.push((value as unknown as { readonly line: string }).line);
    else events.push(value as LiveEvent);
  }
  takeEvents(events);
  takeLog(logged);
}

function arrived(line: Overview): Overview {
  cursor = line.next;
  wait = SHORTEST_WAIT_MS;
  if (link.value.state !== 'live') link.value = { state: 'live' };
  return line;
}
