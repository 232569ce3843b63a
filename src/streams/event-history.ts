/** The trading events of a strategy that are on disk. The rings are a window on its end. */
import type { QktEvent } from '../domain/events.ts';
import type { Zone } from './window.ts';

export interface EventHistory {
  /** Events numbered above `since`, oldest first, at most so many. Read at once. */
  after(since: number, most: number): readonly QktEvent[];
  /**
   * Numbers up to `upTo` whose events it does not have: what compaction has deleted, and what is not on disk.
   * @param journalSeq up to which events must be there for none to be missing at the end.
   */
  missing(upTo: number, journalSeq: number): readonly Zone[];
}
