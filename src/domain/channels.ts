/** The ways in which alerts reach people. */

/** The daemon's log: a channel that needs no configuration and is told every message. */
export const LOG_CHANNEL = 'log';

/** A way to tell somebody, and how it does. */
export interface ChannelView {
  readonly name: string;
  readonly type: string;
  /** `ready`, `sending`, `waiting` (after a failure), `limited` (its rate is used up), `closed`. */
  readonly state: string;
  /** Messages that reached it, that did not, and that were dropped because too many waited. */
  readonly delivered: number;
  readonly failed: number;
  readonly dropped: number;
  /** When a message last reached it, a canary included. */
  readonly lastProven: string | null;
  readonly lastError: string | null;
}

/** What a test message came to. */
export interface ChannelTest {
  readonly channel: string;
  readonly delivered: boolean;
  readonly tookMs: number;
  readonly error: string | null;
}
