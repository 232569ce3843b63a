/** A strategy's events on a real server, with a real journal, and the strategy a pump that a test works. */
import { onTestFinished } from 'vitest';
import { CommitQueue } from '../../src/actors/commit-queue.ts';
import { DaemonEvents } from '../../src/actors/daemon-events.ts';
import { JournalMemory } from '../../src/actors/memory.ts';
import { WallClock } from '../../src/clock.ts';
import { TRADING_EVENT_TYPES, type EventBody } from '../../src/domain/events.ts';
import type { EventPort } from '../../src/domain/ports.ts';
import { EventRings } from '../../src/streams/event-rings.ts';
import { ScriptedStrategy } from '../doubles/strategy-port.ts';
import { serveStrategy } from '../http/support.ts';
import type { Journals } from '../store/journal-fixture.ts';

export class EventScene {
  readonly port: number;
  readonly events: EventPort<number>;
  readonly rings: EventRings;
  readonly #commits: CommitQueue;

  private constructor(port: number, events: EventPort<number>, rings: EventRings, commits: CommitQueue) {
    this.port = port;
    this.events = events;
    this.rings = rings;
    this.#commits = commits;
  }

  static async open(journals: Journals): Promise<EventScene> {
    const memory = new JournalMemory(await journals.open(journals.directory()));
    const clock = new WallClock();
    const daemon = new DaemonEvents(clock);
    daemon.remember(memory);
    const rings = new EventRings({ strategy: 's', clock, order: daemon.order });
    const events = daemon.join('s', rings);
    const strategy = Object.create(new ScriptedStrategy('s'), { events: { value: events } }) as ScriptedStrategy;
    const { port, close } = await serveStrategy({ strategy });
    onTestFinished(close);
    return new EventScene(port, events, rings, new CommitQueue(memory.turns('s'), rings, () => null));
  }

  /** As a strategy's book records it. */
  record(body: EventBody, ts: number): void {
    const journaled = TRADING_EVENT_TYPES.has(body.type);
    if (journaled) this.#commits.begin();
    const event = this.rings.append(body, ts);
    if (journaled) this.#commits.add(event);
  }

  /** Waits until all that was recorded is on disk and shown. */
  async settle(): Promise<void> {
    await this.#commits.settle();
  }
}
