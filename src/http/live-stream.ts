/**
 * `/daemon/live`: everything that the dashboard shows, on one connection, because a browser allows six to a
 * host. Events as they happen; rows of the fleet, the strategy that is looked at and its log, conflated.
 */
import type { Cancel } from '../clock.ts';
import { EVENT_TYPES, type EventType } from '../domain/events.ts';
import { memberName, toJson } from '../domain/json.ts';
import type { LogLine, OverviewLine } from '../domain/overview.ts';
import type { DaemonPort } from '../domain/ports.ts';
import { iso } from '../domain/time.ts';
import type { Positions } from '../domain/cursors.ts';
import { lines } from './event-lines.ts';
import { nextTurn } from './event-poll.ts';
import type { StreamContext } from './open-stream.ts';
import { pause } from './pause.ts';
import { OVERVIEW_EVERY_MS, type Overview } from './overview.ts';
import type { PacedWriter } from './paced-writer.ts';
import { viewJson } from './view-json.ts';

const STRATEGY_EVERY_MS = 500;
const LOG_LINES = 200;
const EVENTS_EVERY_MS = 500;
const PAGE = 250;
/** Quotes and bars are the strategies' business: a page shows what came of them. */
const LIVE_TYPES: ReadonlySet<EventType> = new Set(EVENT_TYPES.filter((type) => type !== 'tick' && type !== 'bar'));

export interface LiveRequest {
  readonly daemon: DaemonPort;
  readonly overview: Overview;
  /** Undefined: what comes from now on. */
  readonly since: Positions | undefined;
  /** How many of the latest events come first; only without `since`. */
  readonly recent: number;
  /** Name of the one that is looked at. */
  readonly strategy: string | undefined;
}

/** One reader of the stream. */
export class LiveStream {
  readonly #request: LiveRequest;
  readonly #context: StreamContext;
  readonly #writer: PacedWriter;
  readonly #signal: AbortSignal;
  /** Rows by name, as the line before had them. */
  #sent: ReadonlyMap<string, string> | undefined;
  #cursor: Positions;
  readonly #recent: string;
  #more = false;
  #strategyText = '';

  constructor(request: LiveRequest, context: StreamContext, writer: PacedWriter, signal: AbortSignal) {
    this.#request = request;
    this.#context = context;
    this.#writer = writer;
    this.#signal = signal;
    const { events } = request.daemon;
    const { items, next } = context.share.spend(() =>
      events.source.newest({ types: LIVE_TYPES, limit: request.since === undefined ? request.recent : 0 }),
    );
    this.#cursor = request.since ?? next;
    this.#recent = lines(items);
  }

  /** Settles when the reader has gone. @throws what telling has come to: the stream ends, and nothing else does */
  async run(): Promise<void> {
    const { clock } = this.#context;
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const repeat = (ms: number, tell: () => void): Cancel => {
      tell();
      return clock.every(ms, () => {
        try {
          tell();
        } catch (error) {
          fail(error);
        }
      });
    };
    const timers = [repeat(OVERVIEW_EVERY_MS, () => this.#tellOverview())];
    const { strategy } = this.#request;
    if (strategy !== undefined) {
      timers.push(repeat(STRATEGY_EVERY_MS, () => this.#tellStrategy(strategy)));
      void this.#followLog(strategy);
    }
    try {
      await Promise.race([this.#followEvents(), failed]);
    } finally {
      for (const cancel of timers) cancel();
    }
  }

  /** A few times a second, not with every change: of quotes, which change all the time, nothing is told. */
  async #followEvents(): Promise<void> {
    const { source } = this.#request.daemon.events;
    const { share, clock } = this.#context;
    const read = (): string =>
      share.spend(() => {
        const page = source.read(this.#cursor, { types: LIVE_TYPES, limit: PAGE });
        this.#cursor = page.next;
        this.#more = page.more;
        return lines(page.items);
      });
    this.#writer.write(this.#recent);
    while (!this.#signal.aborted) {
      this.#writer.write(read());
      if (!(await this.#writer.room())) break;
      await (this.#more ? nextTurn() : pause(clock, EVENTS_EVERY_MS, this.#signal));
      await share.turn(this.#signal);
    }
    // A closing server tells what happened last.
    this.#writer.last(read());
  }

  /** A reader that is behind is not given more to read: the next line has all that has changed. */
  #tellOverview(): void {
    if (!this.#writer.keepsUp) return;
    this.#context.share.spend(() => {
      const { daemon, overview } = this.#request;
      const { health, names, rows } = overview.now();
      const before = this.#sent;
      const changed = rows.filter((row, index) => row !== before?.get(names[index]!));
      const hasOthers = names.length !== before?.size || names.some((name) => !before.has(name));
      this.#sent = new Map(names.map((name, index) => [name, rows[index]!]));
      const line: Omit<OverviewLine, 'rows'> = {
        type: 'overview',
        asOf: iso(this.#context.clock.now()),
        health,
        next: daemon.events.source.form.format(this.#cursor),
        ...(hasOthers && { names }),
      };
      this.#writer.write(`${toJson(line).slice(0, -1)},${memberName('rows')}[${changed.join(',')}]}\n`);
    });
  }

  /** One that was removed meanwhile is not told any more; one of its name that came after it is. */
  #tellStrategy(name: string): void {
    const strategy = this.#request.daemon.strategy(name);
    if (!this.#writer.keepsUp || strategy === undefined) return;
    this.#context.share.spend(() => {
      const members = { status: strategy.status(), health: strategy.health(), machine: strategy.machine() };
      const parts = Object.entries(members).map(([name, view]) => memberName(name) + viewJson(view));
      const text = `{"type":"strategy",${parts.join(',')}}\n`;
      if (text === this.#strategyText) return;
      this.#strategyText = text;
      this.#writer.write(text);
    });
  }

  async #followLog(name: string): Promise<void> {
    const strategy = this.#request.daemon.strategy(name);
    if (strategy === undefined) return;
    try {
      for await (const line of strategy.logs.follow({ lines: LOG_LINES, format: 'text' }, this.#signal)) {
        const told: LogLine = { type: 'log', line };
        this.#writer.write(`${toJson(told)}\n`);
        if (!(await this.#writer.room())) return;
      }
    } catch {
      // A log that cannot be read keeps nothing else from being shown.
    }
  }
}
